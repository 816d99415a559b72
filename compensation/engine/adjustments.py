"""What stands between the lines of a component and its pay: caps of deals, budgets, thresholds, gates,
multipliers, caps of periods and years. Each is a line of its own, so that all lines add up to the pay.

Gates and multipliers look at a window so far: a period pays what the window has come to, less what it
came to before. What a cap cuts off is lost.
"""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from compensation.engine.book import block
from compensation.engine.by_level import ends, target_between
from compensation.engine.counting import Reached, Work
from compensation.engine.exact import TICKS, exact_of, fraction_at
from compensation.engine.lines import Kind, Lines, lines_of, together
from compensation.engine.plan import MONTHS, Attainment, Cap, CapPlace, Component, Multiplier, Period
from compensation.engine.tables import value_at

ZERO, ONE = Fraction(0), Fraction(1)


def by_credit(work: Work, lines: Lines) -> Lines:
    """The lines that caps of deals and a budget take off."""
    parts = [_deal_cap(work, lines, cap) for cap in work.component.caps if cap.per is Period.DEAL]
    if work.component.budget is not None:
        parts.append(_over_budget(work, together([lines, *parts])))
    return together(parts)


def _deal_cap(work: Work, lines: Lines, cap: Cap) -> Lines:
    """For each credit whose lines pay more than the cap, a line that takes the rest off."""
    rows = np.flatnonzero(lines.credit >= 0)
    key = lines.person[rows] * (len(work.book.credits.person) + 1) + lines.credit[rows]
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    sums = lines.pay.at(rows).sums(group, len(first))
    most = int(Fraction(cap.money or 0) * TICKS)
    over = np.flatnonzero((sums.ticks > most) | ((sums.ticks == most) & (sums.rest > 0)))
    off = [Fraction(cap.money or 0) - fraction_at(sums, place) for place in over.tolist()]
    line = rows[first[over]]
    return _off(work, Kind.DEAL_CAP, off, lines.person[line], lines.month[line], lines.credit[line])


def _off(
    work: Work, kind: Kind, pay: list[Fraction], person: np.ndarray, month: np.ndarray, credit: np.ndarray
) -> Lines:
    return lines_of(work.place, kind, exact_of(pay), person=person, month=month, credit=credit)


def _over_budget(work: Work, lines: Lines) -> Lines:
    """First come, first served, over everybody: what lies beyond the budget is taken off again."""
    rank = np.where(lines.credit >= 0, work.book.credits.rank[lines.credit], np.iinfo(np.int64).max)
    left, rows, off = Fraction(work.component.budget or 0), [], []
    for place in np.lexsort((lines.kind, rank)).tolist():
        pay = fraction_at(lines.pay, place)
        kept = min(pay, max(left, ZERO)) if pay > 0 else pay
        left -= kept
        if kept != pay:
            rows.append(place)
            off.append(kept - pay)
    at = np.array(rows, np.int64)
    return _off(work, Kind.BUDGET, off, lines.person[at], lines.month[at], lines.credit[at])


@dataclass
class _Run:
    """What a person's window has come to so far, after each kind of adjustment."""

    base: Fraction = ZERO
    kept: Fraction = ZERO
    came_to: dict[Kind, Fraction] = field(default_factory=dict)


Row = tuple[int, int, Kind, Fraction]


def by_period(work: Work, lines: Lines, attained: Reached) -> Lines:
    """The lines of thresholds, gates, multipliers and caps of periods and years."""
    if not _adjusts(work.component):
        return together([])
    sums = _sums(work, lines)
    people = {person for person, _ in sums}
    rows = [row for person in sorted(people) for row in _adjust(work, person, sums, attained)]
    if not rows:
        return together([])
    person, month, kind, pay = zip(*rows, strict=True)
    found = lines_of(
        work.place, Kind.CAP, exact_of(list(pay)), person=np.array(person), month=np.array(month)
    )
    found.kind[:] = [int(one) for one in kind]
    return found


def _adjusts(component: Component) -> bool:
    caps = [cap for cap in component.caps if cap.per is not Period.DEAL]
    return bool(
        caps
        or component.gates
        or component.multipliers
        or component.threshold is not None
        or component.never_negative
    )


