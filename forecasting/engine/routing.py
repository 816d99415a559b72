"""Deciding, before anything is fitted, what kind of series this is.

Fitting first and asking later fails silently: Theta forecasts a trend for a constant series,
multiplicative models raise on zeros, seasonal models raise below two years.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.stats import kruskal

from forecasting.engine.panel import Floats

INTERMITTENT_ZEROS = 0.3
DEAD_YEARS = 1
SEASONAL_CONFIDENCE = 1.645
SEASONAL_CHANCE = 0.01


class Kind(StrEnum):
    """The routes a series can take."""

    EMPTY = "empty"
    DEAD = "dead"
    CONSTANT = "constant"
    SHORT = "short"
    INTERMITTENT = "intermittent"
    TRENDING = "trending"
    SEASONAL = "seasonal"


@dataclass(frozen=True)
class Route:
    """A kind, and the sentence that tells a planner why."""

    kind: Kind
    reason: str


def route(y: Floats, season_length: int) -> Route:
    """The route of one series: `y` from its first known period on, NaN where one is missing."""
    known = y[np.isfinite(y)]
    if known.size == 0:
        return Route(Kind.EMPTY, "There is no history.")
    if not known.any():
        return Route(Kind.DEAD, "Every known period is zero.")
    if known.max() <= 0:
        return Route(Kind.DEAD, "No known period is above zero.")
    quiet = len(y) - 1 - int(np.flatnonzero(np.nan_to_num(y))[-1])
    if quiet >= DEAD_YEARS * season_length:
        return Route(Kind.DEAD, f"Nothing was sold in the last {quiet} periods.")
    if np.ptp(known) == 0:
        return Route(Kind.CONSTANT, "Every known period has the same value.")
    zeros = float((known == 0).mean())
    if zeros >= INTERMITTENT_ZEROS:
        return Route(Kind.INTERMITTENT, f"{zeros:.0%} of the periods are zero.")
    if known.size < 2 * season_length:
        return Route(Kind.SHORT, f"{known.size} known periods are too few for a season.")
    if is_seasonal(y, season_length):
        return Route(Kind.SEASONAL, "The same months of different years resemble each other.")
    return Route(Kind.TRENDING, "No season stands out from the noise.")


def is_seasonal(y: Floats, season_length: int) -> bool:
    """Whether the same months of different years resemble each other, by either of two tests.

    The autocorrelation misses short peaks in noise; the test by months needs four years to be sure.
    False below two years and a half.
    """
    whole = filled(y)
    if len(whole) < 2.5 * season_length or np.ptp(whole) == 0:
        return False
    return _repeats(whole, season_length) or _months_differ(whole, season_length)


def _repeats(y: Floats, season_length: int) -> bool:
    """The M4 competition's test of the autocorrelation at the season's lag, one-sided at 90 %.

    |r_m| > 1.645 √((1 + 2 Σ_{i<m} r_i²) / n), on the first differences, so that a trend does not pass
    for a season.
    """
    steps = np.diff(y)
    if steps.size < 2.5 * season_length or np.ptp(steps) == 0:
        return False
    centred = steps - steps.mean()
    power = float(centred @ centred)
    lags = [float(centred[lag:] @ centred[:-lag]) / power for lag in range(1, season_length + 1)]
    spread = 1 + 2 * sum(r * r for r in lags[:-1])
    return lags[-1] > SEASONAL_CONFIDENCE * float(np.sqrt(spread / steps.size))


def _months_differ(y: Floats, season_length: int) -> bool:
    """Kruskal and Wallis' test (1952) of the months of the year at 1 %, as in the Census Bureau's X-13.

    On the distances from the centred moving average of a year, so that a trend does not count.
    """
    apart = y - _moving_year(y, season_length)
    months = [apart[place::season_length] for place in range(season_length)]
    known = [month[np.isfinite(month)] for month in months]
    if np.ptp(np.concatenate(known)) == 0:
        return False
    return bool(kruskal(*known).pvalue < SEASONAL_CHANCE)


def _moving_year(y: Floats, season_length: int) -> Floats:
    """The centred mean of a year around each period, NaN in the first and last half year."""
    weights = np.full(season_length + 1, 1 / season_length)
    weights[[0, -1]] /= 2
    half = season_length // 2
    return np.r_[np.full(half, np.nan), np.convolve(y, weights, "valid"), np.full(half, np.nan)]


def filled(y: Floats) -> Floats:
    """The series with its gaps drawn straight between their neighbours."""
    known = np.isfinite(y)
    if known.all():
        return y
    places = np.arange(len(y))
    return np.interp(places, places[known], y[known])
