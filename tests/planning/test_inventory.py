"""Stock targets: published answers, and the target of a demand unit's forecast error."""

import datetime as dt

import numpy as np
import pytest
from scipy.stats import norm

from catalog.engine.months import months_from
from forecasting.models import ForecastRun, ForecastValue
from planning.engine.inventory import expected_shortage, fill_rate, safety_stock
from planning.models import Cycle
from planning.pipeline.supply import build
from planning.pipeline.supply.building import Policy
from planning.services.scenarios import add_scenario
from tests.planning.supply_world import SupplyWorld

ONE = np.ones(1)


def test_sams_club() -> None:
    """Chopra & Meindl, example 11-4: two weeks of lead time, σ 150 a week, reorder at 600."""
    spread = np.sqrt(2) * 150 * ONE
    safety = 600 - 2 * 250 * ONE
    assert spread[0] == pytest.approx(212, abs=0.5)
    assert norm.cdf(safety / spread)[0] == pytest.approx(0.68, abs=0.005)
    assert expected_shortage(safety, spread)[0] == pytest.approx(43.86, abs=0.1)
    assert fill_rate(safety, spread, 1000 * ONE)[0] == pytest.approx(0.96, abs=0.005)


def test_b_and_m_phones() -> None:
    """Chopra & Meindl, example 12-1; for a service level of 0.90 the safety stock is 906."""
    assert safety_stock(500 * ONE, 2 * ONE, 0.90, 2500 * ONE, 0 * ONE)[0] == pytest.approx(906, abs=0.5)
    spread = np.sqrt(2) * 500 * ONE
    assert fill_rate(1000 * ONE, spread, 10_000 * ONE)[0] == pytest.approx(0.9975, abs=5e-5)


def test_a_variable_lead_time() -> None:
    """Heizer & Render: 60 a week, six weeks ± 2, 90 %: reorder at 513.6."""
    safety = safety_stock(0 * ONE, 6 * ONE, 0.90, 60 * ONE, 2 * ONE)
    assert 360 + safety[0] == pytest.approx(513.6, abs=0.3)


@pytest.mark.parametrize("level", [0.4, 1.0])
def test_a_service_level_lies_between_a_half_and_one(level: float) -> None:
    with pytest.raises(ValueError, match="service level"):
        safety_stock(ONE, ONE, level, ONE, ONE)


@pytest.fixture
def forecast(supply: SupplyWorld) -> SupplyWorld:
    """A pinned forecast whose 80 % interval is 10 σ wide: σ is 39 units a month for each unit."""
    run = ForecastRun.objects.create(
        last_month=dt.date(2025, 12, 1), horizon=18, engine_version="t", input_hash="h", series=3
    )
    ForecastValue.objects.bulk_create(
        ForecastValue(
            run=run, demand_unit=unit, month=month, mean=300,
            lower_80=250, upper_80=350, lower_95=220, upper_95=380,
        )
        for unit in supply.firm.units
        for month in months_from(supply.cycle.month, 18)
    )  # fmt: skip
    Cycle.objects.filter(pk=supply.cycle.pk).update(forecast_run=run)
    supply.cycle.refresh_from_db()
    return supply


def test_the_target_comes_from_the_forecasts_error_and_the_service_level(forecast: SupplyWorld) -> None:
    version = forecast.cycle.demand_versions.get()
    found = build(forecast.base, version, Policy(95, 1, 24, 5, 25))

    sigma = 50 / norm.ppf(0.9)
    place = found.problem.products.ids.index("SLOPE:INN")
    both = found.problem.products.ids.index("RIDGE:INN")
    assert found.problem.target_stock[place, 0] == pytest.approx(norm.ppf(0.95) * sigma)
    assert found.problem.target_stock[both, 0] == pytest.approx(norm.ppf(0.95) * sigma * np.sqrt(2))


def test_a_scenario_may_ask_for_another_service_level(forecast: SupplyWorld) -> None:
    forecast.freeze(200)
    safer = add_scenario(
        actor=forecast.manager,
        cycle=forecast.cycle,
        name="Safer",
        changes=[{"kind": "service_level", "percent": 99}],
    )
    plain = forecast.solve()
    run = forecast.solve(safer)

    assert run.summary["units"]["ending_stock"] > plain.summary["units"]["ending_stock"] > 0


def test_without_demand_there_is_no_target(forecast: SupplyWorld) -> None:
    version = forecast.freeze(0)
    found = build(forecast.base, version, Policy(95, 1, 24, 5, 25))
    assert found.problem.target_stock.sum() == 0
