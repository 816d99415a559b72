"""The workbench: rows of families or demand units, two years of history and the months planned."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db.models import F, QuerySet, Sum

from catalog.engine.months import months_from
from catalog.models import DemandUnit, Family
from catalog.selectors import demand_units_visible_to, families_visible_to, reach_of
from core.models import Person
from gathering.models import Sales
from planning.models import ConsensusCell, Cycle
from planning.selectors.demand_coverage import months_of
from planning.selectors.demand_totals import totals_visible_to

HISTORY = 24
KEPT_SECONDS = 60
VOICES = ("baseline", "sales", "marketing", "finance", "pipeline", "events")


@dataclass
class GridRow:
    """One line: what was sold and what is agreed, by month; in units, or base currency.

    `place` names the cell's level in an address; `voices` holds what each stream says, where asked.
    """

    key: int
    label: str
    note: str
    place: dict[str, str]
    history: dict[dt.date, float] = field(default_factory=dict)
    agreed: dict[dt.date, float] = field(default_factory=dict)
    voices: dict[str, dict[dt.date, float | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Months:
    """The columns of the grid."""

    history: list[dt.date]
    planned: list[dt.date]

    @classmethod
    def of(cls, cycle: Cycle) -> "Months":
        """The cycle's months, and those of history before them."""
        return cls(months_from(cycle.month, -HISTORY), months_of(cycle))


def units_of(user: Person | None, cycle: Cycle) -> QuerySet[DemandUnit]:
    """The planned demand units that the person may see, by product and market."""
    planned = ConsensusCell.objects.filter(cycle=cycle, month=cycle.month).values("demand_unit")
    return (
        demand_units_visible_to(user).filter(pk__in=planned).order_by("product__code", "market__code", "pk")
    )


def keys_in_order(user: Person | None, cycle: Cycle, units: QuerySet[DemandUnit], asked: str) -> list[int]:
    """The keys of filtered demand units in their order, kept for a minute: sorting ten thousand names
    takes longer than the rest of a page. `asked` is what they were filtered by."""
    reach = reach_of(user)
    made_from = (cycle.opened, cycle.forecast_run_id, reach.families, reach.markets, asked)
    digest = hashlib.sha256(repr(made_from).encode()).hexdigest()
    key = f"grid-order:{cycle.pk}:{digest}"
    kept: list[int] | None = cache.get(key)
    if kept is None:
        kept = list(units.values_list("pk", flat=True))
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def units_by_key(keys: Iterable[int]) -> list[DemandUnit]:
    """Demand units with product and market, in the order given."""
    wanted = list(keys)
    found = DemandUnit.objects.select_related("product", "market").in_bulk(wanted)
    return [found[key] for key in wanted]


def families_of(user: Person | None, cycle: Cycle) -> QuerySet[Family]:
    """The planned families that the person may see."""
    planned = totals_visible_to(user, cycle).filter(month=cycle.month).values("family")
    return families_visible_to(user).filter(pk__in=planned).order_by("code")


def unit_rows(
    cycle: Cycle, units: Iterable[DemandUnit], months: Months, *, money: bool, opened: set[int]
) -> list[GridRow]:
    """The page's demand units only: two queries. `opened` units come with every voice."""
    rows = {unit.pk: _unit_row(unit) for unit in units}
    sold = Sales.objects.filter(demand_unit__in=rows, month__in=months.history).order_by()
    for key, month, quantity, revenue in sold.values_list("demand_unit", "month", "quantity", "revenue"):
        rows[key].history[month] = float(revenue if money else quantity)
    cells = ConsensusCell.objects.filter(cycle=cycle, month__in=months.planned, demand_unit__in=rows)
    names = ("demand_unit", "month", "quantity", "price", *VOICES)
    for key, month, quantity, price, *said in cells.order_by().values_list(*names):
        worth = price if money else 1.0
        rows[key].agreed[month] = quantity * worth
        if key in opened:
            _add_voices(rows[key], month, said, worth)
    return list(rows.values())


def family_rows(
    user: Person | None, cycle: Cycle, families: Iterable[Family], months: Months, *, money: bool
) -> list[GridRow]:
    """The page's families in the person's scope: two queries over sums."""
    rows = {
        family.pk: GridRow(family.pk, family.name, family.code, {"family": family.code})
        for family in families
    }
    agreed = totals_visible_to(user, cycle).filter(family__in=rows).order_by()
    planned = agreed.values_list("family", "month").annotate(Sum("revenue" if money else "quantity"))
    for key, month, value in planned:
        rows[key].agreed[month] = value
    seen = demand_units_visible_to(user).filter(product__family__in=rows).order_by().values("pk")
    sold = Sales.objects.filter(demand_unit__in=seen, month__in=months.history).order_by()
    by_family = sold.values_list(F("demand_unit__product__family"), "month")
    for key, month, value in by_family.annotate(Sum("revenue" if money else "quantity")):
        rows[key].history[month] = float(value)
    return list(rows.values())


def voices_of(cycle: Cycle, units: Any, month: dt.date) -> dict[str, Any]:
    """Sums over demand units (keys, or a query of them) in one month: what each voice says where it
    speaks, in units, and the money of the consensus."""
    cells = ConsensusCell.objects.filter(cycle=cycle, month=month, demand_unit__in=units)
    sums = {f"sum_{name}": Sum(name) for name in ("quantity", *VOICES)}
    money = {"revenue": Sum(F("quantity") * F("price")), "cost_of_all": Sum(F("quantity") * F("cost"))}
    found = cells.aggregate(**sums, **money)
    return {name.removeprefix("sum_"): value for name, value in found.items()}


def _unit_row(unit: DemandUnit) -> GridRow:
    place = {"product": unit.product.code, "market": unit.market.code}
    return GridRow(unit.pk, unit.product.name, f"{unit.product.code} · {unit.market.name}", place)


def _add_voices(row: GridRow, month: dt.date, said: list[float | None], worth: float) -> None:
    voices: dict[str, dict[dt.date, float | None]] = defaultdict(dict, row.voices)
    for name, value in zip(VOICES, said, strict=True):
        voices[name][month] = None if value is None else value * worth
    row.voices = dict(voices)
