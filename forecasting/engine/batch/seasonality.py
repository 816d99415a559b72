"""Whether a series has a season, and what it is: the classical decomposition, many series at once."""

from dataclasses import dataclass

import numpy as np

from forecasting.engine.batch.lanes import Bools, Floats, Ints, Lanes

Z_90 = 1.645
SMALLEST_FACTOR = 0.01


@dataclass(frozen=True)
class Adjusted:
    """Lanes without their season. indices: (season, lanes), by period modulo season length; factors
    where `multiplicative` (lanes,), amounts elsewhere; neutral for lanes without a season."""

    lanes: Lanes
    indices: Floats
    multiplicative: Bools

    def with_season(self, forecasts: Floats) -> Floats:
        """Forecasts (horizon, lanes) of the adjusted lanes, with the season put back."""
        slots = (self.lanes.periods + np.arange(forecasts.shape[0])) % self.lanes.season_length
        season = self.indices[slots]
        return np.where(self.multiplicative, forecasts * season, forecasts + season)


def is_seasonal(lanes: Lanes) -> Bools:
    """(lanes,): whether the autocorrelation at one season's lag passes the 90 % limit.

    Needs three seasons of history (Makridakis et al. 2020, the M4 competition's Naive2 test).
    """
    season = lanes.season_length
    if season < 2 or lanes.periods <= season:
        return np.zeros(lanes.count, dtype=bool)
    begun = lanes.begun
    mean = lanes.values.sum(axis=0) / np.maximum(lanes.lengths, 1)
    from_mean = np.where(begun, lanes.values - mean, 0.0)
    variance = (from_mean**2).sum(axis=0)
    variance = np.where(variance > 0, variance, 1.0)
    lags = [(from_mean[lag:] * from_mean[:-lag]).sum(axis=0) / variance for lag in range(1, season + 1)]
    correlation = np.array(lags)
    limit = Z_90 * np.sqrt((1 + 2 * (correlation[:-1] ** 2).sum(axis=0)) / np.maximum(lanes.lengths, 1))
    return (np.abs(correlation[-1]) > limit) & (lanes.lengths >= 3 * season)


def indices(values: Floats, lengths: Ints, season: int, multiplicative: Bools) -> Floats:
    """Seasonal indices (season, lanes) by period modulo season: means of value over centred moving
    average (multiplicative) or of their difference, normalised to a mean of 1 or 0."""
    periods, lanes = values.shape
    before = season // 2
    sums = np.vstack([np.zeros((1, lanes)), np.cumsum(values, axis=0)])
    window = sums[season:] - sums[:-season]
    if season % 2:
        trend = window / season
    else:
        trend = (window[:-1] + window[1:]) / (2 * season)
    count = trend.shape[0]
    known = np.arange(count)[:, None] >= (periods - lengths)[None, :]
    centred = values[before : before + count]
    with np.errstate(all="ignore"):
        ratio = np.where(multiplicative, centred / np.where(trend != 0, trend, 1.0), centred - trend)
    ratio = np.where(known, ratio, 0.0)
    slots = (np.arange(count) + before) % season
    total, seen = np.zeros((season, lanes)), np.zeros((season, lanes))
    np.add.at(total, slots, ratio)
    np.add.at(seen, slots, known.astype(float))
    means = np.where(seen > 0, total / np.maximum(seen, 1), multiplicative.astype(float))
    middle = means.mean(axis=0)
    return np.where(multiplicative, means / np.where(middle != 0, middle, 1.0), means - middle)


def without_season(lanes: Lanes) -> Adjusted:
    """The lanes without their season: by factors where all values are positive, else by amounts."""
    season, seasonal = lanes.season_length, is_seasonal(lanes)
    neutral = np.zeros((max(season, 1), lanes.count))
    if not seasonal.any():
        return Adjusted(lanes, neutral, np.zeros(lanes.count, dtype=bool))
    multiplicative = lanes.positive & seasonal
    found = indices(lanes.values, lanes.lengths, season, multiplicative)
    tiny = multiplicative & (found.min(axis=0) <= SMALLEST_FACTOR)
    if tiny.any():
        multiplicative = multiplicative & ~tiny
        found[:, tiny] = indices(
            lanes.values[:, tiny], lanes.lengths[tiny], season, np.zeros(tiny.sum(), dtype=bool)
        )
    found = np.where(seasonal, found, 0.0)
    by_period = found[np.arange(lanes.periods) % season]
    divided = lanes.values / np.where(multiplicative & (by_period != 0), by_period, 1.0)
    values = np.where(multiplicative, divided, lanes.values - by_period)
    return Adjusted(lanes.with_values(np.where(lanes.begun, values, 0.0)), found, multiplicative)
