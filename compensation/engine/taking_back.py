"""Clawback at historic rates: a deal that is taken back takes back what itself was paid.

What it was paid are this calculation's own lines; for months that others paid (earlier versions of the plan,
years before the book's, other terms of the person) it is what they really paid.
"""

from fractions import Fraction

import numpy as np

from compensation.engine.book import NOBODY, PaidBefore, last_month
from compensation.engine.counting import Work
from compensation.engine.exact import TICKS, Exact, Ints, exact_of, fraction_at
from compensation.engine.lines import Kind, Lines, lines_of, together
from compensation.engine.plan import Clawback, WindowIn

Row = tuple[int, int, Fraction]
"""(the credit that takes back, the line of what was paid, the share of it that goes back)."""


def taken_back(work: Work, paid: Lines) -> Lines:
    """The negative lines of a component, from its own lines by credit and person. paid: what it earned."""
    if not work.takes_back_as_paid:
        return together([])
    own, before = _of_own_months(work, paid), _before(work)
    rows = _own_rows(work, own)
    was = together([own, before])
    rows += [(back, len(own) + line, share) for back, line, share in _rows_before(work, before)]
    return _negative(work, was, rows)


def _of_own_months(work: Work, paid: Lines) -> Lines:
    before = work.book.paid_before
    return paid if before is None else paid.at(np.flatnonzero(~before.theirs[paid.person, paid.month]))


def _own_rows(work: Work, paid: Lines) -> list[Row]:
    counted = work.counted
    backs = np.flatnonzero(counted.taken_back)
    if not len(backs):
        return []
    found = _lines_by_credit(work, paid)
    rows: list[Row] = []
    for person, back in zip(counted.person[backs].tolist(), counted.credit[backs].tolist(), strict=True):
        original = int(work.book.credits.reverses[back])
        share = _share(work, back, original)
        rows += [(back, line, share) for line in found.get((person, original), ()) if share]
    return rows


def _lines_by_credit(work: Work, paid: Lines) -> dict[tuple[int, int], list[int]]:
    """The lines of the credits that are taken back some time."""
    wanted = np.unique(work.book.credits.reverses[work.counted.credit[work.counted.taken_back == 1]])
    found: dict[tuple[int, int], list[int]] = {}
    for line in np.flatnonzero(np.isin(paid.credit, wanted)):
        found.setdefault((int(paid.person[line]), int(paid.credit[line])), []).append(int(line))
    return found


def _before(work: Work) -> Lines:
    """What others paid for this component; for components that the plan has no longer, it is taken back by
    the first one that takes back as paid."""
    before = work.book.paid_before
    if before is None:
        return together([])
    rows = np.flatnonzero(np.isin(before.component, _codes(work, before)))
    return lines_of(
        work.place,
        Kind.EARNED,
        Exact(before.pay[rows], np.zeros(len(rows), np.int64)),
        person=before.person[rows],
        month=0,
        credit=before.credit[rows],
        tier=before.tier[rows],
        amount=before.amount[rows],
        rate=before.rate[rows],
    )


def _codes(work: Work, before: PaidBefore) -> list[int]:
    """The places of the codes whose pay the component takes back."""
    there = {one.code for one in work.plan.components}
    first = next(place for place in range(len(there)) if Work(work.plan, work.book, place).takes_back_as_paid)
    adopts = work.place == first
    return [
        place
        for place, code in enumerate(before.codes)
        if code == work.component.code or (adopts and code not in there)
    ]


def _rows_before(work: Work, before: Lines) -> list[Row]:
    backs: dict[int, list[int]] = {}
    if len(before):
        reverses = work.book.credits.reverses
        for back in np.flatnonzero(reverses != NOBODY).tolist():
            backs.setdefault(int(reverses[back]), []).append(back)
    found = [
        (back, line, _share(work, back, original))
        for line, original in enumerate(before.credit.tolist())
        for back in backs.get(original, ())
    ]
    return [row for row in found if row[2]]


def _share(work: Work, back: int, original: int) -> Fraction:
    """How much of the original's pay goes back: of the amount returned, and by the plan's clawback."""
    before = _amount(work, original)
    returned = Fraction(_amount(work, back), before) if before else Fraction(0)
    credits = work.book.credits
    months, days = (int(one[back] - one[original]) for one in (credits.month, credits.day))
    return min(returned, Fraction(1)) * within(work.plan.clawback, months, days)


def _amount(work: Work, credit: int) -> int:
    """The size of a credit, in ticks of the component's measure."""
    of = work.component.measure.of
    return TICKS if of == "count" else abs(int(work.book.credits.amounts[of][credit]))


def within(clawback: Clawback, months: int, days: int) -> Fraction:
    """The share that goes back when so many calendar months, and days, have gone by since the deal."""
    if clawback.window is None:
        return Fraction(clawback.share)
    by_days = clawback.window_in is WindowIn.DAYS
    left = clawback.window - (days if by_days else months)
    if left < 0 or (left == 0 and not by_days):
        return Fraction(0)
    in_part = clawback.by_months_left and clawback.window
    return Fraction(clawback.share) * (Fraction(left, clawback.window) if in_part else 1)


def _negative(work: Work, paid: Lines, rows: list[Row]) -> Lines:
    if not rows:
        return together([])
    back = np.array([row[0] for row in rows], np.int64)
    line = np.array([row[1] for row in rows], np.int64)
    pay = [-fraction_at(paid.pay, place) * share for _, place, share in rows]
    return lines_of(
        work.place,
        Kind.TAKEN_BACK,
        exact_of(pay),
        person=paid.person[line],
        month=last_month(work.book.credits.month[back], work.paid),
        credit=back,
        tier=paid.tier[line],
        amount=_amounts(paid.amount[line], rows),
        rate=paid.rate[line],
    )


def _amounts(amount: Ints, rows: list[Row]) -> Ints:
    return np.array([-round(int(a) * share) for a, (_, _, share) in zip(amount, rows, strict=True)], np.int64)
