"""Pay by tiers, credit by credit: a line for each credit and tier."""

from dataclasses import replace
from decimal import Decimal

import numpy as np

from compensation.engine.book import last_month, to_date
from compensation.engine.counting import Counted, Work
from compensation.engine.exact import PARTS, Exact, Ints, product, to_rate, to_ticks
from compensation.engine.lines import Kind, Lines, lines_of, together
from compensation.engine.plan import MONTHS, ZERO, Against, Attained, Form, Period
from compensation.engine.tiers import Piece, Stretches, marginal, priced, reached, stretches


def tier_lines(work: Work) -> Lines:
    """The lines of a flat, marginal or whole component, before caps and multipliers."""
    counted = work.counted
    paying = np.flatnonzero(counted.taken_back == 0) if work.takes_back_as_paid else _all(counted)
    if work.component.form in {Form.FLAT, Form.MARGINAL}:
        return _marginal_lines(work, counted, paying)
    return _whole_lines(work, counted)


def _all(counted: Counted) -> Ints:
    return np.arange(len(counted.person))


def _marginal_lines(work: Work, counted: Counted, paying: Ints) -> Lines:
    """Only `paying` rows get lines; the others still fill their window, unless attainment is kept."""
    moves = counted if work.takes_back_as_paid and _restates(work) else counted.at(paying)
    path = stretches(windows(work, moves), moves.amount)
    piece = marginal(path, bounds(work, moves), rates(work, moves))
    if moves is counted:
        piece = _without(piece, counted.taken_back)
    return _earned(work, moves, piece)


def _restates(work: Work) -> bool:
    return work.plan.clawback.attainment is Attained.RESTATED


def _without(piece: Piece, taken_back: Ints) -> Piece:
    kept = np.flatnonzero(taken_back[piece.row] == 0)
    return Piece(piece.row[kept], piece.tier[kept], piece.amount[kept], piece.rate[kept], piece.pay.at(kept))


def _whole_lines(work: Work, counted: Counted) -> Lines:
    """The tier at the end of each period prices all of the window: earlier credits get the difference."""
    if work.component.over is Period.DEAL:
        tier = reached(np.abs(counted.amount), bounds(work, counted), work.component.border)
        return _earned(work, counted, priced(counted.amount, tier, rates(work, counted)))
    paid = last_month(counted.month, work.paid)
    low = below_until(work, counted)
    tier = _tier(work, counted.person, paid, bounds(work, counted))
    parts = [_earned(work, counted, priced(low, tier, rates(work, counted)))]
    parts += _true_ups(work, counted, low)
    if work.component.form is Form.WHOLE_UNTIL and work.component.until is not None:
        parts.append(_above(work, counted, work.component.until))
    return together(parts)


def _tier(work: Work, person: Ints, month: Ints, limits: Ints) -> Ints:
    """The tier that a window has reached at the end of a month."""
    total, until = work.so_far[person, month], work.component.until
    if until is not None:
        total = np.minimum(total, _point(work, until, person, month))
    return reached(total, limits, work.component.border)


def below_until(work: Work, counted: Counted) -> Ints:
    """(n,) ticks: the part of each row's stretch below `until`; all of it where a plan sets no such point."""
    until = work.component.until
    if until is None:
        return counted.amount
    path = stretches(windows(work, counted), counted.amount)
    point = _point(work, until, counted.person, counted.month)
    return np.minimum(path.after, point) - np.minimum(path.before, point)


def _above(work: Work, counted: Counted, until: Decimal) -> Lines:
    """The lines of what lies above `until`, tier by tier."""
    path = stretches(windows(work, counted), counted.amount)
    point = _point(work, until, counted.person, counted.month)
    rest = Stretches(path.window, np.maximum(path.before, point), np.maximum(path.after, point))
    limits = np.maximum(bounds(work, counted), point)
    return _earned(work, counted, marginal(rest, limits, rates(work, counted)))


