"""Exponential smoothing by statsmodels' ETS (Hyndman, Koehler, Ord & Snyder 2008)."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from forecasting.engine.panel import Floats

LEVEL: dict[str, Any] = {}
DAMPED: dict[str, Any] = {"trend": "add", "damped_trend": True}


@dataclass(frozen=True)
class Smoothed:
    """The mean, shape (horizon,), the model's name, and whether it has a (damped) trend."""

    values: Floats
    name: str
    damped: bool


def smooth(
    y: Floats, horizon: int, season_length: int, *, seasonal: bool, damped: bool | None = None
) -> Smoothed:
    """The better by AICc of level only and damped trend, with a season where the route says so.

    `damped` says which of the two instead. Seasons multiply where all values are positive (on the
    logarithm), and add otherwise.
    """
    on_log = seasonal and bool(y.min() > 0)
    values = np.log(y) if on_log else y
    forms = {False: LEVEL, True: DAMPED} if damped is None else {damped: DAMPED if damped else LEVEL}
    fits = {key: _fit(values, season_length if seasonal else 0, form) for key, form in forms.items()}
    best = min(fits, key=lambda key: fits[key].aicc)
    mean = np.asarray(fits[best].forecast(horizon), dtype=float)
    name = f"ETS{'(log)' if on_log else ''} {fits[best].model.short_name}"
    return Smoothed(np.exp(mean) if on_log else mean, name, best)


def _fit(values: Floats, season_length: int, form: dict[str, Any]) -> Any:
    season = {"seasonal": "add", "seasonal_periods": season_length} if season_length else {}
    model = ETSModel(values, error="add", initialization_method="heuristic", **form, **season)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that did not converge is judged by its back-test
        return model.fit(disp=False, maxiter=200)
