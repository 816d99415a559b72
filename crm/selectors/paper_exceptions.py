"""What is wrong with order papers, ranked by the money in them.

Each kind of exception is one condition on the tables, so that a list of a hundred thousand papers is
narrowed, counted and ranked by the database.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from core import company
from core.models import Person
from crm.engine.paper_moves import OPEN
from crm.engine.paper_policy import Limits
from crm.models import OrderPaper
from crm.selectors.papers import MONEY, limits, papers_visible_to, today

# Who approved the quote of a deal approved the order that follows from it.
APPROVED = OrderPaper.objects.filter(deal=OuterRef("deal"), approved_by__isnull=False)
OUT = ("sent", "signed", "invoiced")  # somebody outside has it
BILLABLE = ("contract", "order")


@dataclass(frozen=True)
class Rules:
    """What the conditions compare with: the day, the moment before which an approval waits too long, and
    the company's limits."""

    day: dt.date
    waiting_since: dt.datetime
    limits: Limits

    @classmethod
    def now(cls) -> "Rules":
        """The company's settings as of this moment."""
        days = dt.timedelta(days=company.value("paper_wait_days"))
        return cls(today(), timezone.now() - days, limits())


@dataclass(frozen=True)
class Kind:
    """A kind of exception: its name on pages, what to do about it, and when a paper is one."""

    code: str
    label: str
    advice: str
    tone: str
    condition: Callable[[Rules], Q]


KINDS = (
    Kind(
        "late",
        "Late",
        "Its day has passed. Ask the customer, deliver, or collect the money; then move the paper on.",
        "bad",
        lambda rules: Q(state__in=OPEN, due__lt=rules.day),
    ),
    Kind(
        "unapproved",
        "Out without approval",
        "It went out above the limits of discount or amount, and nobody approved it or another paper of its "
        "deal. Approve it afterwards, or stop it.",
        "bad",
        lambda rules: (
            Q(state__in=OUT, approved_by=None)
            & ~Q(kind="invoice")
            & ~Exists(APPROVED)
            & (
                Q(discount_percent__gt=rules.limits.discount_percent)
                | Q(worth__gt=rules.limits.money)
                | Q(worth=None, amount__isnull=False)
            )
        ),
    ),
    Kind(
        "no_document",
        "Document missing",
        "Nobody can look up what was agreed. Add the address of the document.",
        "warn",
        lambda rules: Q(state__in=OUT, document=""),
    ),
    Kind(
        "undelivered",
        "Invoiced before delivery",
        "The customer has a bill for what has not come yet. Report the delivery, or mend the invoice.",
        "warn",
        lambda rules: Q(state__in=("invoiced", "paid"), kind__in=BILLABLE, delivered_percent__lt=100),
    ),
    Kind(
        "waiting",
        "Waits for approval",
        "It was handed in some days ago. Approve it or send it back.",
        "warn",
        lambda rules: Q(state="approval", changed_state__lt=rules.waiting_since),
    ),
    Kind(
        "no_due_day",
        "No due day",
        "Nobody will notice when it is late. Say by when the next step is due.",
        "warn",
        lambda rules: Q(state__in=OUT, due=None),
    ),
    Kind(
        "no_account",
        "No account",
        "Its system has not said who the customer is. Map the account, or mend it there.",
        "warn",
        lambda rules: Q(account=None, state__in=(*OUT, "paid")),
    ),
    Kind(
        "deal_lost",
        "Its deal is lost",
        "The deal is lost, but this paper is still open. Cancel it, or reopen the deal.",
        "warn",
        lambda rules: Q(state__in=OPEN, deal__stage__kind="lost"),
    ),
)


def exceptions_visible_to(user: Person | None) -> QuerySet[OrderPaper]:
    """The papers a person may see that something is wrong with, the dearest first. Each has `worth` and
    a boolean `is_<kind>` of every kind; `kinds_of` reads them."""
    return exceptions_among(papers_visible_to(user)).order_by("-rank", "pk")  # type: ignore[misc]


def exceptions_among(papers: QuerySet[OrderPaper]) -> QuerySet[OrderPaper]:
    """Those of the papers that something is wrong with."""
    rules, anything = Rules.now(), Q()
    for kind in KINDS:
        anything |= kind.condition(rules)
    return marked(papers, rules).filter(anything)


def marked(papers: QuerySet[OrderPaper], rules: Rules | None = None) -> QuerySet[OrderPaper]:
    """The papers with a boolean `is_<kind>` of every kind of exception."""
    told = rules or Rules.now()
    return papers.annotate(**{f"is_{kind.code}": _holds(kind.condition(told)) for kind in KINDS})


def _holds(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def kinds_of(paper: Any) -> list[Kind]:
    """What is wrong with a paper that `marked` has read, the worst first."""
    return [kind for kind in KINDS if getattr(paper, f"is_{kind.code}")]


def counts_of(papers: QuerySet[OrderPaper]) -> dict[str, Any]:
    """Of papers that `marked` has read: how many in all, how many of each kind, and their money."""
    counted = {kind.code: Count("pk", filter=Q(**{f"is_{kind.code}": True})) for kind in KINDS}
    money = Sum("worth", output_field=MONEY)
    return papers.order_by().aggregate(count=Count("pk"), money=money, **counted)
