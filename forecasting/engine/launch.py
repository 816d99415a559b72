"""New items: forecast from how like items began and where they settled, corrected by what was sold so far.

The likes' first periods since their launch, as shares of their steady level, give the curve; their season
stands in for the one that the new item has not shown yet. What the new item sold moves the level by
credibility weighting (Bühlmann & Straub 1970): the likes count as much as `prior` steady periods of the
item itself, which is their spread within over their spread between.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.engine.cleaning import filled
from forecasting.engine.panel import Floats, Ints

USUAL_BETWEEN = 0.5  # how far a new item lies from one like item or from a planner's figure, as a share
USUAL_WITHIN = 0.3  # how far one period lies from the level, as a share, where no like item tells
LEAST_SPREAD = 0.1
LEAST_PRIOR, MOST_PRIOR = 0.25, 12.0  # steady periods
FEWEST_STEADY = 6
STEEPEST = 5.0  # times the steady level, at most, in the curve
FAINT_SEASON = 0.05  # a period of the year with less of a usual one says nothing about the level


@dataclass(frozen=True)
class Like:
    """An item that the new one resembles. values: (periods,), the newest last and the same for all; NaN
    for gaps. weight: above 0, of any scale. begun: whether `values` begin with its launch, or only with
    the data."""

    name: str
    values: Floats
    weight: float = 1.0
    begun: bool = True


@dataclass(frozen=True)
class Launch:
    """What a planner says about a new item. ahead: in how many periods from the newest known one it is
    sold first: 1 is the next, 0 the newest, below 0 earlier. level: units a period once it has settled;
    None takes that of the likes."""

    likes: tuple[Like, ...]
    ahead: int
    level: float | None = None


@dataclass(frozen=True)
class Launched:
    """values: (horizon,), units. spread: (horizon,), standard deviation as a share of the value. level:
    units a steady period, before the correction. correction: the factor on it that the periods sold so
    far ask for. sold: how many those are."""

    values: Floats
    spread: Floats
    level: float
    correction: float
    sold: int


@dataclass(frozen=True)
class _Shape:
    """What the likes say together: curve (season_length,), shares of the steady level by age; season
    (season_length,), factors, the period after the newest first; level, between, within: see Launched."""

    curve: Floats
    season: Floats
    level: float
    between: float
    within: float


def launch_forecast(launch: Launch, own: Floats, horizon: int, season_length: int) -> Launched | None:
    """Forecast a new item: `own` is what it sold, from its first sale on, the newest last; may be empty.

    None where neither the likes nor a planner give a level above 0.
    """
    shape = _shape(launch.likes, season_length)
    level = launch.level if launch.level is not None else shape.level
    if not np.isfinite(level) or level <= 0:
        return None
    between = USUAL_BETWEEN if launch.level is not None else shape.between
    prior = float(np.clip(shape.within**2 / between**2, LEAST_PRIOR, MOST_PRIOR))
    ahead = max(launch.ahead, 1 - len(own))
    sold = np.maximum(own[len(own) - max(0, 1 - ahead) :], 0.0)
    steps = np.arange(1 - len(sold), horizon + 1)  # 0 is the newest known period
    expected = _expected(shape, steps, ahead)
    before, after = expected[: len(sold)], expected[len(sold) :]
    known = np.isfinite(sold)
    seen = float(before[known].sum())
    correction = (prior + float((sold[known] / level).sum())) / (prior + seen)
    spread = np.sqrt(between**2 * prior / (prior + seen) + shape.within**2)
    return Launched(
        values=level * correction * after,
        spread=np.full(horizon, spread),
        level=float(level),
        correction=correction,
        sold=len(sold),
    )


def _expected(shape: _Shape, steps: Ints, ahead: int) -> Floats:
    """Shares of the steady level at each step after the newest known period; 0 before the launch."""
    ages = steps - ahead
    length = len(shape.curve)
    curve = np.where(ages < length, shape.curve[np.clip(ages, 0, length - 1)], 1.0)
    return np.where(ages >= 0, curve * shape.season[(steps - 1) % length], 0.0)


def _shape(likes: Sequence[Like], season_length: int) -> _Shape:
    usable = [like for like in likes if np.isfinite(like.values).any() and like.weight > 0]
    values = [np.maximum(filled(like.values), 0.0) for like in usable]
    weights = np.array([like.weight for like in usable], dtype=np.float64)
    season = _season(usable, values, weights, season_length)
    even = [_without_season(y, season) for y in values]
    levels = np.array([_level(y, like.begun, season_length) for y, like in zip(even, usable, strict=True)])
    settled = levels > 0
    if not settled.any():
        return _Shape(np.ones(season_length), season, 0.0, USUAL_BETWEEN, USUAL_WITHIN)
    weights = np.where(settled, weights, 0.0) / weights[settled].sum()
    parts = [
        (like, y, level) for like, y, level in zip(usable, even, levels.tolist(), strict=True) if level > 0
    ]
    return _Shape(
        curve=_curve(parts, weights[settled], season_length),
        season=season,
        level=float((weights * levels).sum()),
        between=_between(levels[settled], weights[settled]),
        within=_within(parts, weights[settled], season_length),
    )


def _season(likes: Sequence[Like], values: list[Floats], weights: Floats, season_length: int) -> Floats:
    """The weighted mean of the likes' seasonal factors, the period after the newest first, mean 1; ones
    where no like has two whole years after its launch year."""
    factors, shares = [], []
    for like, y, weight in zip(likes, values, weights.tolist(), strict=True):
        steady = y[season_length:] if like.begun else y
        years = len(steady) // season_length
        if years < 2:
            continue
        table = steady[len(steady) - years * season_length :].reshape(years, season_length)
        table = table[table.mean(axis=1) > 0]
        if len(table) >= 2:
            factors.append((table / table.mean(axis=1, keepdims=True)).mean(axis=0))
            shares.append(weight)
    if not factors:
        return np.ones(season_length)
    found = np.average(np.array(factors), axis=0, weights=shares)
    return np.asarray(found / found.mean())


def _without_season(y: Floats, season: Floats) -> Floats:
    """NaN where the season leaves too little to say anything."""
    factors = season[(np.arange(len(y)) - len(y)) % len(season)]
    told = factors > FAINT_SEASON
    return np.where(told, y / np.where(told, factors, 1.0), np.nan)


def _steady(y: Floats, begun: bool, season_length: int) -> Floats:
    """The year after the launch year; the newest year where the launch was not seen; else the later half."""
    if not begun:
        return y[-season_length:]
    if len(y) >= season_length + FEWEST_STEADY:
        return y[season_length : 2 * season_length]
    return y[len(y) // 2 :]


def _level(y: Floats, begun: bool, season_length: int) -> float:
    told = _steady(y, begun, season_length)
    told = told[np.isfinite(told)]
    return float(told.mean()) if told.size else 0.0


def _curve(parts: list[tuple[Like, Floats, float]], weights: Floats, season_length: int) -> Floats:
    """The weighted mean of the likes' first year as shares of their levels; 1 where none was seen."""
    total, seen = np.zeros(season_length), np.zeros(season_length)
    for (like, y, level), weight in zip(parts, weights.tolist(), strict=True):
        if not like.begun:
            continue
        first = np.full(season_length, np.nan)
        first[: min(len(y), season_length)] = y[:season_length] / level
        known = np.isfinite(first)
        total[known] += weight * np.minimum(first[known], STEEPEST)
        seen[known] += weight
    return np.where(seen > 0, total / np.where(seen > 0, seen, 1.0), 1.0)


def _between(levels: Floats, weights: Floats) -> float:
    """The weighted standard deviation of the likes' levels, as a share of their mean."""
    if len(levels) < 2:
        return USUAL_BETWEEN
    mean = float((weights * levels).sum())
    return max(float(np.sqrt((weights * (levels - mean) ** 2).sum())) / mean, LEAST_SPREAD)


def _within(parts: list[tuple[Like, Floats, float]], weights: Floats, season_length: int) -> float:
    """The root mean square of the likes' steady periods around their level, as a share of it."""
    squares = []
    for like, y, level in parts:
        apart = _steady(y, like.begun, season_length) / level - 1
        squares.append(float(np.nanmean(apart**2)))
    return max(float(np.sqrt((weights * np.array(squares)).sum())), LEAST_SPREAD)
