"""Rolling-origin back-tests: forecast again from earlier ends, and look how far off it was."""

from dataclasses import dataclass

import numpy as np

from forecasting.engine.accuracy import bias, mase, wape
from forecasting.engine.one import forecast_one
from forecasting.engine.panel import Floats
from forecasting.engine.settings import Settings


@dataclass(frozen=True)
class Backtest:
    """Actual and predicted values of every cut, (cuts, horizon), NaN beyond the known end."""

    actual: Floats
    predicted: Floats
    mase: float
    wape: float
    bias: float


def backtest(y: Floats, season_length: int, settings: Settings, damped: bool | None = None) -> Backtest:
    """Back-test one series; cuts that leave less than half a year of history are not taken.

    `damped` is the form of smoothing that the whole history chose: choosing it anew at every cut
    takes half as long again and moves the figures by less than a hundredth (docs/adr/0009).
    """
    actual = np.full((settings.cuts, settings.horizon), np.nan)
    predicted = np.full((settings.cuts, settings.horizon), np.nan)
    for cut in range(settings.cuts):
        end = len(y) - (cut + 1) * settings.cut_step
        if end < season_length // 2:
            continue
        ahead = min(settings.horizon, len(y) - end)
        actual[cut, :ahead] = y[end : end + ahead]
        predicted[cut, :ahead] = forecast_one(y[:end], ahead, season_length, damped).values
    return Backtest(
        actual,
        predicted,
        mase=mase(actual, predicted, y, season_length),
        wape=wape(actual, predicted),
        bias=bias(actual, predicted),
    )
