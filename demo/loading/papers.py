"""The order papers of the demo's deals: an export of the ERP, and quotes that people write here."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from django.db import transaction

from catalog.models import Currency
from core.roles import Role
from crm.models import Deal, OrderPaper, StageKind
from crm.selectors.deals import live
from crm.services.paper_moves import move_paper
from crm.services.papers import create_paper
from demo.company import File
from demo.company.papers import Quote, Sold, as_billed, erp_papers, own_quotes
from demo.company.trade import BASE_CURRENCY
from demo.loading.files import import_files
from demo.loading.people import People

ERP = "erp"
DECIDES = {"approve", "reject"}
SENT_BACK = "The discount is more than the season's offer allows; ten percent is enough here."


def load_papers(people: People, *, seed: int, today: dt.date, say: Callable[[str], None]) -> None:
    """Import what the ERP knows of the won deals, and write the quotes of the open ones. Papers that are
    there stay as they are."""
    deals = _sold()
    rows = erp_papers(deals, seed, today)
    if len(rows) and not OrderPaper.objects.filter(source=ERP).exists():
        files = [("order-papers-billed.csv", as_billed(rows)), ("order-papers.csv", rows)]
        import_files(
            [File(name, "order_papers", ERP, some) for name, some in files if len(some)], people, say
        )
    written = set(OrderPaper.objects.exclude(source=ERP).values_list("deal__external_id", flat=True))
    for quote in own_quotes(deals, today):
        if quote.deal.key not in written:
            _write(quote, people)


def _sold() -> list[Sold]:
    """The live deals that somebody has put an amount and an account to."""
    deals = live(Deal.objects.all()).filter(amount__gt=0, account__isnull=False)
    deals = (
        deals.exclude(stage__kind=StageKind.LOST).select_related("account", "stage").order_by("external_id")
    )
    return [
        Sold(
            crm=deal.source,
            key=deal.external_id,
            account=deal.account.code if deal.account else "",
            currency=deal.currency_id or BASE_CURRENCY,
            amount=deal.amount or Decimal(0),
            closed=deal.closed if deal.stage and deal.stage.kind == StageKind.WON else None,
        )
        for deal in deals
        if deal.stage and (deal.stage.kind == StageKind.OPEN or deal.closed)
    ]


@transaction.atomic
def _write(quote: Quote, people: People) -> None:
    """The coordinator writes, the S&OP manager decides."""
    deal = Deal.objects.get(source=quote.deal.crm, external_id=quote.deal.key)
    paper = create_paper(
        actor=people[Role.COORDINATOR],
        values={
            "kind": "quote",
            "deal": deal,
            "amount": round(quote.deal.amount * (1 - quote.discount / 100), 2),
            "currency": Currency.objects.get(code=quote.deal.currency),
            "discount_percent": quote.discount,
            "due": quote.due,
            "document": quote.document,
        },
    )
    for name in quote.moves:
        actor = people[Role.MANAGER if name in DECIDES else Role.COORDINATOR]
        paper = move_paper(actor=actor, paper=paper, name=name, reason=SENT_BACK if name == "reject" else "")
