"""Shares kept between a floor and a ceiling: what one may not take or must have, the others bear.

Each part is its share times one common level, cut off at its bounds; the level is raised until the parts
add up (water-filling; S. Boyd, L. Vandenberghe, Convex Optimization, 2004, p. 245). The answer is the only
one, depends on no order, and no part falls when the total rises.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from territories.engine.quotas.wholes import Amounts, rounded


@dataclass(frozen=True)
class Bound:
    """The least and the most of one part, in base currency; None for no limit."""

    low: Decimal | None = None
    high: Decimal | None = None


class BoundsDoNotFit(ValueError):
    """Floors above, or ceilings below, what there is to give. `side` is "floor" or "ceiling"; `most` is
    what all the bounds together come to."""

    def __init__(self, side: str, bounds: Decimal, total: Decimal) -> None:
        self.side, self.bounds, self.total = side, bounds, total
        word = "more" if side == "floor" else "less"
        super().__init__(f"The {side}s add up to {bounds:,.2f}, {word} than the {total:,.2f} to give.")


def bounded_split(
    total: Decimal, shares: Mapping[Any, Fraction], bounds: Mapping[Any, Bound], step: Decimal
) -> Amounts:
    """Parts by their shares within their bounds, in whole steps that add up to the total.

    Bounds are moved inwards to whole steps, so that rounding never breaks one. Raises BoundsDoNotFit.
    """
    if not shares:
        return {}
    lows = {key: _up(bounds.get(key, Bound()).low, step) for key in shares}
    highs = {key: _down(bounds.get(key, Bound()).high, step, lows[key], total) for key in shares}
    if sum(lows.values()) > total:
        raise BoundsDoNotFit("floor", sum(lows.values(), Decimal(0)), total)
    if sum(highs.values()) < total:
        raise BoundsDoNotFit("ceiling", sum(highs.values(), Decimal(0)), total)
    exact = _filled(Fraction(total), shares, _exact(lows), _exact(highs))
    return rounded(exact, total, step, {key: bound.high for key, bound in bounds.items()})


def _filled(
    total: Fraction,
    shares: Mapping[Any, Fraction],
    lows: Mapping[Any, Fraction],
    highs: Mapping[Any, Fraction],
) -> dict[Any, Fraction]:
    sharing = [key for key, share in shares.items() if share > 0]
    resting = [key for key in shares if key not in set(sharing)]
    most = sum((highs[key] for key in sharing), Fraction(0)) + sum(
        (lows[key] for key in resting), Fraction(0)
    )
    if most < total:  # those with a share are full: the others take the rest alike
        filled = {key: highs[key] for key in sharing}
        alike = dict.fromkeys(resting, Fraction(1))
        return filled | _level(total - sum(filled.values(), Fraction(0)), alike, lows, highs)
    kept = {key: lows[key] for key in resting}
    return kept | _level(
        total - sum(kept.values(), Fraction(0)), {key: shares[key] for key in sharing}, lows, highs
    )


def _level(
    total: Fraction,
    shares: Mapping[Any, Fraction],
    lows: Mapping[Any, Fraction],
    highs: Mapping[Any, Fraction],
) -> dict[Any, Fraction]:
    """clamp(level * share, low, high) for the level at which they add up: found between breakpoints."""

    def at(level: Fraction) -> dict[Any, Fraction]:
        return {key: min(max(level * share, lows[key]), highs[key]) for key, share in shares.items()}

    breaks = sorted({bound[key] / share for key, share in shares.items() for bound in (lows, highs)})
    low, high = 0, len(breaks) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if sum(at(breaks[middle]).values()) >= total else (middle + 1, high)
    if not breaks:
        return {}
    reached = at(breaks[low])
    over = sum(reached.values(), Fraction(0)) - total
    if over <= 0 or low == 0:
        return reached
    before = breaks[low - 1]
    moving = {
        key: share
        for key, share in shares.items()
        if lows[key] <= before * share and highs[key] >= breaks[low] * share
    }
    level = breaks[low] - over / sum(moving.values(), Fraction(0))
    return at(level)


def _exact(bounds: Mapping[Any, Decimal]) -> dict[Any, Fraction]:
    return {key: Fraction(bound) for key, bound in bounds.items()}


def _up(low: Decimal | None, step: Decimal) -> Decimal:
    return ((low or Decimal(0)) / step).to_integral_value(ROUND_CEILING) * step


def _down(high: Decimal | None, step: Decimal, low: Decimal, total: Decimal) -> Decimal:
    if high is None:
        return max(total, low)
    return max((high / step).to_integral_value(ROUND_FLOOR) * step, low)
