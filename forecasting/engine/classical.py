"""The textbook's own way: take the season out by a centred average, draw a line, put the season back.

S. Chopra, Supply Chain Management, chapter 7 ("static" forecast); its Tahoe Salt example is a test.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.engine.panel import Floats


class Unfit(ValueError):
    """A series has no such line; the text goes on after “but”."""


@dataclass(frozen=True)
class Line:
    """level: of the line one period before the series begins, in units. trend: units a period. factors:
    (season length,), by period modulo season length."""

    level: float
    trend: float
    factors: Floats

    def at(self, period: int) -> float:
        """The forecast of a period, counted from 0 at the start of the series; may be negative."""
        return float((self.level + self.trend * (period + 1)) * self.factors[period % len(self.factors)])

    def ahead(self, periods: int, horizon: int) -> Floats:
        """The `horizon` periods after the first `periods`, never below 0."""
        return np.array([max(self.at(periods + step), 0.0) for step in range(horizon)])


def centred_average(y: Floats, season_length: int) -> Floats:
    """The mean of a year around each period, (periods − season_length,) for an even season, whose two ends
    count half; (periods − season_length + 1,) for an odd one."""
    window = np.convolve(y, np.full(season_length, 1 / season_length), mode="valid")
    return window if season_length % 2 else (window[:-1] + window[1:]) / 2


def line_and_season(y: Floats, season_length: int) -> Line:
    """Fit a line to the series without its season, and factors to what it leaves; `y` without gaps.

    Raises Unfit below two years, or where the line crosses zero inside of the series.
    """
    if len(y) < 2 * season_length:
        raise Unfit("it needs two years")
    smooth = centred_average(y, season_length)
    places = np.arange(len(smooth)) + season_length // 2 + 1
    trend, level = np.polyfit(places, smooth, 1)
    line = level + trend * (np.arange(len(y)) + 1)
    if line.min() <= 0:
        raise Unfit("the line through the series falls to zero")
    slots = np.arange(len(y)) % season_length
    factors = np.array([(y / line)[slots == slot].mean() for slot in range(season_length)])
    return Line(float(level), float(trend), factors)
