"""Exponential smoothing by statsmodels' ETS (Hyndman, Koehler, Ord & Snyder 2008)."""

import warnings

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from forecasting.engine.panel import Floats

ADDITIVE_SEASON = ({"seasonal": "add"}, {"seasonal": "add", "trend": "add", "damped_trend": True})
NO_SEASON = ({}, {"trend": "add", "damped_trend": True})


def smooth(y: Floats, horizon: int, season_length: int, *, seasonal: bool) -> tuple[Floats, str]:
    """The better by AICc of level only and damped trend, with a season where the route says so.

    Seasons multiply where all values are positive (on the logarithm), and add otherwise. Returns
    the mean, shape (horizon,), and the model's name.
    """
    on_log = seasonal and bool(y.min() > 0)
    values = np.log(y) if on_log else y
    fits = [_fit(values, season_length if seasonal else 0, form) for form in _forms(seasonal)]
    best = min(fits, key=lambda fit: fit.aicc)
    mean = np.asarray(best.forecast(horizon), dtype=float)
    name = f"ETS{'(log)' if on_log else ''} {best.model.short_name}"
    return (np.exp(mean) if on_log else mean), name


def _forms(seasonal: bool) -> tuple[dict, ...]:
    return ADDITIVE_SEASON if seasonal else NO_SEASON


def _fit(values: Floats, season_length: int, form: dict):
    periods = {"seasonal_periods": season_length} if season_length else {}
    model = ETSModel(values, error="add", initialization_method="heuristic", **form, **periods)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that did not converge is judged by its back-test
        return model.fit(disp=False, maxiter=200)
