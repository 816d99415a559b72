"""The measures of accuracy, worked by hand, and what must hold of them whatever the numbers."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.engine.accuracy import mase, rmsse, smape, wape
from forecasting.engine.measures import (
    Cells,
    gain_of,
    measures_by,
    measures_of,
    scales_of,
    share,
    tracking_signal,
)

# Hypothesis reads every module once before its first number: on a busy machine that takes a second.
UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
QUANTITIES = st.lists(st.integers(0, 10**6), min_size=12, max_size=12).map(lambda x: np.array(x, float))


def cells(actual: list[float], forecast: list[float], **more: list[float]) -> Cells:
    """Two demand units in two months each, at a price of 10, with scales of 4 (absolute) and 25 (squared)."""
    given = {name: np.array(values, dtype=float) for name, values in more.items()}
    return Cells(
        unit=np.array([1, 1, 2, 2]),
        month=np.array([1, 2, 1, 2]),
        actual=np.array(actual),
        forecast=np.array(forecast),
        price=given.get("price", np.full(4, 10.0)),
        step=given.get("step", np.full(4, 4.0)),
        square=given.get("square", np.full(4, 25.0)),
    )


def test_every_measure_worked_by_hand() -> None:
    found = measures_of(cells([10, 20, 30, 40], [12, 16, 30, 44]))
    # errors 2, −4, 0, 4 on 100 sold
    assert (found.cells, found.units, found.months) == (4, 2, 2)
    assert (found.sold, found.forecast) == (100, 102)
    assert found.wape == pytest.approx(10 / 100)
    assert found.bias == pytest.approx(2 / 100)
    assert found.money == pytest.approx(100)
    assert found.mase == pytest.approx((2 / 4 + 4 / 4 + 0 + 4 / 4) / 4)
    # unit 1: √((4 + 16) / 2 / 25); unit 2: √((0 + 16) / 2 / 25)
    assert found.rmsse == pytest.approx((np.sqrt(10 / 25) + np.sqrt(8 / 25)) / 2)
    assert found.smape == pytest.approx((200 * 2 / 22 + 200 * 4 / 36 + 0 + 200 * 4 / 84) / 4)
    # by month the errors are 2 and 0: their sum 2 over their mean size 1
    assert found.signal == pytest.approx(2.0)


def test_groups_are_measured_apart() -> None:
    some = cells([10, 20, 30, 40], [12, 16, 30, 44])
    found = measures_by(some.unit, some)
    assert found[1].wape == pytest.approx(6 / 30)
    assert found[2].wape == pytest.approx(4 / 70)
    assert found[2].signal == pytest.approx(4 / 2)
    assert found[1].money + found[2].money == measures_of(some).money


def test_nothing_sold_has_no_share_and_no_scale_no_scaled_error() -> None:
    unscaled = [float("nan")] * 4
    found = measures_of(cells([0, 0, 0, 0], [1, 0, 0, 0], step=unscaled, square=unscaled))
    assert (found.wape, found.bias, found.mase, found.rmsse) == (None, None, None, None)
    assert found.smape == pytest.approx(200 / 4)
    assert share(1.0, 0.0) is None
    with pytest.raises(ValueError, match="no cells"):
        measures_of(cells([0] * 4, [0] * 4).at(np.zeros(4, dtype=bool)))


def test_the_tracking_signal_tells_a_lean_from_chance() -> None:
    assert tracking_signal(np.array([5.0] * 6)) == 6.0
    assert tracking_signal(np.array([5.0, -5.0])) == 0.0
    assert tracking_signal(np.array([0.0, 0.0])) is None


def test_one_series_is_measured_as_a_panel_is() -> None:
    """The measures of back-tests and those of plans are the same formulas."""
    rng = np.random.default_rng(5)
    history, actual, forecast = rng.gamma(2, 50, 40), rng.gamma(2, 50, 6), rng.gamma(2, 50, 6)
    step, square = scales_of(history[:, None])
    found = measures_of(
        Cells(
            np.ones(6, dtype=int), np.arange(6), actual, forecast, np.ones(6),
            np.repeat(step, 6), np.repeat(square, 6),
        )
    )  # fmt: skip
    assert found.wape == pytest.approx(wape(actual, forecast))
    assert found.smape == pytest.approx(smape(actual, forecast))
    assert found.mase == pytest.approx(mase(actual, forecast, history, 12))
    assert found.rmsse == pytest.approx(rmsse(actual, forecast, history))


def test_a_short_history_is_scaled_by_plain_steps_and_a_flat_one_not_at_all() -> None:
    unknown = float("nan")
    history = np.full((26, 3), 7.0)
    history[:, 1] = [unknown] * 22 + [1, 3, 3, 7]
    history[:, 2] = np.tile(np.arange(13.0), 2)
    step, square = scales_of(history)
    assert np.isnan(step[0]) and np.isnan(square[0])
    assert step[1] == pytest.approx(6 / 3)
    assert square[1] == pytest.approx((4 + 0 + 16) / 3)
    assert step[2] == pytest.approx(np.abs(history[12:, 2] - history[:-12, 2]).mean())


def test_a_gain_counts_only_where_both_spoke() -> None:
    silent = float("nan")
    gain = gain_of(
        np.array([10.0, 10.0, 10.0]),
        np.array([14.0, 6.0, 10.0]),
        np.array([11.0, 8.0, silent]),
        np.full(3, 5.0),
    )
    # errors avoided: 4 − 1 = 3 and 4 − 2 = 2, on 20 sold
    assert (gain.cells, gain.sold) == (2, 20)
    assert gain.gained == pytest.approx((8 - 3) / 20)
    assert gain.money == pytest.approx(25)
    assert gain.is_few


def test_a_gain_that_chance_explains_is_not_likely() -> None:
    rng = np.random.default_rng(1)
    actual, price = np.full(400, 100.0), np.ones(400)
    noise = rng.normal(0, 10, 400)
    better = gain_of(actual, actual + 2 * noise, actual + noise, price)
    same = gain_of(actual, actual + noise, actual + rng.permutation(noise), price)
    assert better.likely
    assert not same.likely
    assert not gain_of(actual[:1], actual[:1] + 5, actual[:1], price[:1]).likely


@UNHURRIED
@given(actual=QUANTITIES, forecast=QUANTITIES, factor=st.floats(1e-3, 1e3))
def test_shares_do_not_depend_on_the_unit_of_measure(
    actual: np.ndarray, forecast: np.ndarray, factor: float
) -> None:
    def measured(scale: float) -> Cells:
        number = np.arange(12)
        return Cells(
            number % 3, number, actual * scale, forecast * scale, np.ones(12),
            np.full(12, 5.0) * scale, np.full(12, 9.0) * scale**2,
        )  # fmt: skip

    plain, scaled = measures_of(measured(1.0)), measures_of(measured(factor))
    for name in ("wape", "bias", "mase", "rmsse", "smape", "signal"):
        one, other = getattr(plain, name), getattr(scaled, name)
        assert (one is None) == (other is None)
        assert one is None or other == pytest.approx(one, rel=1e-6, abs=1e-9)


@UNHURRIED
@given(actual=QUANTITIES, forecast=QUANTITIES)
def test_smape_stays_between_0_and_200_and_bias_within_wape(actual: np.ndarray, forecast: np.ndarray) -> None:
    number = np.arange(12)
    found = measures_of(Cells(number, number, actual, forecast, np.ones(12), np.ones(12), np.ones(12)))
    assert 0 <= (found.smape or 0) <= 200 + 1e-9
    if found.wape is not None and found.bias is not None:
        assert abs(found.bias) <= found.wape * (1 + 1e-9)
