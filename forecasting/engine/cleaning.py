"""Points that do not belong: found by robust distance from what their neighbours and their month say.

The raw history stays; a cleaned point carries what it was and what stands in its place, so that a
planner can see each and take it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

from forecasting.engine.panel import Bools, Floats, Ints
from forecasting.engine.stories import CleanedPoint

FAR = 8.0  # robust standard deviations; fixed on held-out history (docs/forecasting.md)
LEAST_SHARE = 0.5  # of the usual level: smaller jumps are left alone, however quiet the series is
MOST_SHARE = 0.05  # of the points: more is how the series behaves
TO_SIGMA = 1.4826  # of a median absolute deviation (Rousseeuw & Croux 1993)
LEAST_RATIO = 0.4  # a point within × 1.5 of what is usual is left alone
TINY_RATIO = 1e-3
FEWEST = 12
FAR_OFF = "It lies far from its neighbours and its month."
EVENT = "An event is dated here."


@dataclass(frozen=True)
class Cleaned:
    """A series without gaps and without points that do not belong."""

    values: Floats
    points: tuple[CleanedPoint, ...]


def clean_all(
    series: Sequence[Floats],
    season_length: int,
    masked: Sequence[Bools] | None = None,
    kept: Sequence[Bools] | None = None,
) -> list[Cleaned]:
    """Clean each series. `masked` marks periods with a dated event, which say nothing about the rest;
    `kept` marks points that a planner took back."""
    nothing = [np.zeros(len(y), dtype=bool) for y in series]
    return [
        clean(y, season_length, mask, keep)
        for y, mask, keep in zip(series, masked or nothing, kept or nothing, strict=True)
    ]


def clean(y: Floats, season_length: int, masked: Bools, kept: Bools) -> Cleaned:
    """Clean one series: `y` from its first known period on, NaN where one is missing."""
    seen = np.isfinite(y) & ~masked
    if seen.sum() < FEWEST:
        return _only_unmasked(y, seen, masked & ~kept)
    usual = expected(filled(np.where(seen, y, np.nan)), season_length)
    far = _far(y, usual, seen) & ~kept
    replaced = far | (masked & np.isfinite(y) & ~kept)
    values = np.where(np.isfinite(y) & ~replaced, y, usual)
    points = tuple(
        CleanedPoint(int(place), float(y[place]), float(usual[place]), EVENT if masked[place] else FAR_OFF)
        for place in np.flatnonzero(replaced)
    )
    return Cleaned(values, points)


def _only_unmasked(y: Floats, seen: Bools, masked: Bools) -> Cleaned:
    """A short series: only the masked periods are replaced, by what their neighbours say."""
    replaced = masked & np.isfinite(y)
    if not replaced.any() or not seen.any():
        return Cleaned(filled(y), ())
    values = filled(np.where(replaced, np.nan, y))
    places = np.flatnonzero(replaced)
    return Cleaned(
        values, tuple(CleanedPoint(int(at), float(y[at]), float(values[at]), EVENT) for at in places)
    )


def _far(y: Floats, usual: Floats, seen: Bools) -> Bools:
    """Where a point is too far from what is usual to say anything about the future.

    By robust distance, as a ratio and as an amount: a series that grows spreads more, and one that
    stands still at a high level hardly at all.
    """
    apart, size = (y - usual)[seen], np.abs(y[np.isfinite(y)])
    far = np.zeros(len(y), dtype=bool)
    far[seen] = np.abs(apart) > LEAST_SHARE * float(np.median(size))
    if not far.any():  # of most series: nothing else needs to be known
        return far
    far[seen] &= np.abs(apart) > FAR * _spread(apart)
    if (usual > 0).all() and (y[seen] >= 0).all():
        ratio = np.log(np.maximum(y, TINY_RATIO * usual)[seen] / usual[seen])
        far[seen] &= np.abs(ratio) > np.maximum(FAR * _spread(ratio), LEAST_RATIO)
    return far if far.sum() <= max(1, MOST_SHARE * len(y)) else np.zeros(len(y), dtype=bool)


def _spread(apart: Floats) -> float:
    return TO_SIGMA * float(np.median(np.abs(apart - np.median(apart))))


def expected(y: Floats, season_length: int) -> Floats:
    """What each period's neighbours and its month say, by medians: running median with the seasonal
    median, as a factor where the series is above 0 throughout, else as an amount.

    Never below 0 where the series never is.
    """
    trend = running_median(y, season_length + 1)
    if len(y) < 2 * season_length:
        return trend
    slots = np.arange(len(y)) % season_length
    if y.min() > 0:
        return trend * _by_slot(y / trend, slots, season_length)
    usual = trend + _by_slot(y - trend, slots, season_length)
    return np.maximum(usual, 0.0) if y.min() >= 0 else usual


def _by_slot(apart: Floats, slots: Ints, season_length: int) -> Floats:
    """The median of each slot of the season, at every period."""
    years = -(-len(apart) // season_length)
    table = np.full(years * season_length, np.inf)
    table[: len(apart)] = apart
    table = np.sort(table.reshape(years, season_length), axis=0)
    count = np.isfinite(table).sum(axis=0)
    places = np.arange(season_length)
    return ((table[(count - 1) // 2, places] + table[count // 2, places]) / 2)[slots]


def running_median(y: Floats, width: int) -> Floats:
    """The median of `width` periods around each; mirrored at the ends."""
    return np.asarray(median_filter(y, size=min(width, len(y)), mode="reflect"), dtype=np.float64)


def filled(y: Floats) -> Floats:
    """The series with its gaps drawn straight between their neighbours."""
    known = np.isfinite(y)
    if known.all() or not known.any():
        return y
    places = np.arange(len(y))
    return np.interp(places, places[known], y[known])
