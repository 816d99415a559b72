"""The engine forecasts anything it is given: never NaN, never negative, never an exception."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from statsmodels.tsa.forecasting.theta import ThetaModel

from forecasting.engine import Panel, Settings
from forecasting.engine.forecast import forecast
from forecasting.engine.routing import Kind, route
from forecasting.engine.theta import theta

MONTHS = np.arange(60)
SEASON = 100 + 20 * np.sin(MONTHS * 2 * np.pi / 12)


def _panel(*columns: list[float] | np.ndarray) -> Panel:
    longest = max(len(column) for column in columns)
    values = np.full((longest, len(columns)), np.nan)
    for place, column in enumerate(columns):
        if len(column):
            values[longest - len(column) :, place] = column
    return Panel(tuple(f"s{n}" for n in range(len(columns))), values)


def test_a_season_is_carried_on() -> None:
    result = forecast(_panel(SEASON), Settings(horizon=12))

    assert result.mean[:, 0] == pytest.approx(SEASON[:12], rel=0.02)


def test_each_kind_of_series_takes_its_route() -> None:
    noise = np.random.default_rng(3).uniform(90, 110, 60)
    kinds = {
        Kind.EMPTY: np.array([]),
        Kind.DEAD: np.r_[np.full(30, 5.0), np.zeros(12)],
        Kind.CONSTANT: np.full(40, 7.0),
        Kind.SHORT: noise[:15],
        Kind.INTERMITTENT: np.tile([0.0, 0.0, 3.0, 0.0], 10),
        Kind.TRENDING: noise,
        Kind.SEASONAL: SEASON,
    }

    assert {kind: route(y, 12).kind for kind, y in kinds.items()} == {kind: kind for kind in kinds}


def test_a_short_peak_in_noise_is_a_season_and_a_trend_is_none() -> None:
    noise = np.random.default_rng(7).normal(0, 12, 60)
    peak = 40 + 45 * np.isin(MONTHS % 12, (5, 6)) + noise
    trend = 40 + 3 * MONTHS + noise

    assert route(peak, 12).kind is Kind.SEASONAL
    assert route(trend, 12).kind is Kind.TRENDING


def test_a_constant_series_stays_constant() -> None:
    result = forecast(_panel(np.full(40, 7.0)), Settings(horizon=6))

    assert result.mean[:, 0].tolist() == [7.0] * 6
    assert result.lower[95][:, 0].tolist() == [7.0] * 6


def test_a_series_that_ended_is_forecast_as_nothing_and_says_so() -> None:
    result = forecast(_panel(np.r_[np.full(30, 5.0), np.zeros(14)]), Settings(horizon=3))

    assert result.mean[:, 0].tolist() == [0.0] * 3
    assert result.reasons == ("Nothing was sold in the last 14 periods.",)


def test_nothing_but_returns_is_forecast_as_nothing() -> None:
    result = forecast(_panel(np.array([0.0, -3.0, 0.0, 0.0])), Settings(horizon=2))

    assert result.mean[:, 0].tolist() == [0.0, 0.0]
    assert result.reasons == ("No known period is above zero.",)


@pytest.mark.parametrize(
    ("shape", "seasonal"),
    [
        (SEASON, True),
        (SEASON - 100, True),  # below zero: the season adds
        (MONTHS + SEASON, True),
        (np.full(60, 80.0), False),
        (2.0 * MONTHS, False),
    ],
)
def test_theta_is_the_theta_of_statsmodels(shape: np.ndarray, seasonal: bool) -> None:
    y = shape + np.random.default_rng(5).normal(0, 4, 60)
    model = ThetaModel(y, period=12, deseasonalize=seasonal, use_test=False)

    ours = theta(y, 18, 12, seasonal=seasonal)

    assert ours == pytest.approx(np.asarray(model.fit().forecast(18)), rel=1e-3, abs=0.05)


def test_gaps_inside_are_bridged() -> None:
    gappy = SEASON.copy()
    gappy[[7, 8, 30]] = np.nan

    assert forecast(_panel(gappy), Settings(horizon=12)).mean[:, 0] == pytest.approx(SEASON[:12], rel=0.05)


def test_chunks_of_any_size_give_the_same_numbers() -> None:
    columns = [SEASON, SEASON[:20], np.full(9, 3.0), np.tile([0.0, 4.0], 20)]
    together = forecast(_panel(*columns), Settings(horizon=4))

    for place, column in enumerate(columns):
        alone = forecast(_panel(column), Settings(horizon=4))
        assert alone.mean[:, 0] == pytest.approx(together.mean[:, place], rel=1e-12)


def test_the_work_can_be_stopped_between_series() -> None:
    class Stop(Exception):
        pass

    def stop_at_two(done: int) -> None:
        if done == 2:
            raise Stop

    with pytest.raises(Stop):
        forecast(_panel(SEASON, SEASON, SEASON), Settings(horizon=2), stop_at_two)


@settings(max_examples=60, deadline=None)
@given(
    some.lists(
        some.one_of(
            some.floats(-1e6, 1e15, allow_nan=False), some.just(0.0), some.just(float("nan")), some.just(1e-9)
        ),
        max_size=40,
    )
)
def test_whatever_comes_in_the_forecast_is_finite_ordered_and_not_negative(history: list[float]) -> None:
    result = forecast(_panel(history), Settings(horizon=5))

    for low, high in ((result.lower[95], result.lower[80]), (result.lower[80], result.mean)):
        assert (low <= high).all()
    for low, high in ((result.mean, result.upper[80]), (result.upper[80], result.upper[95])):
        assert (low <= high).all()
    assert np.isfinite(result.upper[95]).all()
    assert (result.lower[95] >= 0).all()


@settings(max_examples=15, deadline=None)
@given(some.lists(some.floats(1, 1000), min_size=24, max_size=36), some.sampled_from([1e-3, 1e3]))
def test_a_thousand_times_the_sales_is_a_thousand_times_the_forecast(history: list[float], by: float) -> None:
    once = forecast(_panel(history), Settings(horizon=3, cuts=1))
    scaled = forecast(_panel(np.array(history) * by), Settings(horizon=3, cuts=1))

    assert scaled.mean == pytest.approx(once.mean * by, rel=1e-5)
