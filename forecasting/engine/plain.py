"""The methods that fit nothing: for series that leave nothing to fit, and as yardsticks."""

import numpy as np

from forecasting.engine.panel import Floats


def zero(horizon: int) -> Floats:
    """Nothing, for a series that ended or never began."""
    return np.zeros(horizon)


def last_value(y: Floats, horizon: int) -> Floats:
    """The newest value for ever (naive)."""
    return np.full(horizon, y[-1])


def recent_mean(y: Floats, horizon: int, periods: int) -> Floats:
    """The mean of the newest `periods` values."""
    return np.full(horizon, y[-periods:].mean())


def seasonal_naive(y: Floats, horizon: int, season_length: int) -> Floats:
    """The value of the same period a year before; the newest value below one year of history."""
    if len(y) < season_length:
        return last_value(y, horizon)
    return np.resize(y[-season_length:], horizon)
