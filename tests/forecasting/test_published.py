"""The engine gives the answers that textbooks and other software publish."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from forecasting.engine.batch.ets_recursion import Form, Parameters, States, run
from forecasting.engine.batch.lanes import Lanes
from forecasting.engine.classical import Line, centred_average, line_and_season
from forecasting.engine.consumption import still_to_come

# Chopra, Supply Chain Management, chapter 7: quarterly demand of Tahoe Salt.
TAHOE = np.array([8, 13, 23, 34, 10, 18, 23, 38, 12, 13, 32, 41]) * 1000.0
# frappe/erpnext#31640: simple exponential smoothing by hand, α = 0.3, the level begins at the first actual.
SOLD = [94764, 103900, 167777, 291264, 318568, 239092, 220916, 216408, 197992, 177392, 166972, 178884, 136664]
LEVELS = [
    94764,
    97505,
    118586,
    170390,
    214843,
    222118,
    221757,
    220153,
    213504,
    202671,
    191961,
    188038,
    172626,
]
months = some.lists(some.floats(0, 1e6), min_size=1, max_size=12)


def test_tahoe_salt_without_its_season_its_line_and_its_factors() -> None:
    found = line_and_season(TAHOE, 4)

    smooth = [19750, 20625, 21250, 21750, 22500, 22125, 22625, 24125]
    assert centred_average(TAHOE, 4) == pytest.approx(smooth)
    assert (round(found.level), round(found.trend)) == (18439, 524)
    assert found.factors == pytest.approx([0.472, 0.683, 1.171, 1.664], abs=0.0006)


def test_tahoe_salt_a_year_ahead_with_the_factors_as_the_book_rounds_them() -> None:
    ahead = Line(18439, 524, np.array([0.47, 0.68, 1.17, 1.67])).ahead(12, 4)

    assert ahead.round() == pytest.approx([11868, 17527, 30770, 44794])


@pytest.mark.parametrize("count", range(1, len(SOLD) + 1))
def test_smoothing_by_hand_gives_the_levels_of_the_table(count: int) -> None:
    lanes = Lanes.of([np.array(SOLD[:count], dtype=float)], 12)
    one = np.ones((1, 1))
    states = States(lanes.values[:1, :1].copy(), 0 * one, np.zeros((12, 1, 1)))

    run(lanes, Form("N", "N"), Parameters(0.3 * one, 0 * one, 0 * one, one), states)

    assert round(float(states.level[0, 0] * lanes.scale[0])) == pytest.approx(LEVELS[count - 1], abs=1)


@pytest.mark.parametrize(
    ("orders", "windows", "left"),
    [
        ([130, 100, 80], (0, 0), [220, 250, 270]),
        ([300, 500, 280, 0], (0, 0), [50, 0, 70, 350]),
        ([300, 500, 280, 0], (1, 1), [0, 0, 0, 320]),
    ],
)
def test_orders_use_up_the_forecast_as_in_freppls_documentation(
    orders: list[float], windows: tuple[int, int], left: list[float]
) -> None:
    forecast = np.full(len(orders), 350.0)

    assert still_to_come(forecast, np.array(orders, dtype=float), *windows) == pytest.approx(left)


@given(months, some.integers(0, 5), some.integers(0, 5), some.randoms(use_true_random=False))
def test_what_is_left_and_what_is_used_up_are_the_forecast(
    forecast: list[float], early: int, late: int, random: object
) -> None:
    orders = np.array([random.uniform(0, 1e6) for _ in forecast])  # type: ignore[attr-defined]

    left = still_to_come(np.array(forecast), orders, early, late)

    used = sum(forecast) - left.sum()
    assert (left >= 0).all()
    assert (left <= np.array(forecast)).all()
    assert used <= orders.sum() + 1e-6
    wider = still_to_come(np.array(forecast), orders, early + 1, late + 1)
    assert wider.sum() <= left.sum() + 1e-6


def test_windows_and_shapes_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="0 periods or more"):
        still_to_come(np.ones(2), np.ones(2), early=-1)
    with pytest.raises(ValueError, match="periods"):
        still_to_come(np.ones(2), np.ones(3))


@pytest.mark.parametrize("y", [np.ones(7), np.r_[np.linspace(100, 0, 20)]])
def test_a_line_needs_two_years_above_zero(y: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"two years|falls to zero"):
        line_and_season(y, 4)
