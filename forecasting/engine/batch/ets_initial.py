"""Initial states of exponential smoothing from the first four seasons of each series.

The season by classical decomposition, level and trend by a line through the first ten values (two
seasons at least) without it (Hyndman et al. 2008, section 2.6.1).
"""

import numpy as np

from forecasting.engine.batch.ets_recursion import States
from forecasting.engine.batch.lanes import Floats, Ints, Lanes
from forecasting.engine.batch.seasonality import indices

SEASONS = 4
LEAST_FACTOR = 0.05


def initial_states(lanes: Lanes, season: str) -> States:
    """States before the first value: level, trend (lanes,), season (season length, lanes)."""
    length = SEASONS * lanes.season_length
    begins = lanes.periods - lanes.lengths
    known = np.minimum(lanes.lengths, length)
    head = _head(lanes, begins, length)
    if season == "N":
        found = np.zeros((lanes.season_length, lanes.count))
        adjusted = head
    else:
        found = _season(head, known, begins, lanes.season_length, season)
        slots = (begins[None, :] + np.arange(length)[:, None]) % lanes.season_length
        by_period = np.take_along_axis(found, slots, axis=0)
        adjusted = head / by_period if season == "M" else head - by_period
    level, trend = _line(adjusted, np.minimum(np.maximum(10, 2 * lanes.season_length), lanes.lengths))
    return States(level, trend, found)


def level_without_trend(lanes: Lanes, season: str) -> States:
    """The same for forms without a trend: halfway between the line's start and its middle."""
    states = initial_states(lanes, season)
    count = np.minimum(np.maximum(10, 2 * lanes.season_length), lanes.lengths)
    middle = states.level + states.trend * (count + 1) / 2
    return States((states.level + middle) / 2, states.trend * 0, states.season)


def _head(lanes: Lanes, begins: Ints, length: int) -> Floats:
    """The first `length` values of each lane, (length, lanes); beyond its end the last one."""
    places = np.minimum(begins[None, :] + np.arange(length)[:, None], lanes.periods - 1)
    return np.take_along_axis(lanes.values, places, axis=0)


def _season(head: Floats, known: Ints, begins: Ints, season_length: int, season: str) -> Floats:
    """Indices by period modulo season of the lanes, from heads shifted so that all end together."""
    length = head.shape[0]
    shift = length - known
    places = np.arange(length)[:, None] - shift[None, :]
    aligned = np.where(places >= 0, np.take_along_axis(head, np.maximum(places, 0), axis=0), 0.0)
    multiplicative = np.full(head.shape[1], season == "M")
    found = indices(aligned, known, season_length, multiplicative)
    slots = (np.arange(season_length)[:, None] - (begins - shift)[None, :]) % season_length
    found = np.take_along_axis(found, slots, axis=0)
    if season != "M":
        return found
    found = np.maximum(found, LEAST_FACTOR)
    return found / found.mean(axis=0)


def _line(values: Floats, count: Ints) -> tuple[Floats, Floats]:
    """Level at 0 and slope of the line through the first `count` values of each lane."""
    place = np.arange(values.shape[0])[:, None] + 1.0
    inside = (np.arange(values.shape[0])[:, None] < count[None, :]).astype(float)
    total = np.maximum(inside.sum(axis=0), 1)
    middle = (inside * place).sum(axis=0) / total
    mean = (inside * values).sum(axis=0) / total
    spread = (inside * (place - middle) ** 2).sum(axis=0)
    slope = (inside * (place - middle) * (values - mean)).sum(axis=0) / np.where(spread > 0, spread, 1.0)
    return mean - slope * middle, slope
