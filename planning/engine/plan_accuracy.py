"""How the plan did against what was sold, from sums that are known already.

Errors are forecast less actual, as in engine.accuracy: positive means too much was planned.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def share(part: float, whole: float) -> float | None:
    """A part of a whole; None of nothing."""
    return part / whole if whole else None


def tracking_signal(errors: Floats) -> float | None:
    """Sum of the errors over their mean absolute value, (months,) in units; None without an error.

    Beyond ±4 the plan leans to one side for longer than chance explains (R. G. Brown, Smoothing,
    Forecasting and Prediction of Discrete Time Series, 1963).
    """
    spread = float(np.abs(errors).mean()) if errors.size else 0.0
    return float(errors.sum()) / spread if spread > 0 else None


def points_gained(before: float | None, after: float | None) -> float | None:
    """Forecast value added: WAPE before the step less WAPE after it, as a share; positive is better
    (M. Gilliland, The Business Forecasting Deal, 2010)."""
    return None if before is None or after is None else before - after
