"""The batch kernels are statsmodels' models, to rounding, at the same parameters."""

import numpy as np
import pytest
from statsmodels.tsa.forecasting.theta import ThetaModel

from forecasting.engine.batch.ets_initial import initial_states, level_without_trend
from forecasting.engine.batch.ets_recursion import Form
from forecasting.engine.batch.ets_search import FORMS, fit_form
from forecasting.engine.batch.lanes import Lanes
from forecasting.engine.batch.seasonality import without_season
from forecasting.engine.batch.theta import dynamic_theta
from forecasting.engine.combination import parameters_of
from forecasting.engine.finish import known_model, smoothed

HORIZON = 18


def _lanes() -> Lanes:
    rng = np.random.default_rng(17)
    lengths = [60, 43, 30, 61, 98, 25]
    season = 1 + 0.3 * np.sin(np.arange(100) * 2 * np.pi / 12)
    series = [
        (100 + 3 * np.arange(n)) * season[:n] * rng.uniform(0.9, 1.1, n) * 10.0 ** rng.integers(-3, 6)
        for n in lengths
    ]
    return Lanes.of(series, 12)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_form_of_smoothing_is_that_of_statsmodels(form: Form) -> None:
    lanes = _lanes()
    begin = (level_without_trend if form.trend == "N" else initial_states)(lanes, form.season)

    for fit in fit_form(lanes, form, HORIZON, {}):
        for lane in range(lanes.count):
            model = known_model(lanes, lane, fit.name, begin)
            theirs = smoothed(model, parameters_of(fit, lane)).forecast(HORIZON)
            ours = fit.forecast[:, lane] * lanes.scale[lane]
            assert ours == pytest.approx(np.asarray(theirs), rel=1e-9)


def test_there_are_the_fifteen_usual_models() -> None:
    names = [fit.name for form in FORMS for fit in fit_form(_lanes(), form, 1, {})]

    assert len(names) == len(set(names)) == 15


@pytest.mark.parametrize("lane", range(6))
def test_theta_comes_close_to_the_standard_theta_of_statsmodels(lane: int) -> None:
    """The dynamic, optimised model finds its own θ; on a line with noise both draw nearly the same."""
    rng = np.random.default_rng(lane)
    y = 200 + 1.5 * np.arange(80) + rng.normal(0, 3, 80)
    theirs = ThetaModel(y, period=12, deseasonalize=False).fit().forecast(6)

    ours = dynamic_theta(Lanes.of([y], 12), 6)

    assert ours.forecast[:, 0] * y.mean() == pytest.approx(np.asarray(theirs), rel=0.03)


def test_theta_is_exact_least_squares_at_its_own_alpha() -> None:
    """No level and no weight nearby gives smaller errors."""
    y = 100 + np.cumsum(np.random.default_rng(4).normal(0.5, 2, 60))
    lanes = Lanes.of([y], 12)
    fit = dynamic_theta(lanes, 1)
    best = _theta_error(lanes, fit.alpha[0], fit.level[0], fit.weight[0])

    assert best == pytest.approx(fit.error[0], rel=1e-6)
    for level, weight in [(0.001, 0), (-0.001, 0), (0, 0.001), (0, -0.001)]:
        moved = min(max(fit.weight[0] + weight, 0), 1)
        assert _theta_error(lanes, fit.alpha[0], fit.level[0] + level, moved) >= best - 1e-12


def _theta_error(lanes: Lanes, alpha: float, level: float, weight: float) -> float:
    """Mean squared one-step error from the fourth value on, straight from the paper's equations."""
    y = lanes.values[:, 0]
    total, counted = 0.0, 0
    for t in range(1, len(y) + 1):
        known = y[: t - 1]
        slope, intercept = (
            np.polyfit(np.arange(1, t), known, 1) if t > 2 else (0.0, known.mean() if t > 1 else 0)
        )
        drift = (1 - alpha) ** (t - 1) * intercept + (1 - (1 - alpha) ** t) / alpha * slope
        if t > 3:
            total += (y[t - 1] - level - weight * drift) ** 2
            counted += 1
        level = alpha * y[t - 1] + (1 - alpha) * level
    return total / counted


def test_a_season_put_back_is_the_series_again() -> None:
    lanes = _lanes()
    adjusted = without_season(lanes)
    slots = np.arange(lanes.periods) % 12
    season = adjusted.indices[slots]
    again = np.where(adjusted.multiplicative, adjusted.lanes.values * season, adjusted.lanes.values + season)

    assert np.where(lanes.begun, again, 0.0) == pytest.approx(lanes.values, rel=1e-12)
