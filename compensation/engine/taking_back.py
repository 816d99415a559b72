"""Clawback at historic rates: a deal that is taken back takes back what itself was paid."""

from fractions import Fraction

import numpy as np

from compensation.engine.book import last_month
from compensation.engine.counting import Work
from compensation.engine.exact import Ints, exact_of, fraction_at
from compensation.engine.lines import Kind, Lines, lines_of, together
from compensation.engine.plan import Clawback


def taken_back(work: Work, paid: Lines) -> Lines:
    """The negative lines of a component, from its own lines by credit and person. paid: what it earned."""
    counted = work.counted
    backs = np.flatnonzero(counted.taken_back)
    if not work.takes_back_as_paid or not len(backs):
        return together([])
    found = _lines_by_credit(work, paid)
    rows: list[tuple[int, int, Fraction]] = []
    for back in backs:
        original = int(work.book.credits.reverses[counted.credit[back]])
        share = _share(work, int(back), original)
        mine = found.get((int(counted.person[back]), original), ())
        rows += [(int(back), line, share) for line in mine if share]
    return _negative(work, paid, rows)


def _lines_by_credit(work: Work, paid: Lines) -> dict[tuple[int, int], list[int]]:
    """The lines of the credits that are taken back some time."""
    wanted = np.unique(work.book.credits.reverses[work.counted.credit[work.counted.taken_back == 1]])
    found: dict[tuple[int, int], list[int]] = {}
    for line in np.flatnonzero(np.isin(paid.credit, wanted)):
        found.setdefault((int(paid.person[line]), int(paid.credit[line])), []).append(int(line))
    return found


def _share(work: Work, back: int, original: int) -> Fraction:
    """How much of the original's pay goes back: of the amount returned, and by the plan's clawback."""
    counted, book = work.counted, work.book
    amounts = dict(zip(*_measured(work, original), strict=True))
    before = amounts.get(original, 0)
    returned = Fraction(abs(int(counted.amount[back])), abs(before)) if before else Fraction(0)
    passed = int(book.credits.month[counted.credit[back]] - book.credits.month[original])
    return min(returned, Fraction(1)) * within(work.plan.clawback, passed)


def _measured(work: Work, original: int) -> tuple[list[int], list[int]]:
    row, amount = work.book.credits.measured(work.component.measure)
    place = np.flatnonzero(row == original)
    return [int(row[p]) for p in place], [int(amount[p]) for p in place]


def within(clawback: Clawback, passed: int) -> Fraction:
    """The share that goes back when `passed` months have gone by since the deal."""
    if clawback.window is None:
        return Fraction(clawback.share)
    left = clawback.window - passed
    if left <= 0:
        return Fraction(0)
    return Fraction(clawback.share) * (Fraction(left, clawback.window) if clawback.by_months_left else 1)


def _negative(work: Work, paid: Lines, rows: list[tuple[int, int, Fraction]]) -> Lines:
    if not rows:
        return together([])
    back = np.array([row[0] for row in rows], np.int64)
    line = np.array([row[1] for row in rows], np.int64)
    pay = [-fraction_at(paid.pay, place) * share for _, place, share in rows]
    return lines_of(
        work.place,
        Kind.TAKEN_BACK,
        exact_of(pay),
        person=work.counted.person[back],
        month=last_month(work.counted.month[back], work.paid),
        credit=work.counted.credit[back],
        tier=paid.tier[line],
        amount=_amounts(paid.amount[line], rows),
        rate=paid.rate[line],
    )


def _amounts(amount: Ints, rows: list[tuple[int, int, Fraction]]) -> Ints:
    return np.array([-round(int(a) * share) for a, (_, _, share) in zip(amount, rows, strict=True)], np.int64)
