"""Solving a scenario: what the facts become, what is stored, and what is refused."""

from core.models import Person
from tests.planning.supply_world import SupplyWorld


def test_a_plan_is_stored(supply: SupplyWorld) -> None:
    run = supply.solve()
    print(run.summary)
    assert run.state == "done"
