"""Tiers over many credits at once: flat, marginal, whole ("dollar one"), and whole until a point.

Credits fill a window (a month, a quarter, a year, or the deal itself) in their order; each takes the stretch
from `before` to `after` of what the window adds up to. What a stretch pays is a sum over tiers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compensation.engine.exact import Exact, Ints, joined, product
from compensation.engine.plan import Border

FAR = np.int64(4 * 10**18)


@dataclass(frozen=True)
class Stretches:
    """Rows in the order in which they fill their windows. window: (n,) ascending. before, after: ticks."""

    window: Ints
    before: Ints
    after: Ints


@dataclass(frozen=True)
class Piece:
    """What each row has in a tier: places of the rows, the tier, the part in ticks, its rate and pay."""

    row: Ints
    tier: Ints
    amount: Ints
    rate: Ints
    pay: Exact


def stretches(window: Ints, amount: Ints) -> Stretches:
    """The stretch of each row, by running sums that begin at 0 in every window."""
    if not len(window):
        return Stretches(window, amount, amount)
    total = np.cumsum(amount)
    first = np.flatnonzero(np.r_[True, window[1:] != window[:-1]])
    offset = np.repeat(total[first] - amount[first], np.diff(np.r_[first, len(window)]))
    return Stretches(window, total - amount - offset, total - offset)


def marginal(path: Stretches, bounds: Ints, rates: Ints) -> Piece:
    """Each tier's rate on the part inside it.

    bounds: (tiers, n) ticks, ascending; the first tier also takes what lies below it. rates: (tiers, n).
    """
    tiers = len(bounds)
    parts = []
    for tier in range(tiers):
        low = bounds[tier] if tier else np.full_like(path.before, -FAR)
        high = bounds[tier + 1] if tier + 1 < tiers else np.full_like(path.before, FAR)
        inside = np.clip(path.after, low, high) - np.clip(path.before, low, high)
        row = np.flatnonzero(inside)
        rate = rates[tier][row]
        parts.append(Piece(row, np.full(len(row), tier), inside[row], rate, product(inside[row], rate)))
    return _joined(parts)


def reached(total: Ints, bounds: Ints, border: Border) -> Ints:
    """(n,): the tier in which each total lies. total: (n,), bounds: (tiers, n)."""
    above = total >= bounds[1:] if border is Border.UPPER else total > bounds[1:]
    return np.asarray(above.sum(axis=0), np.int64)


def priced(amount: Ints, tier: Ints, rates: Ints) -> Piece:
    """Every row's whole amount at the rate of its tier. rates: (tiers, n)."""
    row = np.arange(len(amount))
    rate = rates[tier, row]
    return Piece(row, tier, amount, rate, product(amount, rate))


def _joined(parts: list[Piece]) -> Piece:
    def column(name: str) -> NDArray[np.int64]:
        return np.concatenate([getattr(part, name) for part in parts])

    found = Piece(
        column("row"), column("tier"), column("amount"), column("rate"), joined([p.pay for p in parts])
    )
    order = np.lexsort((found.tier, found.row))
    return Piece(
        found.row[order], found.tier[order], found.amount[order], found.rate[order], found.pay.at(order)
    )