def _true_ups(work: Work, counted: Counted, low: Ints) -> list[Lines]:
    """What earlier periods of a window get more or less when the tier changes, for each kind of rate."""
    return [_true_up(work, counted, low, kind) for kind in _kinds(work, counted)]


def _kinds(work: Work, counted: Counted) -> list[Ints]:
    """The rows of each value of the column `by`; all of them without one."""
    if not work.component.by:
        return [_all(counted)]
    code = work.book.credits.words[work.component.by].code[counted.credit]
    return [np.flatnonzero(code == value) for value in np.unique(code)]


def _true_up(work: Work, counted: Counted, low: Ints, rows: Ints) -> Lines:
    people, months, length = len(work.book.people.ids), work.book.months, MONTHS[work.paid]
    if not len(rows):
        return together([])
    amount = np.zeros((people, months), np.int64)
    np.add.at(amount, (counted.person[rows], last_month(counted.month[rows], work.paid)), low[rows])
    earlier = to_date(amount, work.window) - amount
    person, period = np.divmod(np.arange(people * (months // length)), months // length)
    month = (period + 1) * length - 1
    sample = counted.at(np.resize(rows, len(person)))
    here = replace(sample, person=person, month=month)
    limits, prices = bounds(work, here), rates(work, here)
    now = _tier(work, person, month, limits)
    previous = np.maximum(month - length, 0)
    then = _tier(work, person, previous, bounds(work, replace(here, month=previous)))
    place = np.arange(len(person))
    difference = prices[now, place] - prices[then, place]
    chosen = np.flatnonzero((earlier[person, month] != 0) & (difference != 0))
    moved, change = earlier[person, month][chosen], difference[chosen]
    return lines_of(
        work.place,
        Kind.TRUE_UP,
        product(moved, change),
        person=person[chosen],
        month=month[chosen],
        tier=now[chosen],
        amount=moved,
        rate=change,
    )


def windows(work: Work, rows: Counted) -> Ints:
    """(n,): the number of the window that each row fills; the row's own for DEAL."""
    if work.component.over is Period.DEAL:
        return np.arange(len(rows.person))
    return rows.person * work.book.months + rows.month // MONTHS[work.window]


def bounds(work: Work, rows: Counted) -> Ints:
    """(tiers, n) in ticks: where each tier begins for each row."""
    starts = [tier.start for tier in work.component.tiers] or [ZERO]
    return np.array([_point(work, start, rows.person, rows.month) for start in starts])


def _point(work: Work, bound: Decimal, person: Ints, month: Ints) -> Ints:
    """(n,) ticks: a bound for each row, an amount or a share of the row's quota, half up to the tick."""
    if work.component.against is not Against.QUOTA:
        return np.full(len(person), to_ticks(bound))
    share: Exact = product(work.quota[person, month], np.full(len(person), to_rate(bound)))
    return share.ticks + (2 * share.rest >= PARTS)


def rates(work: Work, rows: Counted) -> Ints:
    """(tiers, n) in 1/PARTS: the rate of each tier for each row, by the column `by` where there is one."""
    component = work.component
    found = [np.full(len(rows.person), to_rate(tier.rate)) for tier in component.tiers]
    if not component.by:
        return np.array(found)
    words = work.book.credits.words[component.by]
    for column, tier in zip(found, component.tiers, strict=True):
        for value, rate in tier.rates:
            column[words.among((value,))[rows.credit]] = to_rate(rate)
    return np.array(found)


def _earned(work: Work, rows: Counted, piece: Piece) -> Lines:
    return lines_of(
        work.place,
        Kind.EARNED,
        piece.pay,
        person=rows.person[piece.row],
        month=last_month(rows.month[piece.row], work.paid),
        credit=rows.credit[piece.row],
        tier=piece.tier,
        amount=piece.amount,
        rate=piece.rate,
    )
