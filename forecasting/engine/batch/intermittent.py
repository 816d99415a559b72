"""Series with many zeros, many at once: a year's mean, and what Croston's method grew into.

TSB: Teunter, Syntetos & Babai, EJOR 214 (2011), 606–615, equations 1–2. SBA: Syntetos & Boylan,
International Journal of Forecasting 21 (2005), 303–314, equation 3. All forecasts are flat.
"""

import numpy as np

from forecasting.engine.batch.lanes import Bools, Floats, Lanes

ALPHA = BETA = 0.1
METHODS = ("mean of a year", "TSB", "SBA")


def levels(lanes: Lanes) -> Floats:
    """The level each method ends with, (methods, lanes), in the order of METHODS."""
    return np.array([_year(lanes), _tsb(lanes), _sba(lanes)])


def _year(lanes: Lanes) -> Floats:
    newest = lanes.values[-lanes.season_length :]
    return newest.sum(axis=0) / np.minimum(lanes.lengths, lanes.season_length)


def _tsb(lanes: Lanes) -> Floats:
    """Chance of a sale × its size, both smoothed; the chance decays in every period without one."""
    begun = lanes.begun
    size, chance = _mean_size(lanes), _share_sold(lanes)
    for period in range(lanes.periods):
        value, now = lanes.values[period], begun[period]
        sold = now & (value > 0)
        chance = np.where(now, chance + BETA * (sold - chance), chance)
        size = np.where(sold, size + ALPHA * (value - size), size)
    return chance * size


def _sba(lanes: Lanes) -> Floats:
    """Croston's size over interval, less his bias: × (1 − α/2). Both move only when something is sold."""
    begun = lanes.begun
    share = _share_sold(lanes)
    size, interval = _mean_size(lanes), 1 / np.maximum(share, 1 / np.maximum(lanes.lengths, 1))
    since = np.ones(lanes.count)
    for period in range(lanes.periods):
        value, now = lanes.values[period], begun[period]
        sold = now & (value > 0)
        size = np.where(sold, size + ALPHA * (value - size), size)
        interval = np.where(sold, interval + ALPHA * (since - interval), interval)
        since = np.where(now, np.where(sold, 1.0, since + 1), since)
    return (1 - ALPHA / 2) * size / interval


def _sold(lanes: Lanes) -> Bools:
    return lanes.begun & (lanes.values > 0)


def _mean_size(lanes: Lanes) -> Floats:
    sold = _sold(lanes)
    return np.where(sold, lanes.values, 0.0).sum(axis=0) / np.maximum(sold.sum(axis=0), 1)


def _share_sold(lanes: Lanes) -> Floats:
    return _sold(lanes).sum(axis=0) / np.maximum(lanes.lengths, 1)
