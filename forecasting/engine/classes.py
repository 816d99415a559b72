"""ABC and XYZ: how much a demand unit earns, and how well its demand can be forecast.

ABC by share of revenue (H. Ford Dickie, Factory Management and Maintenance 109 (1951), 92–94); XYZ here by
the WAPE of rolling-origin back-tests rather than by the coefficient of variation: what a season or a trend
explains is not uncertainty (after Syntetos et al., International Journal of Forecasting 32 (2016), 1–26).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.engine.panel import Floats

Letters = NDArray[np.str_]


@dataclass(frozen=True)
class Bounds:
    """Where classes end, as shares: `a` and `b` of all revenue; `x` and `y` of the back-test WAPE."""

    a: float = 0.80
    b: float = 0.15
    x: float = 0.25
    y: float = 0.50


def abc_of(revenue: Floats, bounds: Bounds) -> Letters:
    """A for the units that earn the first share `a` of all revenue, B for the next `b`, C for the rest.

    revenue is (units,) in money. A unit belongs to the class in which its own revenue begins, so that one
    that earns nearly everything is an A. What earns nothing is a C; equals keep their order.
    """
    earned = np.maximum(revenue, 0.0)
    order = np.argsort(-earned, kind="stable")
    total = earned.sum()
    before = np.empty_like(earned)
    before[order] = np.cumsum(earned[order]) - earned[order]
    begins = before / total if total > 0 else np.ones_like(earned)
    # Rounding in the running sum must not tip a unit that begins exactly at a bound.
    letters = np.where(begins < bounds.a - 1e-9, "A", np.where(begins < bounds.a + bounds.b - 1e-9, "B", "C"))
    return np.where(earned > 0, letters, "C")


def xyz_of(wape: Floats, bounds: Bounds) -> Letters:
    """X up to a WAPE of `x`, Y up to `y`, Z above and where no back-test was possible (NaN), (units,)."""
    known = np.where(np.isfinite(wape), wape, np.inf)
    return np.where(known <= bounds.x, "X", np.where(known <= bounds.y, "Y", "Z"))
