"""The company of the tests with a frozen demand and the base scenario, in supply planning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from catalog.engine.months import months_from
from core.models import Person
from planning.models import Cycle, DemandValue, DemandVersion, Scenario, SupplyRun
from planning.services.supply import solve_now

if TYPE_CHECKING:
    from tests.planning.conftest import Company


@dataclass
class SupplyWorld:
    """`freeze(300)` freezes 300 units a month of each demand unit at a price of 100 and a cost of 60."""

    firm: Company
    cycle: Cycle
    manager: Person

    @property
    def base(self) -> Scenario:
        return self.cycle.scenarios.get(is_base=True)

    def freeze(self, quantity: float = 300, price: float = 100, cost: float = 60) -> DemandVersion:
        number = self.cycle.demand_versions.count() + 1
        version = DemandVersion.objects.create(
            cycle=self.cycle, number=number, fingerprint=f"v{number}", made_from={}, units=0, revenue=0
        )
        DemandValue.objects.bulk_create(
            DemandValue(
                version=version, demand_unit=unit, month=month, baseline=quantity, quantity=quantity,
                price=price, cost=cost,
            )
            for unit in self.firm.units
            for month in months_from(self.cycle.month, self.cycle.horizon)
        )  # fmt: skip
        return version

    def solve(self, scenario: Scenario | None = None) -> SupplyRun:
        return solve_now(actor=self.manager, scenario=scenario or self.base)


@pytest.fixture
def supply(
    firm: Company, cycle: Cycle, manager: Person, at_stage: Callable[[Cycle, str], Cycle]
) -> SupplyWorld:
    """In supply planning, with 300 units a month of three demand units and room for 800 to 920."""
    world = SupplyWorld(firm, at_stage(cycle, "supply"), manager)
    world.freeze()
    return world
