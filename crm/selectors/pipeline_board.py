"""The board: a column for each open stage with its sums and its first deals."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from core.models import Person
from crm.models import Deal, DealStage, StageKind
from crm.selectors.deals import deal_stages_visible_to
from crm.selectors.pipeline_deals import AMOUNT, IS_OPEN, WEIGHTED, bare
from crm.selectors.pipeline_signs import marked

CARDS = 12
ORDERS = {
    "amount": (F("base_amount").desc(nulls_last=True), F("pk")),
    "close": (F("expected_close").asc(nulls_last=True), F("pk")),
    "age": (F("entered_stage").asc(nulls_last=True), F("pk")),
}


@dataclass(frozen=True)
class BoardColumn:
    """A stage's open deals: how many, their money and weighted money (base currency), the first few."""

    stage: DealStage
    deals: int
    amount: Decimal
    weighted: Decimal
    cards: list[Deal]

    @property
    def more(self) -> int:
        """How many deals are not shown."""
        return self.deals - len(self.cards)


def board(user: Person | None, deals: QuerySet[Deal], order: str = "amount") -> list[BoardColumn]:
    """The columns of some pipeline deals, with cards in the order of `ORDERS`. Three queries."""
    deals = deals.filter(IS_OPEN)
    sums = {row["stage"]: row for row in _sums(deals)}
    cards = _by_stage(_first(deals, order))
    none = {"deals": 0, "amount": Decimal(0), "weighted": Decimal(0)}
    found = []
    for stage in deal_stages_visible_to(user).filter(kind=StageKind.OPEN).order_by("position"):
        row = sums.get(stage.pk, none)
        shown = cards.get(stage.pk, [])
        found.append(BoardColumn(stage, row["deals"], row["amount"], row["weighted"], shown))
    return found


def _sums(deals: QuerySet[Deal]) -> Iterable[Any]:
    return (
        bare(deals)
        .values("stage")
        .annotate(
            deals=Count("pk"),
            amount=Sum(AMOUNT, default=Decimal(0)),
            weighted=Sum(WEIGHTED, default=Decimal(0)),
        )
    )


def _first(deals: QuerySet[Deal], order: str) -> QuerySet[Deal]:
    """The first cards of each stage. The ranking knows nothing but keys: cards are read by them."""
    place = Window(RowNumber(), partition_by=F("stage"), order_by=list(ORDERS[order]))
    ranked = bare(deals).annotate(place=place).filter(place__lte=CARDS).values("pk")
    keys = [row["pk"] for row in ranked]
    rows = marked(deals.filter(pk__in=keys)).select_related("account", "rep", "stage", "product")
    return rows.order_by(*ORDERS[order])


def _by_stage(cards: Iterable[Deal]) -> dict[int, list[Deal]]:
    found: dict[int, list[Deal]] = {}
    for deal in cards:
        if deal.stage_id is not None:
            found.setdefault(deal.stage_id, []).append(deal)
    return found
