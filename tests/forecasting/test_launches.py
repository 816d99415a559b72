"""New items by the engine: the curve and level of like items, corrected by what was sold so far."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.engine import Forecast, Panel, Settings
from forecasting.engine.course import LIKE_MODELLED, Course, follow_courses
from forecasting.engine.forecast import forecast
from forecasting.engine.launch import Launch, Like, launch_forecast
from forecasting.engine.panel import Floats

RAMP = np.array([20.0, 40, 60, 80, 100, 100, 100, 100, 100, 100, 100, 100])
NONE_SOLD = np.empty(0)
quantities = st.sampled_from([0.0, float("nan")]) | st.floats(0.001, 1e6)
histories = st.lists(quantities, min_size=1, max_size=40).map(np.array)
likes = st.lists(
    st.builds(Like, name=st.just("like"), values=histories, weight=st.floats(0.01, 100), begun=st.booleans()),
    min_size=1,
    max_size=4,
)


def settled(level: float, years: int = 2) -> Floats:
    """A launch year by the ramp, then steady months at a level."""
    return np.concatenate([RAMP / 100 * level, np.full(12 * years, level)])


def made(launch: Launch, own: Floats = NONE_SOLD, horizon: int = 18) -> Floats:
    found = launch_forecast(launch, own, horizon, 12)
    assert found is not None
    return found.values


def test_a_new_item_begins_as_its_like_began() -> None:
    launch = Launch((Like("Saw", settled(100)),), ahead=1)

    np.testing.assert_allclose(made(launch), [*RAMP, *[100.0] * 6])


def test_nothing_is_forecast_before_the_launch_month() -> None:
    launch = Launch((Like("Saw", settled(100)),), ahead=4)

    np.testing.assert_allclose(made(launch, horizon=6), [0, 0, 0, 20, 40, 60])


def test_a_planner_s_level_scales_the_curve() -> None:
    launch = Launch((Like("Saw", settled(100)),), ahead=1, level=250)

    np.testing.assert_allclose(made(launch, horizon=6), 2.5 * RAMP[:6])


def test_likes_count_by_their_weights() -> None:
    launch = Launch((Like("a", settled(100), 3), Like("b", settled(200), 1)), ahead=1)

    np.testing.assert_allclose(made(launch)[-1], 125)


def test_a_history_that_begins_with_the_data_gives_a_level_and_no_curve() -> None:
    launch = Launch((Like("old", np.full(40, 80.0), begun=False),), ahead=1)

    np.testing.assert_allclose(made(launch, horizon=3), [80, 80, 80])


def test_the_season_of_the_likes_is_the_new_item_s() -> None:
    year = np.where(np.arange(12) < 6, 1.5, 0.5)
    launch = Launch((Like("old", np.tile(100 * year, 4), begun=False),), ahead=1)

    np.testing.assert_allclose(made(launch, horizon=12), 100 * year)


def test_months_sold_move_the_level_and_more_months_move_it_more() -> None:
    launch = Launch((Like("a", settled(100)),), ahead=-2)
    double = made(launch, 2 * RAMP[:3])
    same = made(launch, RAMP[:3])
    late = Launch(launch.likes, ahead=-11)

    np.testing.assert_allclose(same[:3], RAMP[3:6])
    assert 100 < double[-1] < made(late, 2 * RAMP[:12])[-1] < 200


def test_the_more_was_sold_the_surer_the_forecast() -> None:
    like = (Like("a", settled(100)), Like("b", settled(150)))
    fresh = launch_forecast(Launch(like, ahead=1), NONE_SOLD, 6, 12)
    known = launch_forecast(Launch(like, ahead=-11), RAMP, 6, 12)

    assert fresh is not None
    assert known is not None
    assert known.spread[0] < fresh.spread[0]


def test_likes_that_disagree_make_the_interval_wider() -> None:
    near = launch_forecast(Launch((Like("a", settled(100)), Like("b", settled(110))), 1), NONE_SOLD, 6, 12)
    far = launch_forecast(Launch((Like("a", settled(100)), Like("b", settled(900))), 1), NONE_SOLD, 6, 12)

    assert near is not None
    assert far is not None
    assert far.spread[0] > 2 * near.spread[0]


def test_a_launch_that_slipped_begins_next_month() -> None:
    launch = Launch((Like("Saw", settled(100)),), ahead=-5)

    np.testing.assert_allclose(made(launch, horizon=3), RAMP[:3])


def test_a_first_sale_after_the_plan_begins_the_curve_with_that_sale() -> None:
    launch = Launch((Like("Saw", settled(100)),), ahead=-5)

    np.testing.assert_allclose(made(launch, RAMP[:2], horizon=3), RAMP[2:5])


@pytest.mark.parametrize("values", [np.zeros(30), np.full(30, np.nan)])
def test_likes_without_sales_say_nothing(values: Floats) -> None:
    assert launch_forecast(Launch((Like("none", values),), 1), NONE_SOLD, 6, 12) is None
    assert made(Launch((Like("none", values),), 1, level=50), horizon=2) == pytest.approx([50, 50])


@given(likes, st.integers(-30, 30), st.none() | st.floats(0.001, 1e6), histories)
def test_a_launch_is_never_negative_never_nan_and_never_unbounded(
    chosen: list[Like], ahead: int, level: float | None, own: Floats
) -> None:
    found = launch_forecast(Launch(tuple(chosen), ahead, level), own, 18, 12)

    if found is not None:
        assert np.isfinite(found.values).all()
        assert (found.values >= 0).all()
        assert (found.spread > 0).all()
        assert found.correction > 0
        assert (found.values[: max(0, max(ahead, 1 - len(own)) - 1)] == 0).all()


@given(likes, st.integers(-10, 10), histories, st.sampled_from([1e-3, 7.0, 1e3]))
def test_a_launch_scales_with_its_quantities(
    chosen: list[Like], ahead: int, own: Floats, factor: float
) -> None:
    plain = launch_forecast(Launch(tuple(chosen), ahead), own, 12, 12)
    larger = [Like(one.name, one.values * factor, one.weight, one.begun) for one in chosen]
    scaled = launch_forecast(Launch(tuple(larger), ahead), own * factor, 12, 12)

    assert (plain is None) == (scaled is None)
    if plain is not None and scaled is not None:
        np.testing.assert_allclose(scaled.values, plain.values * factor, rtol=1e-6)


@given(likes, st.integers(-10, 10), histories, st.floats(0.01, 100))
def test_only_the_proportions_of_the_weights_count_and_not_their_order(
    chosen: list[Like], ahead: int, own: Floats, factor: float
) -> None:
    plain = launch_forecast(Launch(tuple(chosen), ahead), own, 12, 12)
    turned = [Like(one.name, one.values, one.weight * factor, one.begun) for one in reversed(chosen)]
    other = launch_forecast(Launch(tuple(turned), ahead), own, 12, 12)

    assert (plain is None) == (other is None)
    if plain is not None and other is not None:
        np.testing.assert_allclose(other.values, plain.values, rtol=1e-6)


# --- laid over a forecast of a whole panel -------------------------------------------------------


def two_series(own: Floats) -> Panel:
    values = np.full((40, 2), np.nan)
    values[:, 0] = 100 + np.arange(40) % 12
    values[40 - len(own) :, 1] = own
    return Panel(("old", "new"), values)


def followed(panel: Panel, *courses: Course | None) -> tuple[Forecast, Forecast]:
    plain = forecast(panel, Settings(horizon=6))
    return plain, follow_courses(plain, list(panel.series()), courses, 12)


def test_a_launch_in_a_panel_says_what_it_is_modelled_on_and_leaves_the_others_alone() -> None:
    course = Course(launch=Launch((Like("Saw 200", settled(100)),), ahead=-3))
    plain, result = followed(two_series(RAMP[:4]), None, course)

    assert result.methods[1] == LIKE_MODELLED
    assert result.reasons[1] == "Modelled on Saw 200: 4 months sold so far, as expected."
    np.testing.assert_allclose(result.mean[:, 1], RAMP[4:10])
    np.testing.assert_array_equal(result.mean[:, 0], plain.mean[:, 0])
    assert (result.lower[95] <= result.lower[80]).all()
    assert (result.lower[80] <= result.mean).all()
    assert (result.mean <= result.upper[80]).all()
    assert (result.upper[80] <= result.upper[95]).all()
    assert np.isnan(result.accuracy.mase[1])
    assert np.isnan(result.actual[:, :, 1]).all()


def test_two_years_of_its_own_say_more_than_a_launch_plan() -> None:
    course = Course(launch=Launch((Like("Saw 200", settled(500)),), ahead=-29))
    plain, result = followed(two_series(np.full(30, 50.0)), None, course)

    np.testing.assert_array_equal(result.mean, plain.mean)
    assert result.reasons[1].endswith("Its own 30 periods say more than its launch plan.")


def test_likes_without_sales_leave_the_plain_route_and_say_so() -> None:
    course = Course(launch=Launch((Like("Saw 200", np.zeros(30)),), ahead=-3))
    plain, result = followed(two_series(RAMP[:4]), None, course)

    np.testing.assert_array_equal(result.mean, plain.mean)
    assert "Its like items sold nothing" in result.reasons[1]


def test_shares_split_mean_and_intervals_and_an_item_that_is_over_is_nothing() -> None:
    shares = np.array([1, 0.75, 0.5, 0.25, 0, 0])
    panel = two_series(np.full(30, 50.0))
    plain, result = followed(panel, Course("Replaced.", shares, leads=False), Course("Over.", np.zeros(6)))

    np.testing.assert_allclose(result.mean[:, 0], plain.mean[:, 0] * shares)
    np.testing.assert_allclose(result.upper[95][:, 0], plain.upper[95][:, 0] * shares)
    assert result.reasons[0] == f"Replaced. {plain.reasons[0]}"
    assert (result.methods[1], result.reasons[1]) == ("zero", "Over.")
    assert not result.mean[:, 1].any()
    assert not result.upper[95][:, 1].any()
