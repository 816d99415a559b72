"""A cycle in its last stage, and the executives who sign it."""

from collections.abc import Callable

import pytest

from core.models import Person
from planning.models import Cycle, Release
from planning.selectors import supply
from planning.services.moves import make_move
from tests.gathering.world import month
from tests.planning.conftest import HISTORY, Company
from tests.planning.release import ready

SOLD = {0: 80, 1: 120}  # in the first two months of the released plan


@pytest.fixture
def ready_cycle(
    firm: Company, cycle: Cycle, manager: Person, at_stage: Callable[[Cycle, str], Cycle]
) -> Cycle:
    """The cycle in its release stage, everything upstream made and signed by the manager."""
    version = ready.freeze(firm, cycle)
    scenario = supply.scenario_of(cycle)
    scenario.is_chosen, scenario.reason = True, "The only one."
    scenario.save()
    ready.solve(firm, version)
    ready.sign_upstream(cycle, manager)
    return at_stage(cycle, "release")


@pytest.fixture
def executives(executive: Person) -> list[Person]:
    """Two executives: the quorum."""
    return [executive, ready.second_executive()]


@pytest.fixture
def release(ready_cycle: Cycle, coordinator: Person, vp: Person, executives: list[Person]) -> Release:
    """The plan of January 2026, signed by two executives and released by the VP."""
    ready.approved(ready_cycle, coordinator, executives)
    make_move(actor=vp, cycle=ready_cycle, name="release")
    return Release.objects.get(cycle=ready_cycle)


@pytest.fixture
def passed(release: Release, firm: Company) -> Release:
    """The released plan, and what was sold in its first two months."""
    for number, quantity in SOLD.items():
        for unit in firm.units:
            firm.world.sell(unit, month(HISTORY + number), quantity, price=100)
    return release
