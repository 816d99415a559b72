"""Other methods for one series: fitted by statsmodels, judged at the same cuts, guarded; and pinned."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.forecasting.theta import ThetaModel

from forecasting.engine import Panel, Settings
from forecasting.engine.alternatives import CannotFit, actual_at_cuts, compare, forecast_by, rolling
from forecasting.engine.forecast import forecast
from forecasting.engine.panel import Floats
from forecasting.engine.pin import Method, Pin

AHEAD = Settings(horizon=12)
MONTHS = np.arange(60)


def seasonal(seed: int = 1, level: float = 1000.0) -> Floats:
    noise = np.random.default_rng(seed).normal(0, 40, MONTHS.size)
    return level + 5 * MONTHS + 200 * np.sin(MONTHS / 12 * 2 * np.pi) + noise


def panel_of(count: int = 6) -> Panel:
    columns = [seasonal(seed, 800.0 + 100 * seed) for seed in range(count)]
    return Panel(tuple(f"s{place}" for place in range(count)), np.array(columns).T)


def test_every_method_forecasts_a_seasonal_series_and_is_judged_out_of_sample() -> None:
    y = seasonal()

    found = {one.method: one for one in compare(y, y, 12, AHEAD)}

    assert set(found) == set(Method)
    for one in found.values():
        assert one.values is not None
        assert one.values.shape == (12,)
        assert 0 < one.mase < 5
    assert found[Method.SARIMAX].mase < found[Method.YEAR_MEAN].mase
    expected = ThetaModel(y, period=12, method="auto").fit().forecast(12, theta=2)
    assert found[Method.THETA].values == pytest.approx(expected.to_numpy(), rel=1e-6)


def test_back_tests_know_nothing_of_what_they_forecast() -> None:
    y = seasonal()
    changed = y.copy()
    changed[-AHEAD.back(0) :] = 1e6  # everything after the newest cut

    for method in Method:
        newest = rolling(method, y, 12, AHEAD)[0]
        assert newest == pytest.approx(rolling(method, changed, 12, AHEAD)[0]), method


def test_cuts_lie_where_those_of_the_forecast_lie() -> None:
    panel = panel_of(3)
    made = forecast(panel, AHEAD)

    for place, y in enumerate(panel.series()):
        assert np.array_equal(actual_at_cuts(y, AHEAD), made.actual[:, :, place], equal_nan=True)


@pytest.mark.parametrize(
    ("y", "method", "why"),
    [
        (seasonal()[:5], Method.THETA, "too few"),
        (seasonal()[:20], Method.STL, "more than two years"),
        (seasonal()[:9], Method.SEASONAL_NAIVE, "less than a year"),
        (np.full(40, 7.0), Method.SARIMAX, "same value"),
        (np.zeros(40), Method.YEAR_MEAN, "above zero"),
        (np.exp(MONTHS[:30] * 1.0), Method.SARIMAX, "left the range"),
    ],
)
def test_a_method_that_cannot_be_fitted_says_why(y: Floats, method: Method, why: str) -> None:
    with pytest.raises(CannotFit, match=why):
        forecast_by(method, y, 12, 12)

    (one,) = compare(y, y, 12, AHEAD, [method])
    assert one.values is None
    assert one.fault


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e9, allow_nan=False, width=32), min_size=1, max_size=40),
    st.sampled_from(list(Method)),
)
def test_no_method_is_ever_negative_unknown_or_beyond_bounds(values: list[float], method: Method) -> None:
    y = np.array(values)

    (one,) = compare(y, y, 12, AHEAD, [method])

    if one.values is not None:
        assert np.isfinite(one.values).all()
        assert (one.values >= 0).all()
        assert one.values.max() <= 5 * np.abs(y).max() + 1e-9


@pytest.mark.parametrize("method", list(Method))
def test_a_pin_changes_its_own_series_and_no_other(method: Method) -> None:
    panel = panel_of()
    pins = [None, Pin(method, "Ada", "the fair moved"), *[None] * 4]

    before, after = forecast(panel, AHEAD), forecast(panel, AHEAD, pins=pins)

    others = [0, 2, 3, 4, 5]
    assert np.array_equal(before.mean[:, others], after.mean[:, others])
    assert np.array_equal(before.lower[80][:, others], after.lower[80][:, others])
    y = next(iter(list(panel.series())[1:]))
    assert after.mean[:, 1] == pytest.approx(forecast_by(method, y, 12, 12))
    assert after.methods[1].startswith("pinned: ")
    assert after.reasons[1] == "Pinned by Ada: the fair moved."
    assert (after.lower[80][:, 1] <= after.mean[:, 1]).all()
    assert (after.upper[95][:, 1] > after.upper[80][:, 1]).all()


def test_a_pinned_series_tells_how_its_route_would_have_done() -> None:
    panel = panel_of()
    pins = [Pin(Method.YEAR_MEAN, "Ada", "calm down"), *[None] * 5]

    before, after = forecast(panel, AHEAD), forecast(panel, AHEAD, pins=pins)

    assert after.stories[0].without_pin == pytest.approx(
        (before.accuracy.mase[0], before.accuracy.wape[0], before.accuracy.bias[0])
    )
    assert after.accuracy.mase[0] > before.accuracy.mase[0]  # a flat line misses the season
    assert after.stories[1].without_pin is None


def test_a_pin_that_cannot_be_used_leaves_the_route_and_says_so() -> None:
    short = Panel(("a", "b"), np.array([seasonal(1)[:20], seasonal(2)[:20]]).T)
    pins = [Pin(Method.STL, "Ada", "I like it"), None]

    before, after = forecast(short, AHEAD), forecast(short, AHEAD, pins=pins)

    assert np.array_equal(before.mean, after.mean)
    assert after.methods == before.methods
    assert after.reasons[0].startswith("Pinned to STL with ETS by Ada, but it needs more than two years.")
    assert after.stories[0].without_pin is None


def test_pins_give_the_same_numbers_for_any_cut_into_chunks() -> None:
    panel = panel_of()
    pins = [Pin(method, "Ada", "as agreed") for method in list(Method)[:6]]
    whole = forecast(panel, AHEAD, pins=pins)
    parts = [forecast(panel.part(at, at + 1), AHEAD, pins=[pins[at]]) for at in range(6)]

    assert np.allclose(whole.mean, np.hstack([part.mean for part in parts]), rtol=1e-9)


def test_a_cut_that_a_pinned_method_cannot_reach_does_not_count() -> None:
    y = seasonal()[:40]  # STL has two years at the newest cut only
    made = forecast(Panel(("a",), y[:, None]), AHEAD, pins=[Pin(Method.STL)])

    assert np.isfinite(made.predicted[0, :, 0]).all()
    assert np.isnan(made.predicted[1:, :, 0]).all()
    assert np.isnan(made.actual[1:, :, 0]).all()
    assert np.isfinite(made.accuracy.wape[0])


def test_a_long_reason_is_cut_and_stays_a_sentence() -> None:
    reason = Pin(Method.ETS, "Ada", "word " * 60).reason

    assert len(reason) < 150
    assert reason.endswith("….")
