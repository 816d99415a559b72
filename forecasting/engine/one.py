"""The forecast of one series by its route, with guards: it never fails and never explodes."""

from dataclasses import dataclass, replace

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
    """A point forecast: values (horizon,), the method's name, and why this method.

    `damped` tells which form of smoothing was chosen; None where nothing was smoothed.
    """

    values: Floats
    method: str
    reason: str
    damped: bool | None = None


def forecast_one(y: Floats, horizon: int, season_length: int, damped: bool | None = None) -> Mean:
    """Forecast one series; `y` from its first known period on, NaN where one is missing.

    The series is scaled by its mean size first, so that tiny and huge numbers fit alike. Negative
    values are clipped at 0. A fit that fails or leaves five times the history's range falls back
    to the seasonal naive, and says so. `damped` says which form of smoothing to use (back-tests).
    """
    way = route(y, season_length)
    if way.kind in {Kind.EMPTY, Kind.DEAD}:
        return Mean(zero(horizon), "zero", way.reason)
    whole = filled(y)
    scale = float(np.abs(whole).mean())
    try:
        made = _by_route(whole / scale, horizon, season_length, way, damped)
    except (ValueError, np.linalg.LinAlgError, FloatingPointError, OverflowError) as error:
        return _fallen_back(whole, horizon, season_length, f"the fit failed ({type(error).__name__})")
    values = np.maximum(made.values * scale, 0.0)
    if not np.isfinite(values).all() or values.max() > EXPLODES_ABOVE * np.abs(whole).max():
        return _fallen_back(whole, horizon, season_length, "the fit left the range of the history")
    return replace(made, values=values)


def _by_route(y: Floats, horizon: int, season_length: int, way: Route, damped: bool | None) -> Mean:
    if way.kind is Kind.CONSTANT:
        return Mean(last_value(y, horizon), "constant", way.reason)
    if way.kind is Kind.INTERMITTENT:
        return Mean(intermittent(y, horizon, season_length), "mean of MA and TSB", way.reason)
    if way.kind is Kind.SHORT and len(y) < 6:
        return Mean(recent_mean(y, horizon, 3), "recent mean", way.reason)
    seasonal = way.kind is Kind.SEASONAL
    smoothed = smooth(y, horizon, season_length, seasonal=seasonal, damped=damped)
    values = (theta(y, horizon, season_length, seasonal=seasonal) + smoothed.values) / 2
    return Mean(values, f"mean of Theta and {smoothed.name}", way.reason, smoothed.damped)


def _fallen_back(y: Floats, horizon: int, season_length: int, why: str) -> Mean:
    values = np.maximum(seasonal_naive(y, horizon, season_length), 0.0)
    return Mean(values, "seasonal naive", f"Fallen back: {why}.")
