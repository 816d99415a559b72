"""A small company with history, stock and capacity, and an open cycle of it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from catalog.models import CapacityUse, DemandUnit, Resource
from core.models import Person
from gathering.models import Budget, Capacity, StockLevel
from planning.models import Cycle
from planning.services.cycles import open_cycle
from tests.gathering.world import FOREVER, World, month, world
from tests.planning.supply_world import supply

__all__ = ["supply", "world"]

HISTORY = 36  # months from January 2023 on: the history ends in December 2025
FIRST = dt.date(2026, 1, 1)

AtStage = Callable[[Cycle, str], Cycle]


@dataclass
class Company:
    """The world of the facts, with three demand units that sell each month, and a plant."""

    world: World
    line: Resource

    @property
    def units(self) -> list[DemandUnit]:
        w = self.world
        return [w.unit(w.ridge, w.tyrol), w.unit(w.ridge, w.north), w.unit(w.slope, w.north)]


@pytest.fixture
def firm(world: World) -> Company:
    """Three years of sales, stock and capacity at one plant, and next year's budget."""
    line = Resource.objects.create(
        code="LINE", name="Press line", site=world.site, regular_cost=20, overtime_cost=30
    )
    company = Company(world, line)
    for place, unit in enumerate(company.units, start=1):
        world.history(unit, HISTORY, lambda i, place=place: place * 100 + 10 * (i % 12))
    for product in (world.ridge, world.slope):
        CapacityUse.objects.create(product=product, resource=line, per_unit=Decimal("0.5"), valid=FOREVER)
        StockLevel.objects.create(
            site=world.site, product=product, day=dt.date(2025, 12, 31), quantity=80, run=world.run
        )
    Capacity.objects.bulk_create(
        Capacity(resource=line, month=month(HISTORY + i), regular=400, overtime=60, run=world.run)
        for i in range(36)
    )
    Budget.objects.bulk_create(
        Budget(
            name="Budget 2026", family=family, market=world.north, month=month(HISTORY + i),
            quantity=300, revenue=30_000, cost=18_000, run=world.run,
        )
        for family in (world.touring, world.skis)
        for i in range(12)
    )  # fmt: skip
    return company


@pytest.fixture
def planners(
    vp: Person, manager: Person, analyst: Person, coordinator: Person, sales_manager: Person
) -> dict[str, Person]:
    """The people who run a cycle, by role."""
    everybody = (vp, manager, analyst, coordinator, sales_manager)
    return {person.roles[0]: person for person in everybody}


@pytest.fixture
def cycle(firm: Company, planners: dict[str, Person], manager: Person) -> Cycle:
    """The open cycle of January 2026, in data gathering."""
    return open_cycle(actor=manager, month=FIRST, horizon=18)


@pytest.fixture
def at_stage() -> AtStage:
    """`at_stage(cycle, "demand")`: the cycle as the database knows it there, without the way to it."""

    def put(cycle: Cycle, stage: str) -> Cycle:
        order = ("data", "demand", "supply", "reconciliation", "release", "released")
        for name in order[order.index(cycle.stage) + 1 : order.index(stage) + 1]:
            Cycle.objects.filter(pk=cycle.pk).update(stage=name)
        cycle.refresh_from_db()
        return cycle

    return put
