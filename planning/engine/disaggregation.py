"""Spreading one number over many so that the parts add up to it exactly."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STEPS = 10_000


def spread(total: float, weights: Floats) -> Floats:
    """`total` over the places of `weights` (n,), in proportion; evenly where all weights are 0.

    Parts are whole ten-thousandths (the database keeps four decimals) and add up to `total` rounded
    to four decimals exactly: the largest remainders get what rounding down left over (Hamilton's
    method). Raises ValueError for no places, or for negative or missing weights.
    """
    if weights.size == 0:
        raise ValueError("There is nothing to spread over.")
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("Weights must be finite and not negative.")
    whole = round(abs(total) * STEPS)
    shares = weights / weights.sum() if weights.sum() > 0 else np.full(weights.size, 1 / weights.size)
    exact = shares * whole
    parts = np.floor(exact).astype(np.int64)
    left = whole - int(parts.sum())
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[: max(left, 0)]] += 1
    if left < 0:  # floating point made the floors add up to more: take it back from the largest
        parts[np.argsort(-parts, kind="stable")[:-left]] -= 1
    return np.copysign(parts / STEPS, total)
