"""The forecast of one series by its route, with guards: it never fails and never explodes."""

from dataclasses import dataclass

import numpy as np

from forecasting.engine.intermittent import intermittent
from forecasting.engine.panel import Floats
from forecasting.engine.plain import last_value, recent_mean, seasonal_naive, zero
from forecasting.engine.routing import Kind, Route, filled, route
from forecasting.engine.smoothing import smooth
from forecasting.engine.theta import theta

EXPLODES_ABOVE = 5.0


@dataclass(frozen=True)
class Mean:
    """A point forecast: values (horizon,), the method's name, and why this method."""

    values: Floats
    method: str
    reason: str


def forecast_one(y: Floats, horizon: int, season_length: int) -> Mean:
    """Forecast one series; `y` from its first known period on, NaN where one is missing.

    The series is scaled by its mean size first, so that tiny and huge numbers fit alike. Negative
    values are clipped at 0. A fit that fails or leaves five times the history's range falls back
    to the seasonal naive, and says so.
    """
    way = route(y, season_length)
    if way.kind in {Kind.EMPTY, Kind.DEAD}:
        return Mean(zero(horizon), "zero", way.reason)
    whole = filled(y)
    scale = float(np.abs(whole).mean())
    try:
        values, method = _by_route(whole / scale, horizon, season_length, way)
    except (ValueError, np.linalg.LinAlgError, FloatingPointError, OverflowError) as error:
        return _fallen_back(whole, horizon, season_length, f"the fit failed ({type(error).__name__})")
    values = np.maximum(values * scale, 0.0)
    if not np.isfinite(values).all() or values.max() > EXPLODES_ABOVE * np.abs(whole).max():
        return _fallen_back(whole, horizon, season_length, "the fit left the range of the history")
    return Mean(values, method, way.reason)


def _by_route(y: Floats, horizon: int, season_length: int, way: Route) -> tuple[Floats, str]:
    if way.kind is Kind.CONSTANT:
        return last_value(y, horizon), "constant"
    if way.kind is Kind.INTERMITTENT:
        return intermittent(y, horizon, season_length), "mean of MA and TSB"
    if way.kind is Kind.SHORT and len(y) < 6:
        return recent_mean(y, horizon, 3), "recent mean"
    seasonal = way.kind is Kind.SEASONAL
    smoothed, name = smooth(y, horizon, season_length, seasonal=seasonal)
    return (theta(y, horizon, season_length, seasonal=seasonal) + smoothed) / 2, f"mean of Theta and {name}"


def _fallen_back(y: Floats, horizon: int, season_length: int, why: str) -> Mean:
    values = np.maximum(seasonal_naive(y, horizon, season_length), 0.0)
    return Mean(values, "seasonal naive", f"Fallen back: {why}.")
