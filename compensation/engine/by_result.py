"""Tiers whose bounds are reached by what was paid out, not by what was sold: the amount at which a deal
crosses a bound is solved for. A line for each credit and tier."""

from fractions import Fraction

import numpy as np

from compensation.engine.book import last_month
from compensation.engine.by_tier import rates, windows
from compensation.engine.counting import Counted, Work
from compensation.engine.exact import PARTS, TICKS, Ints, exact_of
from compensation.engine.lines import Kind, Lines, lines_of, together

Taken = tuple[int, Fraction, Fraction]


def result_lines(work: Work) -> Lines:
    """Credits in their order; every window begins with nothing paid out."""
    counted = work.counted
    paying = counted.at(np.flatnonzero(counted.taken_back == 0)) if work.takes_back_as_paid else counted
    window, prices = windows(work, paying), rates(work, paying)
    starts = [Fraction(tier.start) for tier in work.component.tiers]
    rows: list[tuple[int, int, Fraction, Fraction]] = []
    paid: dict[int, Fraction] = {}
    for place in range(len(paying.person)):
        rate = [Fraction(int(price), PARTS) for price in prices[:, place]]
        so_far = paid.get(int(window[place]), Fraction(0))
        for tier, amount, pay in _walk(Fraction(int(paying.amount[place]), TICKS), so_far, starts, rate):
            rows.append((place, tier, amount, pay))
            so_far += pay
        paid[int(window[place])] = so_far
    return _lines(work, paying, rows, prices)


def _walk(amount: Fraction, paid: Fraction, starts: list[Fraction], rate: list[Fraction]) -> list[Taken]:
    """(tier, amount, pay) of one credit; negative ones go back down the tiers."""
    taken: list[Taken] = []
    tier = max(place for place, start in enumerate(starts) if start <= paid or not place)
    down = amount < 0
    if down and paid == starts[tier] and tier:
        tier -= 1
    while amount:
        room = _room(paid, starts, tier, down)
        step = amount if room is None or not rate[tier] or abs(amount * rate[tier]) <= room else None
        part = step if step is not None else (-room if down else room) / rate[tier]  # type: ignore[operator]
        taken.append((tier, part, part * rate[tier]))
        paid, amount = paid + part * rate[tier], amount - part
        tier += -1 if down else 1
    return taken


def _room(paid: Fraction, starts: list[Fraction], tier: int, down: bool) -> Fraction | None:
    """How much may be paid before the tier ends; None without an end."""
    if down:
        return paid - starts[tier] if tier else None
    return starts[tier + 1] - paid if tier + 1 < len(starts) else None


def _lines(
    work: Work,
    counted: Counted,
    rows: list[tuple[int, int, Fraction, Fraction]],
    prices: Ints,
) -> Lines:
    if not rows:
        return together([])
    place, tier = (np.array([row[column] for row in rows], np.int64) for column in (0, 1))
    return lines_of(
        work.place,
        Kind.EARNED,
        exact_of([row[3] for row in rows]),
        person=counted.person[place],
        month=last_month(counted.month[place], work.paid),
        credit=counted.credit[place],
        tier=tier,
        amount=np.array([round(row[2] * TICKS) for row in rows], np.int64),
        rate=prices[tier, place],
    )
