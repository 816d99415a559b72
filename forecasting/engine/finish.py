"""The final fit of what is shown: statsmodels runs the best smoothing model with the search's parameters.

Its level, trend and season are the components that pages show; the batch kernels and statsmodels
agree to rounding (tests/forecasting/engine/test_kernels.py), so that both tell one story.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from forecasting.engine.baseline import Baseline
from forecasting.engine.batch.ets_initial import initial_states, level_without_trend
from forecasting.engine.batch.ets_recursion import States
from forecasting.engine.batch.lanes import Lanes
from forecasting.engine.panel import Floats
from forecasting.engine.stories import Components

ERRORS = {"A": "add", "M": "mul"}
SEASONS = {"N": None, "A": "add", "M": "mul"}


class _Known(ETSModel):
    """A model whose parameters are known: nothing asks for the curvature of their likelihood, which
    takes most of the time of `smooth`."""

    def _hessian_oim(self, *args: Any, **kwargs: Any) -> Floats:
        return np.eye(1)

    hessian = _hessian_oim


def finish_all(
    series: Sequence[Floats], made: Sequence[Baseline], season_length: int
) -> list[Components | None]:
    """The components of every series that a smoothing model speaks for; None for the others."""
    places = [place for place, one in enumerate(made) if one.best]
    out: list[Components | None] = [None] * len(series)
    if not places:
        return out
    lanes = Lanes.of([series[place] for place in places], season_length)
    begins = {season: (initial_states(lanes, season), level_without_trend(lanes, season)) for season in "NAM"}
    for lane, own in enumerate(lanes.order):
        place = places[own]
        name = made[place].best
        begin = begins[name[-1]][1 if name[1] == "N" else 0]
        known = known_model(lanes, lane, name, begin)
        out[place] = _components(known, made[place].parameters, name, season_length)
    return out


def known_model(lanes: Lanes, lane: int, name: str, begin: States) -> ETSModel:
    """The model of one lane in its own units, with its initial states."""
    first = lanes.periods - int(lanes.lengths[lane])
    scale = float(lanes.scale[lane])
    season = name[-1]
    initial: dict[str, Any] = {"initial_level": begin.level[lane] * scale}
    if name[1] != "N":
        initial["initial_trend"] = begin.trend[lane] * scale
    if season != "N":
        slots = (first + np.arange(lanes.season_length)) % lanes.season_length
        initial["initial_seasonal"] = begin.season[slots, lane] * (scale if season == "A" else 1.0)
    return _Known(
        lanes.values[first:, lane] * scale,
        error=ERRORS[name[0]],
        trend=None if name[1] == "N" else "add",
        damped_trend="d" in name,
        seasonal=SEASONS[season],
        seasonal_periods=lanes.season_length if season != "N" else None,
        initialization_method="known",
        **initial,
    )


def smoothed(model: ETSModel, parameters: dict[str, float]) -> Any:
    """statsmodels' results at these parameters."""
    order = [parameters[name] for name in ("alpha", "beta", "gamma", "phi") if name in parameters]
    with np.errstate(divide="ignore", invalid="ignore"):  # a series without any error has no likelihood
        return model.smooth(np.array(order))


def _components(model: ETSModel, parameters: dict[str, float], name: str, season_length: int) -> Components:
    result = smoothed(model, parameters)
    trend = float(result.slope[-1]) if name[1] != "N" else 0.0
    season: tuple[float, ...] = ()
    if name[-1] != "N":
        season = tuple(float(value) for value in np.asarray(result.season)[-season_length:])
    return Components(float(result.level[-1]), trend, season, name[-1] == "M")
