"""How good the whole engine would have been: forecast from earlier ends, compare with what came.

Nothing after an end is seen before it: cleaning, choice, calibration of the intervals, all are done
anew from each. Beside it stands Naive2, the last value after the season is taken out, the measure that
the M competitions compare with.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecasting.engine import accuracy as measures
from forecasting.engine.batch.lanes import Lanes
from forecasting.engine.batch.seasonality import without_season
from forecasting.engine.cleaning import filled
from forecasting.engine.forecast import forecast
from forecasting.engine.panel import Floats, Panel
from forecasting.engine.results import Forecast
from forecasting.engine.settings import Settings

LEAST_KNOWN = 6  # periods before an end


@dataclass(frozen=True)
class Figures:
    """Measures of one maker's forecasts, as in results.Accuracy; NaN where nothing can be measured."""

    mase: float
    rmsse: float
    wape: float
    smape: float
    bias: float


@dataclass(frozen=True)
class Evaluation:
    """Forecasts from several ends of each series.

    actual, predicted, naive: (origins, horizon, series), NaN where an end left too little or nothing is
    known. lower, upper: level in percent → the same shape. histories: what each series was up to its
    newest end but the tested periods.
    """

    ids: tuple[str, ...]
    season_length: int
    actual: Floats
    predicted: Floats
    naive: Floats
    lower: dict[int, Floats]
    upper: dict[int, Floats]
    histories: list[Floats]

    def of_series(self, place: int, predicted: Floats) -> Figures:
        """One series' figures over all its ends, of the engine's or of naive forecasts."""
        actual, own, y = self.actual[:, :, place], predicted[:, :, place], self.histories[place]
        return Figures(
            measures.mase(actual, own, y, self.season_length),
            measures.rmsse(actual, own, y),
            measures.wape(actual, own),
            measures.smape(actual, own),
            measures.bias(actual, own),
        )

    def overall(self, predicted: Floats) -> Figures:
        """Means over the series of mase, rmsse and smape; wape and bias of everything together."""
        each = [self.of_series(place, predicted) for place in range(len(self.ids))]
        return Figures(
            _mean([one.mase for one in each]),
            _mean([one.rmsse for one in each]),
            measures.wape(self.actual, predicted),
            _mean([one.smape for one in each]),
            measures.bias(self.actual, predicted),
        )

    def owa(self) -> float:
        """Overall weighted average: mean of sMAPE and MASE, each over Naive2's (Makridakis, Spiliotis &
        Assimakopoulos, International Journal of Forecasting 36 (2020), 54–74). Below 1 is better."""
        ours, naive = self.overall(self.predicted), self.overall(self.naive)
        if not naive.smape or not naive.mase:
            return float("nan")
        return (ours.smape / naive.smape + ours.mase / naive.mase) / 2

    def coverage(self, level: int) -> float:
        """The share of actual values inside of the interval; as a share, `level` / 100 is wanted."""
        known = np.isfinite(self.actual) & np.isfinite(self.predicted)
        if not known.any():
            return float("nan")
        inside = (self.actual >= self.lower[level]) & (self.actual <= self.upper[level])
        return float(inside[known].mean())

    def wape_ahead(self, predicted: Floats) -> list[float]:
        """WAPE at each number of periods ahead, (horizon,)."""
        return [
            measures.wape(self.actual[:, ahead], predicted[:, ahead]) for ahead in range(self.actual.shape[1])
        ]


def _mean(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def evaluate(
    panel: Panel, settings: Settings, origins: int, report: Callable[[int], None] = lambda done: None
) -> Evaluation:
    """Forecast from `origins` ends: the newest `horizon` periods before the end of each series, the
    others `cut_step` periods apart before it. `report` hears how many ends are done."""
    shape = (origins, settings.horizon, len(panel.ids))
    actual, predicted, naive = (np.full(shape, np.nan) for _ in range(3))
    lower = {level: np.full(shape, np.nan) for level in settings.levels}
    upper = {level: np.full(shape, np.nan) for level in settings.levels}
    for origin in range(origins):
        end = len(panel.values) - settings.back(origin)
        places = _testable(panel, end)
        if places:
            known = Panel(
                tuple(panel.ids[p] for p in places), panel.values[:end, places], panel.season_length
            )
            found = forecast(known, settings)
            actual[origin][:, places] = panel.values[end : end + settings.horizon, places]
            _fill(origin, places, found, predicted, lower, upper)
            naive[origin][:, places] = naive2(known, settings.horizon)
        report(origin + 1)
    before = Panel(panel.ids, panel.values[: max(len(panel.values) - settings.horizon, 0)])
    histories = list(before.series())
    return Evaluation(
        panel.ids, panel.season_length, actual, predicted, naive, lower, upper, histories
    )  # fmt: skip


def _testable(panel: Panel, end: int) -> list[int]:
    if end < LEAST_KNOWN:
        return []
    known = np.isfinite(panel.values[:end]).sum(axis=0)
    return [int(place) for place in np.flatnonzero(known >= LEAST_KNOWN)]


def _fill(
    origin: int, places: list[int], found: Forecast, predicted: Floats,
    lower: dict[int, Floats], upper: dict[int, Floats],
) -> None:  # fmt: skip
    predicted[origin][:, places] = found.mean
    for level, values in found.lower.items():
        lower[level][origin][:, places] = values
        upper[level][origin][:, places] = found.upper[level]


def naive2(panel: Panel, horizon: int) -> Floats:
    """The last value without its season, with the season put back: (horizon, series). Gaps are drawn
    straight between their neighbours; a series that ends in a gap keeps its last known value."""
    lanes = Lanes.of([filled(y) for y in panel.series()], panel.season_length)
    adjusted = without_season(lanes)
    last = np.repeat(adjusted.lanes.values[-1][None], horizon, axis=0)
    return lanes.in_order(adjusted.with_season(last))
