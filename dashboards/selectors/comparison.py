"""The plan beside what it is compared with: budget, last cycle, last year; by family and month.

Everything is read from totals by family, market and month, within the person's scope.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import F, FloatField, QuerySet, Sum
from django.db.models.functions import Cast

from catalog.engine.months import months_from
from catalog.models import Family
from catalog.selectors.slices import Slice
from core.models import Person
from dashboards.selectors.remembered import remembered
from gathering.selectors.sums import budget_in_force, sales_in
from planning.models import ConsensusTotal, Cycle, DemandTotal, DemandVersion, Release, ReleasedTotal
from planning.selectors.cycles import last_released_before
from planning.selectors.data import last_imports
from planning.selectors.demand import version_of
from planning.selectors.demand_coverage import months_of

YEAR = 12
WORKING = ("data", "demand")


@dataclass(frozen=True)
class Sums:
    """Units, and revenue and cost in base currency. Cost is None where nobody has said it."""

    units: float = 0.0
    revenue: float = 0.0
    cost: float | None = 0.0

    def __add__(self, other: "Sums") -> "Sums":
        cost = None if self.cost is None or other.cost is None else self.cost + other.cost
        return Sums(self.units + other.units, self.revenue + other.revenue, cost)

    @property
    def margin(self) -> float | None:
        """Revenue less cost, base currency; None where the reader sees no cost."""
        return None if self.cost is None else self.revenue - self.cost


Cells = dict[tuple[int | None, dt.date], Sums]


@dataclass(frozen=True)
class Line:
    """One line of the comparison: cells by (family, month). `explained` is the kind and the beginning
    of the key under which its numbers are explained; `url` where they are."""

    name: str
    cells: Cells = field(default_factory=dict)
    explained: tuple[Any, ...] = ()
    url: str = ""

    @cached_property
    def months(self) -> dict[dt.date, Sums]:
        """The sums by month."""
        return self._by(lambda key: key[1])

    def families(self, months: Iterable[dt.date]) -> dict[int, Sums]:
        """The sums by family over some months."""
        wanted = set(months)
        some = {key: sums for key, sums in self.cells.items() if key[1] in wanted}
        return Line(self.name, some)._by(lambda key: key[0])

    def over(self, months: Iterable[dt.date]) -> Sums:
        """The sum of these months; a month without anything adds nothing."""
        return sum((self.months[month] for month in months if month in self.months), Sums())

    def _by(self, of: Callable[[tuple[Any, dt.date]], Any]) -> dict[Any, Sums]:
        found: dict[Any, Sums] = {}
        for key, sums in self.cells.items():
            found[of(key)] = found.get(of(key), Sums()) + sums
        return found


@dataclass(frozen=True)
class Comparison:
    """A cycle's plan and its bases over the months of its horizon. Last year's months are moved by a
    year, so that each stands beside the month that is planned."""

    cycle: Cycle
    months: list[dt.date]
    plan: Line
    budget: Line
    last_cycle: Line
    last_year: Line

    @property
    def year(self) -> list[dt.date]:
        """The next twelve months."""
        return self.months[:YEAR]

    def together(self, base: Line) -> list[dt.date]:
        """The months of the next twelve that the plan and the base both have."""
        return [month for month in self.year if month in self.plan.months and month in base.months]


def comparison_of(user: Person, cycle: Cycle) -> Comparison | None:
    """The comparison within the person's scope; None while the cycle has no plan yet."""
    months = months_of(cycle)
    plan = plan_line(user, cycle)
    if not plan.cells:
        return None
    part = Slice(user, None, None, months[0], months[-1])
    return Comparison(
        cycle, months, plan, _budget(user, part), _last_cycle(user, cycle, part), _last_year(user, months)
    )


