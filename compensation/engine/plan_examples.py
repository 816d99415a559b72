"""What a plan pays somebody who reaches a level of the quota: a year worked out by the engine.

Every component counts a column of its own here, so that one can be at another level than the others. The
year has one deal in each month, by the plan's own season. What hangs on other people is told as if there
were none: a budget is there for this person alone; prizes are those of the first place, and a pool's pay is
the whole pot, both outside the total.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np

from catalog.engine.months import months_from
from compensation.engine.book import NOBODY, Book, Credits, People, Words
from compensation.engine.calculation import calculate
from compensation.engine.exact import TICKS, Ints
from compensation.engine.plan import (
    MONTHS,
    ONE,
    Against,
    Component,
    Form,
    Measure,
    Period,
    Plan,
    PoolShare,
)
from compensation.engine.plan_asking import highest_ratio, usual_ratio
from compensation.engine.terms import season
from compensation.engine.word_numbers import PIECES

LEVELS = tuple(Decimal(level) / 100 for level in (50, 80, 100, 120, 150))
CURVE = tuple(Decimal(level) / 100 for level in range(0, 205, 5))
SHARED = frozenset({Form.POOL, Form.CONTEST})
USUAL_QUOTA, USUAL_PIECES = Decimal(1_200_000), Decimal(120)


@dataclass(frozen=True)
class Example:
    """Pay of a year by level (the same order), all components at it. totals: without pools and contests.
    prizes: of a year, by contest, for the first place every time."""

    levels: tuple[Decimal, ...]
    by_component: dict[str, tuple[Decimal, ...]]
    totals: tuple[Decimal, ...]
    quotas: dict[str, Decimal]
    target: Decimal
    prizes: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Curve:
    """Pay of one component in a year by its own level, the other components at 100 %."""

    component: str
    levels: tuple[Decimal, ...]
    pay: tuple[Decimal, ...]


def example(
    plan: Plan,
    quotas: Mapping[str, Decimal],
    target: Decimal | None = None,
    levels: Sequence[Decimal] = LEVELS,
    year: int = 2026,
) -> Example:
    """What everything at each level pays. quotas: of a year, by component; a usual one without. Raises
    OverflowError, ValueError or KeyError as calculate does."""
    everything = [[_level(plan, one, level) for one in plan.components] for level in levels]
    setting = _Setting(plan, _all_quotas(plan, quotas), _target(plan, target), year)
    pay = setting.pay(everything)
    by_component = {one.code: tuple(row[place] for row in pay) for place, one in enumerate(plan.components)}
    own = [place for place, one in enumerate(plan.components) if one.form not in SHARED]
    totals = tuple(sum((row[place] for place in own), Decimal(0)) for row in pay)
    prizes = {one.code: one.prizes[0] * 12 / MONTHS[one.period] for one in plan.components if one.prizes}
    return Example(tuple(levels), by_component, totals, setting.quotas, setting.target, prizes)


def curves(
    plan: Plan,
    quotas: Mapping[str, Decimal],
    target: Decimal | None = None,
    levels: Sequence[Decimal] = CURVE,
    year: int = 2026,
) -> dict[str, Curve]:
    """The pay curve of each component by its own level; of a ratio, by shares of its highest bound."""
    setting = _Setting(plan, _all_quotas(plan, quotas), _target(plan, target), year)
    rows = [_only(plan, place, level) for place in range(len(plan.components)) for level in levels]
    pay, found = setting.pay(rows), {}
    for place, one in enumerate(plan.components):
        part = pay[place * len(levels) : (place + 1) * len(levels)]
        at = tuple(_moved(plan, one, level) for level in levels)
        found[one.code] = Curve(one.code, at, tuple(row[place] for row in part))
    return found


def usual_quota(plan: Plan, component: Component) -> Decimal:
    """A year's quota for an example: one that the highest bound of amounts lies inside; or what a ratio is
    taken to be."""
    if component.measure.per:
        return usual_ratio(plan, component)
    bounds = [tier.start for tier in component.tiers] + list(component.table.at if component.table else ())
    top = max(bounds, default=Decimal(0))
    if component.against is Against.AMOUNT and top and component.form is not Form.RESULT:
        window = Period.MONTH if component.over is Period.DEAL else component.over
        return top * 12 / MONTHS[window]
    return USUAL_PIECES if component.measure.of in PIECES else USUAL_QUOTA


def _all_quotas(plan: Plan, quotas: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {one.code: quotas.get(one.code) or usual_quota(plan, one) for one in plan.components}


def _target(plan: Plan, target: Decimal | None) -> Decimal:
    return plan.target_incentive if target is None else target


def _only(plan: Plan, place: int, level: Decimal) -> list[Decimal]:
    """One component at a level (a matrix with both of its sides), the others at 100 %."""
    moved, matrix = {plan.components[place].code}, plan.components[place].matrix
    if matrix:
        moved |= {matrix.rows_by.component, matrix.columns_by.component}
    return [
        _moved(plan, one, level) if one.code in moved else _level(plan, one, ONE) for one in plan.components
    ]


def _level(plan: Plan, component: Component, level: Decimal) -> Decimal:
    """What is reached when everything is sold to a level: a ratio stays as it is."""
    return usual_ratio(plan, component) if component.measure.per else level


def _moved(plan: Plan, component: Component, level: Decimal) -> Decimal:
    """A level of a component itself."""
    return level * highest_ratio(plan, component) if component.measure.per else level


@dataclass(frozen=True)
class _Setting:
    """A plan with the year's quotas and target of one person."""

    plan: Plan
    quotas: dict[str, Decimal]
    target: Decimal
    year: int

    def pay(self, rows: Sequence[Sequence[Decimal]]) -> list[list[Decimal]]:
        """Pay of a year by row and component, rounded once. rows: a level for each component."""
        plan = _alone(self.plan)
        calculation = calculate(plan, self._book(plan, rows))
        count, lines = len(plan.components), calculation.lines
        sums = lines.pay.sums(lines.person * count + lines.component, len(rows) * count).decimals()
        step = Decimal(1).scaleb(-plan.places)
        exact = [one.quantize(step, ROUND_HALF_UP) for one in sums]
        for place, one in enumerate(self.plan.components):
            if one.budget is not None:
                exact[place::count] = [min(pay, one.budget) for pay in exact[place::count]]
        return [exact[first : first + count] for first in range(0, len(exact), count)]

    def _book(self, plan: Plan, rows: Sequence[Sequence[Decimal]]) -> Book:
        monthly = [_monthly(plan, self._sold(one)) for one in self.plan.components]
        people = len(rows)
        quotas = {one.code: np.tile(monthly[place], (people, 1)) for place, one in enumerate(plan.components)}
        return Book(
            _credits(plan, rows, monthly, self._first()),
            self._people(people),
            12,
            quotas,
            _scores(plan, rows),
        )

    def _sold(self, component: Component) -> Decimal:
        """What a level is multiplied by: the quota; of a ratio, what it is divided by."""
        return USUAL_QUOTA if component.measure.per else self.quotas[component.code]

    def _first(self) -> dt.date:
        begins = [dt.date.fromisoformat(one.starts) for one in self.plan.components if one.starts]
        year = begins[0].year - (begins[0].month < self.plan.year_begins) if begins else self.year
        return dt.date(year, self.plan.year_begins, 1)

    def _people(self, count: int) -> People:
        month = Fraction(self.target) / 12
        target = np.full((count, 12), month, dtype=object)
        roles = [name for one in self.plan.components for name, _ in one.shares[:1]]
        names = tuple(str(number) for number in range(count))
        role = roles[0] if roles else ""
        return People(
            names, names, (role,) * count, np.full(count, NOBODY), target, np.ones((count, 12), bool)
        )


