"""A cycle planned from forecast to release, with rows made directly: for explanations and dashboards."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.utils import timezone
from psycopg2.extras import DateRange

from core.models import Person
from forecasting.models import ForecastRun, ForecastSeries, ForecastValue
from planning.models import (
    Cycle,
    DemandEvent,
    DemandInput,
    DemandTotal,
    DemandValue,
    DemandVersion,
    Release,
    ReleasedTotal,
    ReleasedValue,
    ResourceLoad,
    Scenario,
    SupplyRun,
    SupplyValue,
)
from planning.pipeline.consensus import recompute
from tests.planning.conftest import FIRST, Company


@dataclass
class Plan:
    """A cycle whose January is planned from forecast to release."""

    cycle: Cycle
    run: ForecastRun
    version: DemandVersion
    solve: SupplyRun
    release: Release


def forecast_of(cycle: Cycle, firm: Company) -> ForecastRun:
    run = ForecastRun.objects.create(
        last_month=dt.date(2025, 12, 1), horizon=18, engine_version="engine 1", input_hash="f" * 64
    )
    months = [dt.date(2026 + i // 12, i % 12 + 1, 1) for i in range(18)]
    for unit in firm.units:
        ForecastSeries.objects.create(
            run=run, demand_unit=unit, method="Theta", reason="Seasonal, 36 months.", mase=0.8, wape=0.12
        )
        ForecastValue.objects.bulk_create(
            ForecastValue(
                run=run, demand_unit=unit, month=month,
                mean=100, lower_80=80, upper_80=120, lower_95=70, upper_95=130,
            )
            for month in months
        )  # fmt: skip
    for state in ("running", "done"):
        ForecastRun.objects.filter(pk=run.pk).update(state=state, finished=timezone.now())
    Cycle.objects.filter(pk=cycle.pk).update(forecast_run=run)
    cycle.refresh_from_db()
    return run


@pytest.fixture
def plan(firm: Company, cycle: Cycle, sales_manager: Person, manager: Person) -> Plan:
    """Ridge in Tyrol: forecast 100, sales say 140 for all touring skis in Tyrol, a promotion adds 12."""
    run = forecast_of(cycle, firm)
    world = firm.world
    cycle.streams.filter(name="statistical").update(weight="0.6")
    cycle.streams.filter(name="sales").update(weight="0.4")
    DemandInput.objects.create(
        cycle=cycle, stream="sales", family=world.touring, market=world.alps, month=FIRST,
        value=140, reason_code="promotion", note="Two dealers confirmed", author=sales_manager,
    )  # fmt: skip
    DemandEvent.objects.create(
        cycle=cycle, kind="promotion", title="Winter sale", product=world.ridge, market=world.tyrol,
        period=DateRange(FIRST, dt.date(2026, 2, 1)), units_a_month=12, owner=manager,
    )  # fmt: skip
    recompute(cycle)
    version = frozen(cycle, manager)
    solve = solved(cycle, version, firm)
    return Plan(cycle, run, version, solve, released(cycle, solve, manager))


def frozen(cycle: Cycle, person: Person) -> DemandVersion:
    version = DemandVersion.objects.create(
        cycle=cycle, number=1, fingerprint="d" * 64, made_from={"forecast_run": cycle.forecast_run_id},
        units=0, revenue=0, frozen_by=person,
    )  # fmt: skip
    names = ("demand_unit_id", "month", "baseline", "sales", "events", "quantity", "price", "cost")
    cells = cycle.consensus.values(*names)
    DemandValue.objects.bulk_create(DemandValue(version=version, **cell) for cell in cells)
    names = ("family_id", "market_id", "month", "baseline", "quantity", "baseline_revenue", "revenue", "cost")
    totals = cycle.consensus_totals.values(*names)
    DemandTotal.objects.bulk_create(DemandTotal(version=version, **total) for total in totals)
    return version


def solved(cycle: Cycle, version: DemandVersion, firm: Company) -> SupplyRun:
    run = SupplyRun.objects.create(
        cycle=cycle, version=version, scenario=Scenario.objects.get(cycle=cycle), input_hash="s" * 64,
        engine_version="HiGHS 1", cost=Decimal(9000),
    )  # fmt: skip
    february = dt.date(2026, 2, 1)
    for month, stock, owed in ((FIRST, 0, 28), (february, 5, 0)):
        SupplyValue.objects.create(
            run=run, product=firm.world.ridge, site=firm.world.site, month=month, demand=228, make=120,
            buy=0, stock=stock, target=10, backlog=owed, lost=0, demand_price=30, price=100, cost=60,
        )  # fmt: skip
    ResourceLoad.objects.create(
        run=run, resource=firm.line, month=FIRST, wanted=600, load=60, regular=400, overtime=60,
        overtime_limit=60, capacity_price=14.5,
    )  # fmt: skip
    return run


def released(cycle: Cycle, run: SupplyRun, person: Person) -> Release:
    """A release's rows come before the release: nothing is added to it later."""
    key = 10_000 + run.pk
    for total in DemandTotal.objects.filter(version=run.version):
        ReleasedTotal.objects.create(
            release_id=key, family_id=total.family_id, market_id=total.market_id, month=total.month,
            baseline=total.baseline, consensus=total.quantity, supplied=total.quantity / 2,
            demand_revenue=total.revenue, revenue=total.revenue / 2, cost=total.cost / 2,
        )  # fmt: skip
    for cell in DemandValue.objects.filter(version=run.version):
        ReleasedValue.objects.create(
            release_id=key, demand_unit_id=cell.demand_unit_id, month=cell.month, baseline=cell.baseline,
            consensus=cell.quantity, supplied=cell.quantity / 2, price=cell.price, cost=cell.cost,
        )  # fmt: skip
    return Release.objects.create(
        pk=key, cycle=cycle, run=run, content_hash="c" * 64, content=b"", released_by=person
    )
