"""Lines → statements, to the cent: rounded once, per person, period and component, with lines that share the
rounding so that they add up; or line by line, where the plan says so."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from compensation.engine.calculation import Calculation
from compensation.engine.draws import DrawStep, ledger
from compensation.engine.exact import PARTS, TICKS, Exact, Ints
from compensation.engine.plan import ZERO, RoundedBy, Rounding


@dataclass(frozen=True)
class Statement:
    """A person's month: pay by component code, and the draw's step where the plan has a draw."""

    person: int
    month: int
    components: dict[str, Decimal]
    draw: DrawStep | None

    @property
    def earned(self) -> Decimal:
        """All components together, before the draw."""
        return sum(self.components.values(), ZERO)

    @property
    def pay(self) -> Decimal:
        """What is paid out: after the draw where there is one."""
        return self.draw.pay if self.draw else self.earned


def rounded_lines(calculation: Calculation) -> tuple[Ints, int]:
    """(pay of each line in the smallest unit of the plan's places, its size per currency unit).

    Each total by person, month and component is rounded once; the lines that lose most by being cut off
    get the units that are missing (largest remainder, ties in the order of the lines). A plan that is rounded
    by line has every line rounded by itself.
    """
    lines, unit = calculation.lines, 10**calculation.plan.places
    group = _groups(calculation)
    if not len(lines):
        return np.zeros(0, np.int64), unit
    if calculation.plan.rounded_by is RoundedBy.LINE:
        return rounded(lines.pay, unit, calculation.plan.rounding), unit
    groups = int(group[-1]) + 1
    down, rest = _cut(lines.pay, unit)
    total = lines.pay.sums(group, groups)
    wanted = rounded(total, unit, calculation.plan.rounding)
    have = np.zeros(groups, np.int64)
    np.add.at(have, group, down)
    return down + _extra(group, rest, wanted - have), unit


def _groups(calculation: Calculation) -> Ints:
    """(n,): the number of each line's person, month and component; lines are in that order."""
    lines = calculation.lines
    changes = np.zeros(len(lines), bool)
    for column in (lines.person, lines.month, lines.component):
        changes[1:] |= column[1:] != column[:-1]
    return np.cumsum(changes)


def _cut(money: Exact, unit: int) -> tuple[Ints, Ints]:
    """(whole units rounded down, what is left in 1/PARTS of a tick)."""
    size = TICKS // unit
    whole, left = np.divmod(money.ticks, size)
    return whole, left * PARTS + money.rest


def _extra(group: Ints, rest: Ints, missing: Ints) -> Ints:
    """One unit more for the lines of each group with the largest rests, as many as are missing."""
    order = np.lexsort((np.arange(len(group)), -rest, group))
    first = np.searchsorted(group, np.arange(len(missing)))
    place = np.empty(len(group), np.int64)
    place[order] = np.arange(len(group)) - first[group[order]]
    return np.asarray(place < missing[group], np.int64)


def rounded(money: Exact, unit: int, rounding: Rounding) -> Ints:
    """(n,): whole units by the plan's rounding, as Decimal rounds: up is away from 0, down to 0."""
    whole, rest = _cut(money, unit)
    half = TICKS // unit * PARTS // 2
    if rounding is Rounding.DOWN:
        return np.asarray(whole + ((whole < 0) & (rest > 0)))
    if rounding is Rounding.UP:
        return np.asarray(whole + ((whole >= 0) & (rest > 0)))
    up = whole >= 0 if rounding is Rounding.HALF_UP else whole % 2 == 1
    return np.asarray(whole + ((rest > half) | ((rest == half) & up)))


def statements(calculation: Calculation, through: int | None = None) -> list[Statement]:
    """A statement for every person and month on the plan, with and without pay, in order."""
    book, plan = calculation.book, calculation.plan
    months = book.months if through is None else through
    earned = _by_component(calculation)
    found: list[Statement] = []
    for person in range(len(book.people.ids)):
        rows = [earned.get((person, month), {}) for month in range(months)]
        here = [bool(book.people.here[person, month]) for month in range(months)]
        sums = [sum(row.values(), ZERO) for row in rows]
        steps = ledger(plan.draw, sums, here) if plan.draw else [None] * months
        found += [
            Statement(person, month, rows[month], steps[month])
            for month in range(months)
            if here[month] or rows[month] or (steps[month] and steps[month].pay)  # type: ignore[union-attr]
        ]
    return found


def _by_component(calculation: Calculation) -> dict[tuple[int, int], dict[str, Decimal]]:
    lines, found = calculation.lines, dict[tuple[int, int], dict[str, Decimal]]()
    units, unit = rounded_lines(calculation)
    group = _groups(calculation)
    sums = np.zeros(int(group[-1]) + 1 if len(group) else 0, np.int64)
    np.add.at(sums, group, units)
    first = np.searchsorted(group, np.arange(len(sums)))
    for place, line in enumerate(first):
        key = (int(lines.person[line]), int(lines.month[line]))
        code = calculation.plan.components[int(lines.component[line])].code
        found.setdefault(key, {})[code] = Decimal(int(sums[place])) / unit
    return found
