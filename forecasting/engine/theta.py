"""The Theta method (Assimakopoulos & Nikolopoulos, International Journal of Forecasting 16, 2000).

Written out as simple exponential smoothing with a drift (Hyndman & Billah, International Journal of
Forecasting 19, 2003, 287–290): the same numbers as statsmodels' ThetaModel, whose state space machinery
takes ten times as long to smooth one level.
"""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.signal import lfilter
from statsmodels.tsa.seasonal import seasonal_decompose

from forecasting.engine.panel import Floats

LEAST_ALPHA, MOST_ALPHA = 1e-4, 1 - 1e-4


def theta(y: Floats, horizon: int, season_length: int, *, seasonal: bool) -> Floats:
    """Theta = 2, deseasonalised where the route says so. Shape (horizon,).

    With slope b of the straight line through the series and smoothing constant α, h periods ahead:
    level + b/2 · (h − 1 + 1/α − (1 − α)^n / α).
    """
    if not seasonal:
        return _theta(y, horizon)
    season, multiplies = _season(y, season_length)
    around = np.resize(season, len(y) + horizon)
    before, ahead = around[: len(y)], around[len(y) :]
    return _theta(y / before, horizon) * ahead if multiplies else _theta(y - before, horizon) + ahead


def _season(y: Floats, season_length: int) -> tuple[Floats, bool]:
    """One year of the classical decomposition's season, and whether it multiplies."""
    if y.min() > 0:
        season = seasonal_decompose(y, model="multiplicative", period=season_length).seasonal
        if season.min() > 0:
            return season[:season_length], True
    return seasonal_decompose(y, model="additive", period=season_length).seasonal[:season_length], False


def _theta(y: Floats, horizon: int) -> Floats:
    slope = float(np.polyfit(np.arange(len(y)), y, 1)[0])
    alpha = minimize_scalar(
        lambda a: _squares(y, a), bounds=(LEAST_ALPHA, MOST_ALPHA), method="bounded", options={"xatol": 1e-4}
    ).x
    level = smoothed(y, alpha)[-1]
    ahead = np.arange(horizon)
    return level + slope / 2 * (ahead + 1 / alpha - (1 - alpha) ** len(y) / alpha)


def smoothed(y: Floats, alpha: float) -> Floats:
    """The level after each value, begun at the first: l_t = α y_t + (1 − α) l_{t−1}."""
    return lfilter([alpha], [1, alpha - 1], y, zi=[(1 - alpha) * y[0]])[0]


def _squares(y: Floats, alpha: float) -> float:
    errors = y[1:] - smoothed(y, alpha)[:-1]
    return float(errors @ errors)