def _sums(work: Work, lines: Lines) -> dict[tuple[int, int], Fraction]:
    """The pay by (person, month)."""
    key = lines.person * work.book.months + lines.month
    keys, group = np.unique(key, return_inverse=True)
    sums = lines.pay.sums(group, len(keys))
    return {
        (one // work.book.months, one % work.book.months): fraction_at(sums, place)
        for place, one in enumerate(keys.tolist())
    }


def _adjust(work: Work, person: int, sums: dict[tuple[int, int], Fraction], attained: Reached) -> list[Row]:
    rows: list[Row] = []
    run, window, year_paid = _Run(), -1, ZERO
    for month in ends(work):
        if block(month, work.window) != window:
            run, window = _Run(), int(block(month, work.window))
        if month % 12 == MONTHS[work.paid] - 1:
            year_paid = ZERO
        earned = sums.get((person, month), ZERO)
        steps = _changes(_steps(work, person, month, earned, run, attained))
        pay = sum((change for _, change in steps), earned)
        most = _changes(_most(work, person, month, pay, year_paid))
        year_paid += sum((change for _, change in most), pay)
        rows += [(person, month, kind, change) for kind, change in (*steps, *most)]
    return rows


def _changes(steps: list[tuple[Kind, Fraction]]) -> list[tuple[Kind, Fraction]]:
    """Those that change something: few do, and sums of fractions take their time."""
    return [step for step in steps if step[1]]


def _steps(
    work: Work, person: int, month: int, pay: Fraction, run: _Run, attained: Reached
) -> list[tuple[Kind, Fraction]]:
    """What caps before multipliers, the threshold, gates and multipliers change in a period."""
    before = _capped(work, person, month, pay, ZERO, CapPlace.BEFORE)
    run.kept += before
    steps = [(Kind.CAP, before - pay)]
    value = run.kept
    for kind, factor in _factors(work.component, work, person, month, attained):
        came_to = value * (factor - 1) if factor != 1 else ZERO
        if came_to or run.came_to.get(kind):
            steps.append((kind, came_to - run.came_to.get(kind, ZERO)))
        run.came_to[kind], value = came_to, value + came_to if came_to else value
    return steps


def _factors(
    component: Component, work: Work, person: int, month: int, attained: Reached
) -> list[tuple[Kind, Fraction]]:
    """One factor of each kind: several gates, and several multipliers, are multiplied."""
    least = component.threshold
    below = least is not None and attained(Attainment(component.code), person, month) < Fraction(least)
    gate = multiplier = ONE
    for one in component.gates:
        if attained(one.by, person, month) < Fraction(one.least):
            gate *= Fraction(one.otherwise)
    for each in component.multipliers:
        multiplier *= _times(each, person, month, attained)
    return [
        (Kind.THRESHOLD, ZERO if below else ONE),
        (Kind.GATE, gate),
        (Kind.MULTIPLIER, multiplier),
    ]


def _times(multiplier: Multiplier, person: int, month: int, attained: Reached) -> Fraction:
    if multiplier.by is None or multiplier.table is None:
        return Fraction(multiplier.fixed)
    return value_at(multiplier.table, attained(multiplier.by, person, month))


def _most(
    work: Work, person: int, month: int, pay: Fraction, year_paid: Fraction
) -> list[tuple[Kind, Fraction]]:
    capped = _capped(work, person, month, pay, year_paid, CapPlace.AFTER)
    positive = max(capped, ZERO) if work.component.never_negative else capped
    return [(Kind.CAP, capped - pay), (Kind.NOT_NEGATIVE, positive - capped)]


def _capped(
    work: Work, person: int, month: int, pay: Fraction, year_paid: Fraction, place: CapPlace
) -> Fraction:
    for cap in work.component.caps:
        if cap.per is Period.DEAL or cap.place is not place:
            continue
        left = _cap_money(work, person, month, cap) - (year_paid if cap.per is Period.YEAR else ZERO)
        pay = min(pay, max(left, ZERO))
    return pay


def _cap_money(work: Work, person: int, month: int, cap: Cap) -> Fraction:
    """A cap in money; one of the target incentive is that of its own period or year."""
    if cap.money is not None:
        return Fraction(cap.money)
    length = 12 if cap.per is Period.YEAR else MONTHS[work.paid]
    first = month - month % length
    return Fraction(cap.of_target or 0) * target_between(work, person, first, first + length - 1)
