"""Rolling-origin back-tests: forecast again from earlier ends, and look how far off it was.

The oldest end comes first, so that the search at each end may begin where the one before ended:
nothing is known there that was not known then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.engine.baseline import baseline_all
from forecasting.engine.panel import Floats
from forecasting.engine.settings import Settings
from forecasting.engine.stories import Start

LEAST_HISTORY = 6


@dataclass(frozen=True)
class Backtests:
    """actual and predicted: (cuts, horizon, series), NaN beyond the known end and where a cut left too
    little. one_step: (cuts, series). starts: where the searches of the newest cut ended; first_starts:
    those of the oldest one, with which the oldest cut of the next month's run may begin."""

    actual: Floats
    predicted: Floats
    one_step: Floats
    starts: list[Start | None]
    first_starts: list[Start | None]


def backtest_all(
    series: Sequence[Floats], raw: Sequence[Floats], season_length: int, settings: Settings,
    starts: Sequence[Start | None] | None = None,
) -> Backtests:  # fmt: skip
    """Back-test cleaned series against what really happened (`raw`, NaN where it is not known)."""
    shape = (settings.cuts, settings.horizon, len(series))
    actual, predicted = np.full(shape, np.nan), np.full(shape, np.nan)
    one_step = np.full((settings.cuts, len(series)), np.nan)
    begin: list[Start | None] = list(starts or [None] * len(series))
    first: list[Start | None] = [None] * len(series)
    for cut in reversed(range(settings.cuts)):
        back = settings.back(cut)
        tested = [place for place, y in enumerate(series) if len(y) - back >= LEAST_HISTORY]
        made = baseline_all(
            [series[place][: len(series[place]) - back] for place in tested],
            settings.horizon,
            season_length,
            [begin[place] for place in tested],
        )
        for place, one in zip(tested, made, strict=True):
            end = len(series[place]) - back
            ahead = min(settings.horizon, back)
            actual[cut, :ahead, place] = raw[place][end : end + ahead]
            predicted[cut, :ahead, place] = one.values[:ahead]
            one_step[cut, place] = one.one_step
            begin[place] = one.start or begin[place]
            first[place] = first[place] or one.start
    return Backtests(actual, predicted, one_step, begin, first)
