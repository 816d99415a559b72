"""How far forecasts were off. All take arrays of one shape; NaN actuals do not count."""

from typing import Any

import numpy as np

from forecasting.engine.panel import Floats


def wape(actual: Floats, predicted: Floats) -> float:
    """Σ|error| / Σ|actual|; NaN when nothing was sold."""
    return _ratio(np.nansum(np.abs(predicted - actual)), np.nansum(np.abs(actual)))


def bias(actual: Floats, predicted: Floats) -> float:
    """Σ(forecast − actual) / Σ|actual|; positive is over-forecast."""
    return _ratio(np.nansum(predicted - actual), np.nansum(np.abs(actual)))


def mase(actual: Floats, predicted: Floats, history: Floats, season_length: int) -> float:
    """Mean |error| over the history's mean seasonal step, or plain step below a year and one.

    Hyndman & Koehler, International Journal of Forecasting 22 (2006), 679–688.
    """
    lag = season_length if len(history) > season_length else 1
    steps = np.abs(history[lag:] - history[:-lag])
    if not np.isfinite(actual).any() or not np.isfinite(steps).any():
        return float("nan")
    return _ratio(np.nanmean(np.abs(predicted - actual)), np.nanmean(steps))


def _ratio(part: np.floating[Any], whole: np.floating[Any]) -> float:
    return float(part / whole) if whole else float("nan")
