"""Series whose method a person has pinned: their forecasts and back-tests by that method.

Nothing else changes: what the route would have said stays at hand, to tell whether the pin pays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.engine.alternatives import CannotFit, forecast_by, rolling
from forecasting.engine.backtest import Backtests
from forecasting.engine.baseline import Baseline
from forecasting.engine.panel import Floats
from forecasting.engine.pin import LABELS, Method, Pin
from forecasting.engine.settings import Settings
from forecasting.engine.stories import Member


@dataclass(frozen=True)
class Steered:
    """Forecasts and back-tests after the pins; `pinned`: the places where a pin's method was used."""

    made: list[Baseline]
    tests: Backtests
    pinned: frozenset[int]


def steer(
    series: Sequence[Floats],
    made: Sequence[Baseline],
    tests: Backtests,
    pins: Sequence[Pin | None] | None,
    season_length: int,
    settings: Settings,
) -> Steered:
    """Put the pinned methods in the place of the routes' own. A method that cannot be fitted leaves the
    route's forecast, and the reason says so. `series`: cleaned, without gaps."""
    chosen = {place: pin for place, pin in enumerate(pins or ()) if pin is not None}
    if not chosen:
        return Steered(list(made), tests, frozenset())
    after = list(made)
    tested = replace(tests, actual=tests.actual.copy(), predicted=tests.predicted.copy())
    pinned = set()
    for place, pin in chosen.items():
        y = series[place]
        try:
            after[place] = _pinned(pin, y, made[place], season_length, settings)
        except CannotFit as error:
            after[place] = replace(made[place], reason=f"{pin.failed(str(error))} {made[place].reason}")
            continue
        predicted = rolling(pin.method, y, season_length, settings)
        tested.predicted[:, :, place] = predicted
        tested.actual[:, :, place][np.isnan(predicted)] = np.nan
        pinned.add(place)
    return Steered(after, tested, frozenset(pinned))


def _pinned(pin: Pin, y: Floats, route: Baseline, season_length: int, settings: Settings) -> Baseline:
    values = forecast_by(pin.method, y, settings.horizon, season_length)
    smooths = pin.method in {Method.ETS, Method.COMBINATION}
    return Baseline(
        values,
        pin.name,
        pin.reason,
        members=(Member(LABELS[pin.method], 1.0),),
        best=route.best if smooths else "",
        parameters=route.parameters if smooths else {},
        start=route.start,
    )
