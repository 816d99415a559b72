"""The world of facts that the tests here change, and a cycle in demand planning with a plan behind it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone

from catalog.engine.months import months_from
from core.models import Person
from planning.models import (
    AccuracyReport,
    Cycle,
    DataFreeze,
    DemandVersion,
    Release,
    ReleasedTotal,
    Scenario,
    SupplyRun,
)
from planning.pipeline.consensus import recompute
from planning.services.cycles import open_cycle
from tests.gathering.world import world
from tests.planning.conftest import Company, at_stage, cycle, firm, planners
from tests.planning.planned import forecast_of

__all__ = ["at_stage", "cycle", "firm", "planners", "world"]

LAST = dt.date(2025, 12, 1)


@dataclass
class Running:
    """The released cycle of December and the open one of January, in demand planning."""

    last: Cycle
    release: Release
    cycle: Cycle
    firm: Company


@pytest.fixture
def running(firm: Company, cycle: Cycle, manager: Person, at_stage: Callable) -> Running:
    """The plan: three demand units of 100 a month at 100 each. The last plan: 12,000 a month, half of it
    touring skis in the Tyrol. The budget: 60,000 a month, all of it in the north."""
    cache.clear()
    last = open_cycle(actor=manager, month=LAST)
    release = _past_plan(last, firm, manager)
    _measured(last, LAST - dt.timedelta(days=30), manager, wape=0.3)
    at_stage(last, "released")
    _measured(cycle, LAST, manager, wape=0.2)
    forecast_of(cycle, firm)
    recompute(cycle)
    return Running(last, release, at_stage(cycle, "demand"), firm)


def _past_plan(cycle: Cycle, firm: Company, person: Person) -> Release:
    version = DemandVersion.objects.create(
        cycle=cycle, number=1, fingerprint="p" * 64, made_from={}, units=0, revenue=0, frozen_by=person
    )
    run = SupplyRun.objects.create(
        cycle=cycle, version=version, scenario=Scenario.objects.get(cycle=cycle), input_hash="p" * 64,
        engine_version="HiGHS 1", cost=Decimal(9000), summary={"gaps": []},
    )  # fmt: skip
    key = 20_000 + run.pk
    world = firm.world
    ReleasedTotal.objects.bulk_create(
        ReleasedTotal(
            release_id=key, family=family, market=market, month=month, baseline=60, consensus=60,
            supplied=60, demand_revenue=6000, revenue=6000, cost=3000,
        )
        for family, market in ((world.touring, world.tyrol), (world.skis, world.north))
        for month in months_from(LAST, 18)
    )  # fmt: skip
    return Release.objects.create(
        pk=key, cycle=cycle, run=run, content_hash="p" * 64, content=b"", released_by=person
    )


def _measured(cycle: Cycle, month: dt.date, person: Person, *, wape: float) -> None:
    freeze = DataFreeze.objects.create(
        cycle=cycle, fingerprint="z" * 64, content={"imports": {}}, frozen_by=person
    )
    figures = {"wape": wape, "bias": 0.05, "units": 100.0}
    AccuracyReport.objects.create(
        cycle=cycle, freeze=freeze, basis="released", month=month.replace(day=1), made_by=person,
        content={
            "total": figures,
            "families": {
                "TOUR": {"name": "Touring skis", **figures, "wape": wape + 0.1},
                "SKIS": {"name": "Skis", **figures, "wape": wape - 0.1},
            },
        },
    )  # fmt: skip


@pytest.fixture
def today() -> dt.date:
    return timezone.localdate()
