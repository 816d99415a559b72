"""Exact money in columns: 64-bit integers instead of Decimal, so that a million credits take a moment.

An amount is a whole number of ticks, 1/10,000 of a currency unit (the database's numeric(18,4)). A rate
is a whole number of 1/100,000,000. Their product is kept whole as two columns: ticks, and what is left
over in 1/100,000,000 of a tick, 0 ≤ rest < PARTS. Nothing is rounded before a statement is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

TICKS = 10_000
PARTS = 100_000_000
MOST_TICKS = 10**17


@dataclass(frozen=True)
class Exact:
    """Money of shape (n,): ticks + rest / PARTS of a tick."""

    ticks: Ints
    rest: Ints

    def sums(self, group: Ints, groups: int) -> "Exact":
        """(groups,): the sums by group number."""
        ticks, rest = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
        np.add.at(ticks, group, self.ticks)
        np.add.at(rest, group, self.rest)
        return carried(ticks, rest)

    def at(self, chosen: Ints | NDArray[np.bool_] | slice) -> "Exact":
        """The chosen rows."""
        return Exact(self.ticks[chosen], self.rest[chosen])

    def decimal(self, place: int) -> Decimal:
        """One row as a Decimal with twelve places."""
        return Decimal(int(self.ticks[place])) / TICKS + Decimal(int(self.rest[place])) / (TICKS * PARTS)

    def decimals(self) -> list[Decimal]:
        """All rows."""
        return [self.decimal(place) for place in range(len(self.ticks))]


def product(ticks: Ints, rate: Ints) -> Exact:
    """ticks × rate, whole. Raises OverflowError for pay beyond 10,000,000,000,000."""
    if (np.abs(ticks.astype(np.float64) * rate) > float(MOST_TICKS) * PARTS).any():
        raise OverflowError("An amount times its rate is beyond 10,000,000,000,000. Check both.")
    (many, few), (times, part) = np.divmod(ticks, PARTS), np.divmod(rate, PARTS)
    carry, rest = np.divmod(few * part, PARTS)
    return Exact(many * times * PARTS + many * part + few * times + carry, rest)


def carried(ticks: Ints, rest: Ints) -> Exact:
    """With the rest brought below one tick."""
    more, rest = np.divmod(rest, PARTS)
    return Exact(ticks + more, rest)


def joined(parts: list[Exact]) -> Exact:
    """The rows of all parts."""
    return Exact(
        np.concatenate([part.ticks for part in parts]), np.concatenate([part.rest for part in parts])
    )


def minus(money: Exact) -> Exact:
    """The same money taken away."""
    return carried(-money.ticks, -money.rest)


def to_ticks(amount: Decimal) -> int:
    """A Decimal in ticks. Raises ValueError when it has more than four places."""
    ticks = amount * TICKS
    if ticks != ticks.to_integral_value():
        raise ValueError(f"{amount} has more than four decimal places.")
    return int(ticks)


def to_rate(rate: Decimal) -> int:
    """A Decimal rate in 1/PARTS. Raises ValueError when it has more than eight places."""
    parts = rate * PARTS
    if parts != parts.to_integral_value():
        raise ValueError(f"The rate {rate} has more than eight decimal places.")
    return int(parts)


def from_ticks(ticks: int) -> Decimal:
    """Ticks as money."""
    return Decimal(ticks) / TICKS


def exact_of(amounts: Sequence[Fraction | Decimal]) -> Exact:
    """Exact money; what is below 1/PARTS of a tick is rounded half up."""
    whole = [math.floor(Fraction(amount) * TICKS * PARTS + Fraction(1, 2)) for amount in amounts]
    pairs = [divmod(number, PARTS) for number in whole]
    return Exact(np.array([p[0] for p in pairs], np.int64), np.array([p[1] for p in pairs], np.int64))


def fraction_at(money: Exact, place: int) -> Fraction:
    """One row, exactly."""
    return Fraction(int(money.ticks[place]) * PARTS + int(money.rest[place]), TICKS * PARTS)
