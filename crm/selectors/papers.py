"""Every read of order papers. Who sees the account or the deal of a paper sees the paper."""

import datetime as dt
from decimal import Decimal

from django.db.models import Case, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.models import MonthRate
from catalog.selectors import base_currency
from catalog.selectors.rates import AS_RATE, ONE
from core import company
from core.models import Person
from crm.engine.paper_moves import OPEN
from crm.engine.paper_policy import Limits, Terms
from crm.models import OrderPaper
from crm.selectors.accounts import accounts_visible_to
from crm.selectors.deals import deals_visible_to

HERE = "here"
MONEY = DecimalField(max_digits=18, decimal_places=4)
SHOWN_WITH = (
    *("account__owner__person", "deal__rep__person", "deal__account", "deal__stage", "currency", "owner"),
    *("follows", "submitted_by", "approved_by"),
)


def limits() -> Limits:
    """What goes out without approval, as the company settings say today."""
    return Limits(company.value("paper_discount_percent"), company.value("paper_money"))


def today() -> dt.date:
    """The day in the company's time zone, against which papers are due."""
    return timezone.localdate()


def papers_visible_to(user: Person | None) -> QuerySet[OrderPaper]:
    """The papers of the accounts or deals that a person may see, each with its `worth`."""
    rows = OrderPaper.objects.filter(is_deleted=False)
    if user is not None:
        accounts = accounts_visible_to(user).order_by().values("pk")
        deals = deals_visible_to(user).order_by().values("pk")
        rows = rows.filter(Q(account__in=accounts) | Q(deal__in=deals) | Q(account=None, deal=None))
    return with_worth(rows).select_related(*SHOWN_WITH)


def with_worth(rows: QuerySet[OrderPaper]) -> QuerySet[OrderPaper]:
    """Each paper with `worth`: its amount in base currency at the latest month's rate; null where the
    currency has none. An amount without a currency is in base currency. `rank` sorts by it, the unknown
    last."""
    known = MonthRate.objects.filter(currency=OuterRef("currency"), month__lte=today())
    rate = Case(
        When(Q(currency=None) | Q(currency=base_currency()), then=Value(ONE, AS_RATE)),
        default=Subquery(known.order_by("-month").values("rate")[:1], output_field=AS_RATE),
        output_field=AS_RATE,
    )
    return rows.annotate(worth=F("amount") * rate).annotate(
        rank=Coalesce("worth", Value(Decimal(-1)), output_field=MONEY)
    )


def terms_of(paper: OrderPaper) -> Terms:
    """What the policy looks at. The paper comes from `with_worth`."""
    return Terms(paper.discount_percent, paper.worth)  # type: ignore[attr-defined]


def chain_of(user: Person | None, paper: OrderPaper) -> QuerySet[OrderPaper]:
    """The other papers of the same deal, or that follow each other, the oldest first."""
    related = Q(follows=paper) | Q(pk=paper.follows_id)
    if paper.deal_id:
        related |= Q(deal=paper.deal_id)
    return papers_visible_to(user).filter(related).exclude(pk=paper.pk).order_by("pk")


def sums_of(papers: QuerySet[OrderPaper]) -> dict[str, Decimal]:
    """What the papers are worth in base currency: open, not paid though due, and signed but not delivered."""
    due = Q(state__in=OPEN, due__lt=today())
    owed = (1 - F("delivered_percent") / 100) * F("worth")
    billable = Q(kind__in=("order", "contract"), state__in=("signed", "invoiced"))
    zero = Value(Decimal(0), MONEY)
    return papers.order_by().aggregate(
        open=Coalesce(Sum("worth", filter=Q(state__in=OPEN), output_field=MONEY), zero),
        late=Coalesce(Sum("worth", filter=due, output_field=MONEY), zero),
        undelivered=Coalesce(Sum(owed, filter=billable, output_field=MONEY), zero),
        unpaid=Coalesce(
            Sum("worth", filter=Q(state="invoiced") | Q(kind="invoice", state="sent"), output_field=MONEY),
            zero,
        ),
    )


def accountable(paper: OrderPaper) -> str:
    """Who looks after a paper: its owner, else who sells the deal, else who has the account."""
    if paper.owner is not None:
        return paper.owner.name
    if paper.deal is not None and paper.deal.rep is not None:
        return paper.deal.rep.name
    return paper.account.owner.name if paper.account and paper.account.owner else ""
