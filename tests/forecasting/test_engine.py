"""The engine forecasts anything it is given: never NaN, never negative, never an exception."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from forecasting.engine import Forecast, Panel, Settings
from forecasting.engine import forecast as engine
from forecasting.engine.forecast import calibrate_on, forecast, sample_of
from forecasting.engine.routing import Kind, route

MONTHS = np.arange(60)
SEASON = 100 + 20 * np.sin(MONTHS * 2 * np.pi / 12)
NOISE = np.random.default_rng(3).uniform(90, 110, 60)


def _panel(*columns: list[float] | np.ndarray) -> Panel:
    longest = max(len(column) for column in columns)
    values = np.full((longest, len(columns)), np.nan)
    for place, column in enumerate(columns):
        if len(column):
            values[longest - len(column) :, place] = column
    return Panel(tuple(f"s{n:03d}" for n in range(len(columns))), values)


def _many(count: int) -> Panel:
    """Series of every kind: seasonal, trending, short, sparse, constant, ended."""
    rng = np.random.default_rng(11)
    kinds = [
        lambda: SEASON * rng.uniform(0.5, 5) + rng.normal(0, 5, 60),
        lambda: 50 + rng.uniform(0, 3) * MONTHS + rng.normal(0, 6, 60),
        lambda: rng.uniform(20, 30, 15),
        lambda: np.where(rng.random(60) < 0.3, rng.uniform(1, 9, 60), 0.0),
        lambda: np.full(40, rng.uniform(1, 9)),
        lambda: np.r_[rng.uniform(1, 9, 40), np.zeros(14)],
    ]
    return _panel(*[kinds[n % len(kinds)]() for n in range(count)])


def test_a_season_is_carried_on() -> None:
    result = forecast(_panel(SEASON), Settings(horizon=12))

    assert result.mean[:, 0] == pytest.approx(SEASON[:12], rel=0.02)


def test_each_kind_of_series_takes_its_route() -> None:
    kinds = {
        Kind.EMPTY: np.array([]),
        Kind.DEAD: np.r_[np.full(30, 5.0), np.zeros(12)],
        Kind.CONSTANT: np.full(40, 7.0),
        Kind.TINY: NOISE[:4],
        Kind.SHORT: NOISE[:15],
        Kind.INTERMITTENT: np.tile([0.0, 0.0, 3.0, 0.0], 10),
        Kind.REGULAR: NOISE,
    }

    assert {kind: route(y, 12).kind for kind, y in kinds.items()} == {kind: kind for kind in kinds}


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


def test_gaps_inside_are_bridged() -> None:
    gappy = SEASON.copy()
    gappy[[7, 8, 30]] = np.nan

    assert forecast(_panel(gappy), Settings(horizon=12)).mean[:, 0] == pytest.approx(SEASON[:12], rel=0.05)


def test_one_wild_month_does_not_move_the_forecast_and_is_told() -> None:
    wild = NOISE.copy()
    wild[40] *= 50

    result = forecast(_panel(NOISE, wild), Settings(horizon=6))

    assert result.mean[:, 1] == pytest.approx(result.mean[:, 0], rel=0.05)
    [point] = result.stories[1].cleaned
    assert (point.place, point.was) == (40, wild[40])
    assert point.now == pytest.approx(100, rel=0.1)


def test_a_wild_month_that_a_planner_keeps_is_kept() -> None:
    wild = NOISE.copy()
    wild[40] *= 50
    kept = np.zeros((60, 1), dtype=bool)
    kept[40] = True

    assert forecast(replace(_panel(wild), kept=kept), Settings(horizon=6)).stories[0].cleaned == ()


def test_a_month_with_an_event_says_nothing_about_the_others() -> None:
    promoted = NOISE.copy()
    promoted[57:] *= 1.4
    masked = np.zeros((60, 1), dtype=bool)
    masked[57:] = True

    with_event = forecast(replace(_panel(promoted), masked=masked), Settings(horizon=6))

    assert [point.place for point in with_event.stories[0].cleaned] == [57, 58, 59]
    assert with_event.mean.mean() == pytest.approx(100, rel=0.05)
    assert forecast(_panel(promoted), Settings(horizon=6)).mean.mean() > 110


@pytest.mark.parametrize("cut", [1, 7, 24, 60])
def test_chunks_of_any_size_give_the_same_numbers(cut: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BLOCK", 13)
    panel = _many(60)
    whole = forecast(panel, Settings(horizon=6))
    known = calibrate_on(_sample(panel), Settings(horizon=6))

    for first in range(0, 60, cut):
        part = forecast(panel.part(first, first + cut), Settings(horizon=6), calibration=known)
        _assert_same(part, whole, slice(first, first + cut))


def _sample(panel: Panel) -> Panel:
    places = sample_of(panel.ids)
    return Panel(tuple(panel.ids[place] for place in places), panel.values[:, places])


def _assert_same(part: Forecast, whole: Forecast, columns: slice) -> None:
    assert part.mean == pytest.approx(whole.mean[:, columns], rel=1e-9)
    for level in (80, 95):
        assert part.upper[level] == pytest.approx(whole.upper[level][:, columns], rel=1e-9)
    assert part.methods == whole.methods[columns]


def test_the_order_of_the_series_does_not_matter() -> None:
    panel = _many(24)
    order = np.random.default_rng(5).permutation(24)
    mixed = Panel(tuple(panel.ids[place] for place in order), panel.values[:, order])

    whole, other = forecast(panel, Settings(horizon=4)), forecast(mixed, Settings(horizon=4))

    assert other.mean == pytest.approx(whole.mean[:, order], rel=1e-9)
    assert other.upper[95] == pytest.approx(whole.upper[95][:, order], rel=1e-9)


def test_a_search_that_starts_from_last_months_run_finds_as_good_a_fit() -> None:
    panel = _many(12)
    before = forecast(Panel(panel.ids, panel.values[:-1]), Settings(horizon=4))
    starts = [story.start for story in before.stories]

    warm = forecast(panel, Settings(horizon=4), starts=starts)

    cold = forecast(panel, Settings(horizon=4))
    assert warm.mean == pytest.approx(cold.mean, rel=0.1)


def test_the_members_of_a_forecast_and_its_components_are_told() -> None:
    [story] = forecast(_panel(SEASON + NOISE / 20), Settings(horizon=4)).stories

    assert story.members[0].name == "Theta"
    assert sum(member.weight for member in story.members) == pytest.approx(1, abs=0.05)
    assert story.components is not None
    assert story.components.level == pytest.approx(105, rel=0.05)
    assert len(story.components.season) == 12


def test_sparse_series_take_the_method_that_erred_least() -> None:
    sparse = np.zeros(48)
    sparse[::3] = 6.0

    result = forecast(_panel(sparse), Settings(horizon=3))

    assert result.mean[:, 0] == pytest.approx([2.0] * 3, rel=0.15)
    assert "erred least" in result.reasons[0]


def test_the_work_can_be_stopped_between_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BLOCK", 1)

    class Stop(Exception):
        pass

    def stop_at_two(done: int) -> None:
        if done == 2:
            raise Stop

    with pytest.raises(Stop):
        forecast(_panel(SEASON, SEASON, SEASON), Settings(horizon=2), stop_at_two)


VALUES = some.one_of(
    some.floats(-1e6, 1e15, allow_nan=False), some.just(0.0), some.just(float("nan")), some.just(1e-9)
)


@settings(max_examples=80, deadline=None)
@given(some.lists(VALUES, max_size=60))
def test_whatever_comes_in_the_forecast_is_finite_ordered_and_not_negative(history: list[float]) -> None:
    result = forecast(_panel(history, SEASON), Settings(horizon=5))

    for low, high in ((result.lower[95], result.lower[80]), (result.lower[80], result.mean)):
        assert (low <= high).all()
    for low, high in ((result.mean, result.upper[80]), (result.upper[80], result.upper[95])):
        assert (low <= high).all()
    assert np.isfinite(result.upper[95]).all()
    assert (result.lower[95] >= 0).all()
    assert result.mean[:, 1] == pytest.approx(forecast(_panel(SEASON), Settings(horizon=5)).mean[:, 0])


@settings(max_examples=25, deadline=None)
@given(some.lists(some.floats(1, 1000), min_size=24, max_size=48), some.sampled_from([1e-3, 1e3, 1e9]))
def test_a_thousand_times_the_sales_is_a_thousand_times_the_forecast(history: list[float], by: float) -> None:
    once = forecast(_panel(history), Settings(horizon=3))
    scaled = forecast(_panel(np.array(history) * by), Settings(horizon=3))

    assert scaled.mean == pytest.approx(once.mean * by, rel=1e-6)
    assert scaled.upper[95] == pytest.approx(once.upper[95] * by, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(some.lists(some.floats(1, 1000), min_size=24, max_size=48), some.integers(1, 30))
def test_zeros_and_gaps_before_a_series_begins_change_nothing(history: list[float], before: int) -> None:
    late = Panel(("s",), np.r_[np.full(before, np.nan), history][:, None])

    assert forecast(late, Settings(horizon=3)).mean == pytest.approx(
        forecast(_panel(history), Settings(horizon=3)).mean, rel=1e-9
    )
