"""Deciding, before anything is fitted, what kind of series each one is.

Fitting first and asking later fails silently: Theta forecasts a trend for a constant series,
multiplicative models raise on zeros, seasonal models raise below two years.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from forecasting.engine.panel import Floats

INTERMITTENT_ZEROS = 0.3
DEAD_YEARS = 1
LEAST_TO_FIT = 6


class Kind(StrEnum):
    """The routes a series can take."""

    EMPTY = "empty"
    DEAD = "dead"
    CONSTANT = "constant"
    TINY = "tiny"
    INTERMITTENT = "intermittent"
    SHORT = "short"
    REGULAR = "regular"


@dataclass(frozen=True)
class Route:
    """A kind, and the sentence that tells a planner why."""

    kind: Kind
    reason: str


def route_all(series: Sequence[Floats], season_length: int) -> list[Route]:
    """The route of each series."""
    return [route(y, season_length) for y in series]


def route(y: Floats, season_length: int) -> Route:
    """The route of one series: `y` from its first known period on, NaN where one is missing."""
    known = y[np.isfinite(y)]
    if known.size == 0:
        return Route(Kind.EMPTY, "There is no history.")
    if known.max() <= 0:
        return Route(Kind.DEAD, "No known period is above zero.")
    quiet = len(y) - 1 - int(np.flatnonzero(np.nan_to_num(y))[-1])
    if quiet >= DEAD_YEARS * season_length:
        return Route(Kind.DEAD, f"Nothing was sold in the last {quiet} periods.")
    if known.max() == known.min():
        return Route(Kind.CONSTANT, "Every known period has the same value.")
    zeros = float((known == 0).mean())
    if zeros >= INTERMITTENT_ZEROS:
        return Route(Kind.INTERMITTENT, f"{zeros:.0%} of the periods are zero.")
    if known.size < LEAST_TO_FIT:
        return Route(Kind.TINY, f"{known.size} known periods are too few to fit anything.")
    if known.size < 2 * season_length:
        return Route(Kind.SHORT, f"{known.size} known periods are too few for a season.")
    return Route(Kind.REGULAR, f"{known.size} known periods: enough for level, trend and season.")
