"""A finished forecast for the small company, and a cycle in demand planning that stands on it."""

import datetime as dt
from collections.abc import Callable

import pytest

from catalog.models import DemandUnit
from core.models import Person
from forecasting.engine import VERSION, Settings
from forecasting.models import ForecastRun, ForecastSeries, ForecastValue
from forecasting.pipeline.history import history_hash, work_hash
from planning.models import Cycle
from planning.pipeline.consensus import recompute
from planning.selectors.demand_coverage import months_of
from planning.services.data import freeze_data, pin_forecast

LAST = dt.date(2025, 12, 1)


def forecast_of(cycle: Cycle, level: Callable[[int, int], float] | None = None) -> ForecastRun:
    """A done run on the history as it is: `level(unit's place, month's place)` gives each value."""
    says = level or (lambda unit, month: 100.0 * (unit + 1) + month)
    run = ForecastRun.objects.create(
        last_month=LAST,
        horizon=cycle.horizon,
        engine_version=VERSION,
        history_hash=history_hash(LAST),
        input_hash=work_hash(history_hash(LAST), LAST, Settings(horizon=cycle.horizon), None),
    )
    units = list(DemandUnit.objects.filter(is_active=True).order_by("pk"))
    ForecastSeries.objects.bulk_create(
        ForecastSeries(run=run, demand_unit=unit, method="Theta", reason="test", wape=0.2, bias=0.1)
        for unit in units
    )
    ForecastValue.objects.bulk_create(
        ForecastValue(
            run=run, demand_unit=unit, month=month, mean=value, lower_80=value * 0.8, upper_80=value * 1.2,
            lower_95=value * 0.7, upper_95=value * 1.3,
        )
        for place, unit in enumerate(units)
        for column, month in enumerate(months_of(cycle))
        for value in [says(place, column)]
    )  # fmt: skip
    for state in ("running", "done"):
        ForecastRun.objects.filter(pk=run.pk).update(state=state, series=len(units))
    run.refresh_from_db()
    return run


def to_demand(cycle: Cycle, manager: Person, at_stage: Callable[[Cycle, str], Cycle]) -> Cycle:
    """The cycle in demand planning with frozen data, a pinned forecast and its consensus."""
    freeze_data(actor=manager, cycle=cycle)
    pin_forecast(actor=manager, cycle=cycle, run=forecast_of(cycle))
    recompute(cycle)
    return at_stage(cycle, "demand")


@pytest.fixture
def demand_cycle(cycle: Cycle, manager: Person, at_stage: Callable[[Cycle, str], Cycle]) -> Cycle:
    """January 2026 in demand planning: three demand units of 100, 200 and 300 units a month and rising."""
    return to_demand(cycle, manager, at_stage)
