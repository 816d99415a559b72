"""How far forecasts were off. All take arrays of one shape; NaN actuals do not count."""

from typing import Any

import numpy as np

from forecasting.engine.panel import Floats


def wape(actual: Floats, predicted: Floats) -> float:
    """Σ|error| / Σ|actual|; NaN when nothing was sold."""
    known = np.isfinite(actual)
    return _ratio(np.nansum(np.abs(predicted - actual)), np.abs(actual[known]).sum())


def bias(actual: Floats, predicted: Floats) -> float:
    """Σ(forecast − actual) / Σ|actual|; positive is over-forecast."""
    known = np.isfinite(actual)
    return _ratio(np.nansum(predicted - actual), np.abs(actual[known]).sum())


def smape(actual: Floats, predicted: Floats) -> float:
    """Mean of `smape_terms`, in percent from 0 to 200."""
    known = np.isfinite(actual) & np.isfinite(predicted)
    return float(_mean(smape_terms(actual[known], predicted[known])))


def smape_terms(actual: Floats, predicted: Floats) -> Floats:
    """200 |error| / (|actual| + |forecast|) of each cell, in percent, 0 where both are 0.

    Makridakis & Hibon, International Journal of Forecasting 16 (2000), 451–476.
    """
    whole = np.abs(actual) + np.abs(predicted)
    return np.where(whole > 0, 200 * np.abs(predicted - actual) / np.where(whole > 0, whole, 1.0), 0.0)


def mase(actual: Floats, predicted: Floats, history: Floats, season_length: int) -> float:
    """Mean |error| over the history's mean seasonal step, or plain step below a year and one.

    Hyndman & Koehler, International Journal of Forecasting 22 (2006), 679–688.
    """
    return _ratio(_mean(np.abs(predicted - actual)), _mean(np.abs(_steps(history, season_length))))


def rmsse(actual: Floats, predicted: Floats, history: Floats) -> float:
    """Root of the mean squared error over the history's mean squared plain step.

    Makridakis, Spiliotis & Assimakopoulos, International Journal of Forecasting 38 (2022), 1325–1336.
    """
    return float(np.sqrt(_ratio(_mean((predicted - actual) ** 2), _mean(_steps(history, 1) ** 2))))


def _steps(history: Floats, season_length: int) -> Floats:
    lag = season_length if len(history) > season_length else 1
    return history[lag:] - history[:-lag]


def _mean(values: Floats) -> np.floating[Any]:
    known = values[np.isfinite(values)]
    return known.mean() if known.size else np.float64("nan")


def _ratio(part: np.floating[Any], whole: np.floating[Any]) -> float:
    return float(part / whole) if whole else float("nan")
