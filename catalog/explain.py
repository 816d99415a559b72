"""Explaining totals over families, markets and months: their largest parts, down to demand units.

Rooms above call `total_of` from their own explainers. Nothing of the catalog itself is a total.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import FloatField, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from catalog.models import DemandUnit, Family, Market
from catalog.selectors import base_currency
from catalog.selectors.slices import Slice, slice_of
from core.access import require
from core.explain import Explanation, Fact, address, found, largest, month, number
from core.models import Person

SLICE = ("family", "market", "first", "last", "measure")
MEASURES = {
    "units": "home.view",
    "revenue": "home.view",
    "cost": "catalog.costs",
    "margin": "catalog.costs",
}


@dataclass(frozen=True)
class Summed:
    """Rows that a total adds up: paths to family and market, and what each measure sums.

    `unit` is the path to the demand unit for rows by demand unit, "" for rows that are sums already.
    """

    rows: QuerySet[Any]
    family: str = "family"
    market: str = "market"
    unit: str = ""
    measures: dict[str, Combinable] = field(default_factory=dict)


@dataclass(frozen=True)
class Total:
    """A total to explain: its kind, the beginning of its key, its rows, and its cells by unit."""

    kind: str
    begin: tuple[Any, ...]
    what: str
    sums: Summed
    cells: Summed
    cell: Callable[[int, dt.date], str]
    source: Fact | None = None
    facts: tuple[Fact, ...] = ()


def slice_from(person: Person, family: str, market: str, first: str, last: str) -> Slice:
    """The slice that a key names. Raises Http404 where the person may not see it."""
    one = None if family == "all" else number(family)
    where = None if market == "all" else number(market)
    return found(slice_of(person, one, where, month(first), month(last)), "family or market")


def total_of(person: Person, total: Total, part: Slice, measure: str) -> Explanation:
    """The total of one measure over a slice, and its largest parts: by family, then by market, by
    month, by demand unit, whichever splits it first. Raises Denied without the right to see costs."""
    require(person, found(MEASURES.get(measure), "measure"))
    how, parts = _split(total, part, measure)
    return Explanation(
        label=f"{total.what} of {part}",
        value=sum(float(one.value or 0) for one in parts),
        unit=unit_of(measure),
        formula=f"The sum of its parts by {how}." if parts else "Nothing lies in this slice.",
        parts=largest(parts),
        source=total.source,
        facts=total.facts,
    )


def unit_of(measure: str) -> str:
    return "units" if measure == "units" else base_currency()


def _split(total: Total, part: Slice, measure: str) -> tuple[str, list[Explanation]]:
    for how in ("family", "market", "month"):
        groups = _groups(total.sums, part, measure, how)
        if len(groups) > 1:
            return how, _parts(total, part, measure, how, groups)
    groups = _groups(total.cells, part, measure, "unit")
    return "demand unit", _parts(total, part, measure, "unit", groups)


def _groups(summed: Summed, part: Slice, measure: str, how: str) -> list[tuple[Any, float]]:
    path = "month" if how == "month" else getattr(summed, how)
    rows = part.of(summed.rows, summed.family, summed.market).order_by().select_related(None)
    sums = rows.values_list(path).annotate(_sum=Sum(_expression(summed.measures, measure)))
    return [(key, value or 0.0) for key, value in sums]


def _expression(measures: dict[str, Combinable], measure: str) -> Combinable:
    wanted = measures["revenue"] - measures["cost"] if measure == "margin" else measures[measure]
    return Cast(wanted, FloatField())


def _parts(
    total: Total, part: Slice, measure: str, how: str, groups: list[tuple[Any, float]]
) -> list[Explanation]:
    labels = _labels(how, [key for key, _ in groups])
    unit = unit_of(measure)
    return [
        Explanation(labels[key], value, unit, asked=_asked(total, part, measure, how, key))
        for key, value in groups
    ]


def _labels(how: str, keys: list[Any]) -> dict[Any, str]:
    if how == "month":
        return {key: f"{key:%b %Y}" for key in keys}
    tables: dict[str, QuerySet[Any]] = {
        "family": Family.objects.all(),
        "market": Market.objects.all(),
        "unit": DemandUnit.objects.select_related("product", "market"),
    }
    names: dict[Any, Any] = tables[how].in_bulk(keys)
    return {key: row.name if how != "unit" else _unit(row) for key, row in names.items()}


def _unit(row: DemandUnit) -> str:
    return f"{row.product.name} in {row.market.name}"


def _asked(total: Total, part: Slice, measure: str, how: str, key: Any) -> str:
    if how == "unit":
        return total.cell(key, part.first)
    narrowed = replace(part, first=key, last=key) if how == "month" else part
    family = key if how == "family" else narrowed.family
    market = key if how == "market" else narrowed.market
    return address(total.kind, *total.begin, family, market, narrowed.first, narrowed.last, measure)