def _alone(plan: Plan) -> Plan:
    """Each component measures a column of its own, of the person alone."""
    parts = [
        replace(
            one,
            measure=Measure(of=f"c{place}", per=f"p{place}" if one.measure.per else ""),
            budget=None,
            pool_share=PoolShare.EQUAL,
            prizes=(),
        )
        for place, one in enumerate(plan.components)
    ]
    return replace(plan, components=tuple(parts), draw=None)


def _monthly(plan: Plan, quota: Decimal) -> Ints:
    """(12,) in ticks; the months add up to the quota."""
    sums, so_far = [0], Fraction(0)
    for share in season(plan.quota):
        so_far += share
        sums.append(round(Fraction(quota) * so_far * TICKS))
    return np.array([later - before for before, later in pairwise(sums)], np.int64)


def _credits(plan: Plan, rows: Sequence[Sequence[Decimal]], monthly: list[Ints], first: dt.date) -> Credits:
    """A deal in the middle of each month, with a column for each component."""
    count = len(rows) * 12
    days = [month.replace(day=15).toordinal() for month in months_from(first, 12)]
    amounts = {
        f"c{place}": np.array(
            [math.ceil(row[place] * int(one)) for row in rows for one in monthly[place]], np.int64
        )
        for place in range(len(plan.components))
    }
    for place, one in enumerate(plan.components):
        if one.measure.per:
            amounts[one.measure.per] = np.tile(monthly[place], len(rows))
    values = {one.by: tier.rates[0][0] for one in plan.components for tier in one.tiers if tier.rates}
    words = {name: Words(np.zeros(count, np.int64), (value,)) for name, value in values.items()}
    return Credits(
        person=np.repeat(np.arange(len(rows)), 12),
        deal=np.arange(count),
        day=np.tile(np.array(days, np.int64), len(rows)),
        month=np.tile(np.arange(12), len(rows)),
        amounts=amounts,
        words=words,
        reverses=np.full(count, NOBODY),
        deals=tuple(f"{number:06d}" for number in range(count)),
    )


def _scores(plan: Plan, rows: Sequence[Sequence[Decimal]]) -> dict[tuple[str, str, int, int], Decimal]:
    """Every objective reached to the level of its scorecard."""
    return {
        (one.code, objective.code, person, month): row[place]
        for place, one in enumerate(plan.components)
        for objective in one.objectives
        for person, row in enumerate(rows)
        for month in range(12)
    }
