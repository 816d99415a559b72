"""Pay by a level reached: curves, steps, matrices and scorecards, for each person and period.

What a window has paid up to a period is a function of what it adds up to; a period pays what that is
more than the period before.
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from compensation.engine.book import block
from compensation.engine.counting import Reached, Work
from compensation.engine.exact import TICKS, exact_of, to_rate
from compensation.engine.lines import NONE, Kind, Lines, lines_of, together
from compensation.engine.plan import MONTHS, Against, Form, Gives, Objective, Period
from compensation.engine.tables import matrix_at, value_at


def level_lines(work: Work, attained: Reached) -> Lines:
    """The lines of a curve, steps or a matrix. attained: (what is looked at, person, month)."""
    if work.component.over is Period.DEAL:
        return _by_deal(work)
    rows = [row for person in range(len(work.book.people.ids)) for row in _of(work, person, attained)]
    return row_lines(work, Kind.EARNED, rows)


Row = tuple[int, int, int, int, Fraction]


def _of(work: Work, person: int, attained: Reached) -> Iterator[Row]:
    """(person, month, credit, amount, pay) of each period in which something changes."""
    before, window = Fraction(0), -1
    for month in ends(work):
        if block(month, work.window) != window:
            before, window = Fraction(0), int(block(month, work.window))
        if not work.book.people.here[person, : month + 1].any():
            continue
        now = _reached(work, person, month, attained)
        if now != before:
            yield person, month, NONE, int(work.so_far[person, month]), now - before
        before = now


def ends(work: Work) -> range:
    """The last months of the periods that are paid."""
    length = MONTHS[work.paid]
    return range(length - 1, work.book.months, length)


def _reached(work: Work, person: int, month: int, attained: Reached) -> Fraction:
    """What the window has paid in all by the end of a month."""
    amount = Fraction(int(work.so_far[person, month]), TICKS)
    return _level(work, person, month, amount, attained) * _base(work, person, month, amount)


def _level(work: Work, person: int, month: int, amount: Fraction, attained: Reached) -> Fraction:
    component = work.component
    if component.form is Form.MATRIX:
        matrix = component.matrix
        assert matrix is not None  # noqa: S101 - a plan of this form has one: see plan_reading
        row = attained(matrix.rows_by, person, month)
        return matrix_at(matrix, row, attained(matrix.columns_by, person, month))
    assert component.table is not None  # noqa: S101 - the same
    return value_at(component.table, _x(work, person, month, amount))


def _x(work: Work, person: int, month: int, amount: Fraction) -> Fraction:
    if work.component.measure.per:
        return work.reached(person, month)
    if work.component.against is Against.AMOUNT:
        return amount
    quota = int(work.quota[person, month])
    return Fraction(amount.numerator * TICKS, amount.denominator * quota) if quota else Fraction(0)


def _base(work: Work, person: int, month: int, amount: Fraction) -> Fraction:
    """What a level is a share of: the target incentive of the window so far, the measure, or one."""
    if work.component.gives is Gives.TARGET:
        return target_between(work, person, _first(work, month), month)
    return amount if work.component.gives is Gives.RATE else Fraction(1)


def _first(work: Work, month: int) -> int:
    return month - month % MONTHS[work.window]


def target_between(work: Work, person: int, first: int, last: int) -> Fraction:
    """The component's part of the target incentive from one month to another of a year."""
    before = work.target[person, first - 1] if first % 12 else Fraction(0)
    return Fraction(work.target[person, last] - before)


def _by_deal(work: Work) -> Lines:
    counted, rows = work.counted, []
    weights = work.weights(counted).tolist()
    for place, weight in enumerate(weights):
        person, month = int(counted.person[place]), int(counted.month[place])
        sign = -1 if weight < 0 else 1
        size = Fraction(sign * int(counted.amount[place]), TICKS)
        assert work.component.table is not None  # noqa: S101 - see plan_reading
        x = _of_deal(work, person, month, size, sign * weight)
        pay = value_at(work.component.table, x) * _base(work, person, month, size)
        end = (month // MONTHS[work.paid] + 1) * MONTHS[work.paid] - 1
        rows.append((person, end, int(counted.credit[place]), int(counted.amount[place]), sign * pay))
    return row_lines(work, Kind.EARNED, rows)


def _of_deal(work: Work, person: int, month: int, size: Fraction, weight: int) -> Fraction:
    """The deal's own ratio, or its size as the bounds are given."""
    if not work.component.measure.per:
        return _x(work, person, month, size)
    return size * TICKS / weight if weight else Fraction(0)


def row_lines(work: Work, kind: Kind, rows: list[Row]) -> Lines:
    """A line for each row: person, month, credit, amount in ticks, and its pay as a fraction of currency."""
    if not rows:
        return together([])
    person, month, credit, amount, pay = zip(*rows, strict=True)
    return lines_of(
        work.place,
        kind,
        exact_of(list(pay)),
        person=np.array(person, np.int64),
        month=np.array(month, np.int64),
        credit=np.array(credit, np.int64),
        amount=np.array(amount, np.int64),
    )


def scorecard_lines(work: Work) -> Lines:
    """Each objective's weight × score × the target incentive of the period: a line for each."""
    rows, tiers, weights = [], [], []
    for person in range(len(work.book.people.ids)):
        for month in ends(work):
            target = target_between(work, person, month - MONTHS[work.paid] + 1, month)
            for place, objective in enumerate(work.component.objectives):
                achieved = work.book.scores.get((work.component.code, objective.code, person, month))
                if achieved is None:
                    continue
                pay = _score(objective, Fraction(achieved)) * Fraction(objective.weight) * target
                rows.append((person, month, NONE, round(Fraction(achieved) * TICKS), pay))
                tiers.append(place)
                weights.append(to_rate(objective.weight))
    if not rows:
        return together([])
    lines = row_lines(work, Kind.OBJECTIVE, rows)
    lines.tier[:], lines.rate[:] = tiers, weights
    return lines


def _score(objective: Objective, achieved: Fraction) -> Fraction:
    score = value_at(objective.table, achieved) if objective.table else achieved
    return score if objective.most is None else min(score, Fraction(objective.most))