def moved_by_family(plan: Line, base: Line, months: list[dt.date]) -> list[tuple[int, float]]:
    """The plan's revenue less the base's, by family, the largest difference first.

    A family is counted in the nearest one at or above it that the base knows, so that a budget by
    groups of families stands beside the plan of the same groups.
    """
    before = base.families(months)
    above: dict[int, int | None] = dict(Family.objects.values_list("pk", "parent_id"))
    moved = {key: -sums.revenue for key, sums in before.items()}
    for key, sums in plan.families(months).items():
        row = _nearest(key, above, before)
        moved[row] = moved.get(row, 0.0) + sums.revenue
    return sorted(moved.items(), key=lambda pair: (-abs(pair[1]), pair[0]))


def _nearest(key: int, above: dict[int, int | None], known: dict[int, Sums]) -> int:
    at: int | None = key
    while at is not None:
        if at in known:
            return at
        at = above[at]
    return key


def plan_line(user: Person, cycle: Cycle) -> Line:
    """The plan as it stands: released, frozen, or the working consensus."""
    months = months_of(cycle)
    part = Slice(user, None, None, months[0], months[-1])
    release = Release.objects.filter(cycle=cycle).only("pk").first()
    if release is not None:
        return released_line("Released plan", release, part)
    version = None if cycle.stage in WORKING else version_of(cycle)
    if version is not None:
        return _frozen(version, part)
    rows = ConsensusTotal.objects.filter(cycle=cycle)
    return Line("Plan", _cells(part.of(rows, "family", "market")), ("consensus-total", cycle))


def released_line(name: str, release: Release, part: Slice) -> Line:
    """What a release supplies, by family and month."""
    rows = part.of(ReleasedTotal.objects.filter(release=release), "family", "market")
    return Line(name, _cells(rows, units="supplied"), ("released-total", release))


def _frozen(version: DemandVersion, part: Slice) -> Line:
    rows = part.of(DemandTotal.objects.filter(version=version), "family", "market")
    return Line("Plan", _cells(rows), ("demand-total", version))


def _budget(user: Person, part: Slice) -> Line:
    rows = part.of(budget_in_force(user, part.first, part.last), "leaf", "market")
    return Line("Budget", _cells(rows, family="leaf"), ("budget-total",), "/data/budget/")


def _last_cycle(user: Person, cycle: Cycle, part: Slice) -> Line:
    last = last_released_before(cycle)
    release = Release.objects.filter(cycle=last).only("pk").first() if last else None
    return released_line("Last plan", release, part) if release else Line("Last plan")


def _last_year(user: Person, months: list[dt.date]) -> Line:
    """What was sold a year before each month; only months that are over. Remembered until the next
    import: only imports change what was sold."""
    made_from = [months[0], last_imports()]
    cells: Cells = dict(remembered("last-year", user, made_from, lambda: _sold(user, months)))
    return Line("Last year", cells, ("sales-total",), "/data/sales/")


def _sold(user: Person, months: list[dt.date]) -> Cells:
    before = months_from(months[0], -YEAR)
    rows = sales_in(Slice(user, None, None, before[0], before[-1])).order_by().values_list("month")
    sold = rows.annotate(**_summed("quantity", "revenue", "cost"))
    return {(None, year_later(row[0])): Sums(*map(float, row[1:])) for row in sold}


def year_later(month: dt.date) -> dt.date:
    """The same month of the year after."""
    return month.replace(year=month.year + 1)


def _cells(rows: QuerySet[Any], *, family: str = "family", units: str = "quantity") -> Cells:
    grouped = rows.order_by().annotate(_family=F(family)).values_list("_family", "month")
    sums = grouped.annotate(**_summed(units, "revenue", "cost"))
    return {
        (key, month): Sums(quantity or 0.0, revenue or 0.0, cost)
        for key, month, quantity, revenue, cost in sums
    }


def _summed(*names: str) -> dict[str, Sum]:
    """Sums as double precision: exact sums of numerics take three times as long."""
    return {f"sum_{name}": Sum(Cast(name, FloatField())) for name in names}
