"""A year of pay by a plan: what everybody is paid, by component and month, and what that says of the plan.

Pure: the same terms and the same book give the same cents. Money is in ticks (1/10,000 of a currency unit),
so that persons, months and components add up exactly.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from compensation.engine.book import Book
from compensation.engine.calculation import Calculation, calculate
from compensation.engine.draws import ledger
from compensation.engine.exact import TICKS, Ints
from compensation.engine.lines import Kind
from compensation.engine.plan import Plan
from compensation.engine.statements import rounded_lines

CUT_OFF = (Kind.CAP, Kind.DEAL_CAP, Kind.BUDGET)
ADVANCES = "draw"

Prepare = Callable[[Plan, Book], tuple[Plan, Book]]


@dataclass(frozen=True)
class Terms:
    """A plan; by person the plan of those with own terms; and who is paid (a book holds others as well, whose
    credits count for them)."""

    plan: Plan
    paid: tuple[int, ...]
    own: Mapping[int, Plan] = field(default_factory=dict)

    def by_plan(self) -> dict[Plan, list[int]]:
        """Whose pay follows which plan."""
        found: dict[Plan, list[int]] = {}
        for person in self.paid:
            found.setdefault(self.own.get(person, self.plan), []).append(person)
        return found

    @property
    def codes(self) -> tuple[str, ...]:
        """The components of all plans, those of the plan itself first, and the draw at the end."""
        plans = (self.plan, *self.own.values())
        return (*dict.fromkeys(one.code for plan in plans for one in plan.components), ADVANCES)


@dataclass(frozen=True)
class YearOfPay:
    """codes: of the parts. ticks: (parts, people, months); the last part is what draws advance less what they
    keep back. attained: (people,), the mean of the components' attainments by their weights, NaN without a
    quota. below: (people,), whether a threshold was missed. capped: whether a cap or a budget cut pay off.
    target: (people,) in ticks."""

    codes: tuple[str, ...]
    ticks: Ints
    attained: NDArray[np.float64]
    below: NDArray[np.bool_]
    capped: NDArray[np.bool_]
    target: Ints

    @cached_property
    def by_person(self) -> Ints:
        """(people,): the year in ticks."""
        return np.asarray(self.ticks.sum(axis=(0, 2)))

    @cached_property
    def by_month(self) -> Ints:
        """(months,): everybody together in ticks."""
        return np.asarray(self.ticks.sum(axis=(0, 1)))

    @cached_property
    def by_part(self) -> Ints:
        """(parts,): everybody together in ticks."""
        return np.asarray(self.ticks.sum(axis=(1, 2)))

    @property
    def total(self) -> int:
        """What the plan costs in the year, in ticks."""
        return int(self.ticks.sum())


def as_they_are(plan: Plan, book: Book) -> tuple[Plan, Book]:
    """Nothing is stretched."""
    return plan, book


def year_of_pay(terms: Terms, book: Book, prepare: Prepare = as_they_are) -> YearOfPay:
    """Everybody's pay by the own plan. prepare: what is done to each plan and its credits before.

    Raises what `calculate` raises.
    """
    people, codes = len(book.people.ids), terms.codes
    year = YearOfPay(
        codes=codes,
        ticks=np.zeros((len(codes), people, book.months), np.int64),
        attained=np.full(people, np.nan),
        below=np.zeros(people, bool),
        capped=np.zeros(people, bool),
        target=np.array([round(sum(row, Fraction(0)) * TICKS) for row in book.people.target], np.int64),
    )
    for plan, persons in terms.by_plan().items():
        _fill(year, calculate(*prepare(plan, book)), persons)
    return year


def _fill(year: YearOfPay, calculation: Calculation, persons: list[int]) -> None:
    """Write the pay of those whom the calculation is for."""
    lines, plan = calculation.lines, calculation.plan
    chosen = np.flatnonzero(np.isin(lines.person, persons))
    units, unit = rounded_lines(calculation)
    place = np.array([year.codes.index(one.code) for one in plan.components], np.int64)
    where = (place[lines.component[chosen]], lines.person[chosen], lines.month[chosen])
    np.add.at(year.ticks, where, units[chosen] * (TICKS // unit))
    year.capped[lines.person[chosen][np.isin(lines.kind[chosen], [int(one) for one in CUT_OFF])]] = True
    reached = _reached(calculation)
    for person in persons:
        _judge(year, calculation, person, [share[person] for share in reached])
        if plan.draw:
            _advance(year, calculation, person)


def _reached(calculation: Calculation) -> list[NDArray[np.float64]]:
    """By component, (people,): the year's attainment, NaN without a quota."""
    found = []
    for work in calculation.works:
        quota = calculation.book.quota(work.component).sum(axis=1).astype(float)
        total = work.totals.sum(axis=1)
        found.append(np.divide(total, quota, out=np.full(len(quota), np.nan), where=quota > 0))
    return found


def _judge(year: YearOfPay, calculation: Calculation, person: int, reached: list[float]) -> None:
    with_quota = [
        (one, share)
        for one, share in zip(calculation.plan.components, reached, strict=True)
        if not np.isnan(share)
    ]
    weights = np.array([float(one.weight) for one, _ in with_quota])
    if len(weights):
        weights = weights if weights.sum() > 0 else np.ones(len(weights))
        year.attained[person] = np.average([share for _, share in with_quota], weights=weights)
    year.below[person] = any(
        one.threshold is not None and share < float(one.threshold) for one, share in with_quota
    )


def _advance(year: YearOfPay, calculation: Calculation, person: int) -> None:
    draw, here = calculation.plan.draw, calculation.book.people.here[person]
    assert draw is not None  # noqa: S101 - the caller has looked
    earned = [Decimal(int(ticks)) / TICKS for ticks in year.ticks[:, person].sum(axis=0)]
    steps = ledger(draw, earned, [bool(one) for one in here])
    year.ticks[-1, person] = [int((step.pay - step.earned) * TICKS) for step in steps]


def top_earner_ratio(pay: Ints) -> float | None:
    """The highest pay over the median of those with pay; None below three of them."""
    paid = np.sort(pay[pay > 0])
    return float(paid[-1] / np.median(paid)) if len(paid) > 2 else None


@dataclass(frozen=True)
class Change:
    """A person's pay before and after, in ticks."""

    person: int
    before: int
    after: int

    @property
    def change(self) -> int:
        """How much more is paid, in ticks."""
        return self.after - self.before


def changes(before: Mapping[int, int], after: Mapping[int, int]) -> list[Change]:
    """Everybody of either, the largest gain first; whoever is missing on a side is paid 0 there."""
    rows = [Change(one, before.get(one, 0), after.get(one, 0)) for one in {*before, *after}]
    return sorted(rows, key=lambda row: (-row.change, row.person))


@dataclass(frozen=True)
class Bin:
    """How many are at least `low` and below `high`; the last one includes it."""

    low: float
    high: float
    count: int


def histogram(values: NDArray[np.float64], most: int = 12) -> list[Bin]:
    """Bins of a round width (1, 2, 2.5 or 5 × a power of ten), at most `most` and one; none for no values."""
    known = values[~np.isnan(values)]
    if not len(known):
        return []
    low, high = float(known.min()), float(known.max())
    width = _round_width((high - low) / most) if high > low else 1.0
    first = np.floor(low / width) * width
    edges = first + width * np.arange(int(np.floor((high - first) / width)) + 2)
    counts, _ = np.histogram(known, edges)
    return [Bin(float(edges[n]), float(edges[n + 1]), int(count)) for n, count in enumerate(counts)]


def _round_width(wanted: float) -> float:
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= wanted * (1 - 1e-9)))
