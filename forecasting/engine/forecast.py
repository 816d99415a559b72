"""The engine's one entry: forecast every series of a panel, each on its own.

No series looks at another, so any cut of a panel into chunks gives the same numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecasting.engine.backtest import Backtest, backtest
from forecasting.engine.intervals import bounds, spread
from forecasting.engine.one import Mean, forecast_one
from forecasting.engine.panel import Floats, Panel
from forecasting.engine.results import Accuracy, Forecast
from forecasting.engine.settings import Settings


@dataclass(frozen=True)
class _Finished:
    mean: Mean
    errors: Floats
    test: Backtest


def forecast(panel: Panel, settings: Settings, report: Callable[[int], None] = lambda done: None) -> Forecast:
    """Forecast a panel. `report` hears how many series are done; what it raises stops the work."""
    finished = []
    for done, y in enumerate(panel.series(), start=1):
        finished.append(_finish(y, panel.season_length, settings))
        report(done)
    mean = _columns([one.mean.values for one in finished], settings.horizon)
    errors = _columns([one.errors for one in finished], settings.horizon)
    both = {level: bounds(mean, errors, level) for level in settings.levels}
    return Forecast(
        ids=panel.ids,
        mean=mean,
        lower={level: pair[0] for level, pair in both.items()},
        upper={level: pair[1] for level, pair in both.items()},
        methods=tuple(one.mean.method for one in finished),
        reasons=tuple(one.mean.reason for one in finished),
        accuracy=Accuracy(
            mase=np.array([one.test.mase for one in finished]),
            wape=np.array([one.test.wape for one in finished]),
            bias=np.array([one.test.bias for one in finished]),
        ),
    )


def _finish(y: Floats, season_length: int, settings: Settings) -> _Finished:
    mean = forecast_one(y, settings.horizon, season_length)
    test = backtest(y, season_length, settings, mean.damped)
    return _Finished(mean, spread(test, y, settings.horizon), test)


def _columns(rows: list[Floats], horizon: int) -> Floats:
    return np.stack(rows, axis=1) if rows else np.empty((horizon, 0))
