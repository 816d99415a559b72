"""The open deals that stage 2 may hear: whole, or line by line where they have lines."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from catalog.engine.months import add_months
from core.models import Person
from crm.models import Deal, ForecastCategory, StageKind
from crm.selectors.deals import live_deals_visible_to
from forecasting.models import DealForecast
from forecasting.selectors.deals import chances_of
from planning.engine.pipeline_stream import OpenDeal
from planning.models import Cycle, PipelineShare, PipelineTake

CHANCE = Decimal("0.0001")
COLUMNS = (
    *("pk", "product", "product__family", "expected_close", "chance", "category", "stage__category"),
    *("place", "amount", "base_amount", "lines__pk", "lines__product", "lines__product__family"),
    *("lines__quantity", "lines__amount"),
)


def open_deals(user: Person | None) -> QuerySet[Deal]:
    """The live deals in an open stage that a person may see."""
    return live_deals_visible_to(user).filter(stage__kind=StageKind.OPEN)


def read_deals(user: Person | None, made: DealForecast | None = None) -> Iterator[OpenDeal]:
    """The open deals by line. The chance is the deal's own, else its stage's; the market is that of the
    account, else that of the rep. Two queries.

    With a deal forecast its chance and month count, but for deals that it does not know and for those that
    their CRM expects only after the forecast's last month: their CRM's word stays.
    """
    told = chances_of(made)
    last = add_months(max(month for _, month in told.values()), 1) if told else None
    rows = open_deals(user).annotate(
        chance=Coalesce("probability", "stage__probability"),
        place=Coalesce(F("account__market"), F("rep__market")),
    )
    for row in rows.order_by("pk", "lines__position").values(*COLUMNS).iterator(2000):
        _judge(row, told, last)
        yield _whole(row) if row["lines__pk"] is None else _line(row)


def _judge(row: dict[str, Any], told: dict[int, tuple[float, dt.date]], last: dt.date | None) -> None:
    """Put the deal forecast's word in the place of the CRM's, within the forecast's months."""
    known, closes = told.get(row["pk"]), row["expected_close"]
    if known is None or (last and closes and closes >= last):
        return
    chance, month = known
    row["chance"] = Decimal(str(chance)).quantize(CHANCE)
    if closes is None or closes.replace(day=1) != month:
        row["expected_close"] = month


def _whole(row: dict[str, Any]) -> OpenDeal:
    return OpenDeal(quantity=None, amount=row["base_amount"], **_shared(row))


def _line(row: dict[str, Any]) -> OpenDeal:
    """A line is in the deal's currency: its worth is the deal's rate times its amount."""
    own = row["lines__product"] is not None
    rate = row["base_amount"] / row["amount"] if row["amount"] and row["base_amount"] is not None else None
    shared = _shared(row)
    if own:
        shared |= {"product": row["lines__product"], "family": row["lines__product__family"]}
    amount = None if rate is None else (row["lines__amount"] * rate).quantize(Decimal("0.0001"))
    return OpenDeal(quantity=row["lines__quantity"] if own else None, amount=amount, **shared)


def _shared(row: dict[str, Any]) -> dict[str, Any]:
    category = row["category"] or row["stage__category"]
    return {
        "deal": row["pk"],
        "product": row["product"],
        "family": row["product__family"],
        "market": row["place"],
        "closes": row["expected_close"],
        "probability": row["chance"],
        "is_omitted": category == ForecastCategory.OMITTED,
    }


def last_take(cycle: Cycle) -> PipelineTake | None:
    """The newest word of the open deals in a cycle."""
    return cycle.pipeline_takes.select_related("taken_by", "deal_forecast").first()


def shares_visible_to(user: Person | None) -> QuerySet[PipelineShare]:
    """What single deals gave, of the deals that a person may see."""
    deals = live_deals_visible_to(user).order_by().values("pk")
    rows = PipelineShare.objects.filter(deal__in=deals)
    return rows.select_related("take", "deal__account", "family", "product", "market")


def shares_behind(take: PipelineTake, cell: dict[str, Any]) -> QuerySet[PipelineShare]:
    """What each deal gave to one cell (family, product, market, month), the most first."""
    at = Q(**{name: value for name, value in cell.items() if value is not None})
    nothing = Q(**{f"{name}__isnull": True for name, value in cell.items() if value is None})
    return take.shares.filter(at & nothing).select_related("deal").order_by("-expected", "pk")
