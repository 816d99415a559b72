"""The accuracy of the last released plan, one month ahead, and the data pack that shows it."""

import datetime as dt

import numpy as np
import pytest

from catalog.models import DemandUnit
from core.models import Person
from planning.engine.accuracy import Accuracy, accuracy, by_group
from planning.models import Cycle
from planning.selectors.accuracy import measured
from planning.selectors.data_pack import pack_lines
from planning.services.cycles import open_cycle
from tests.planning.conftest import FIRST, AtStage, Company
from tests.planning.planned import Plan, plan

__all__ = ["plan"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def february(plan: Plan, manager: Person, at_stage: AtStage) -> Cycle:
    """The cycle after a released January."""
    at_stage(plan.cycle, "released")
    return open_cycle(actor=manager, month=dt.date(2026, 2, 1), horizon=18)


def planned_for(plan: Plan, unit: DemandUnit) -> float:
    return plan.cycle.consensus.get(demand_unit=unit, month=FIRST).quantity


def test_wape_and_bias_are_shares_of_what_was_sold() -> None:
    found = accuracy(np.array([100.0, 50.0]), np.array([130.0, 40.0]))
    assert found == Accuracy(wape=40 / 150, bias=20 / 150, units=150.0)
    assert accuracy(np.zeros(2), np.ones(2)) == Accuracy(None, None, 0.0)


def test_groups_add_up_for_themselves() -> None:
    ones = np.ones(3)
    found = by_group(["a", "b", "a"], ones * 10, -ones, np.array([20.0, 10.0, 20.0]))
    assert found == {"a": Accuracy(0.5, -0.05, 40.0), "b": Accuracy(1.0, -0.1, 10.0)}


def test_the_last_plan_is_measured_in_its_first_month(february: Cycle, plan: Plan, firm: Company) -> None:
    for unit, sold in zip(firm.units, (200, 100, 50), strict=True):
        firm.world.sell(unit, FIRST, quantity=sold)
    found = measured(february)
    assert found is not None
    assert (found.basis, found.of_cycle, found.month) == ("released", plan.cycle, FIRST)
    errors = [planned_for(plan, unit) - sold for unit, sold in zip(firm.units, (200, 100, 50), strict=True)]
    total = found.content["total"]
    assert total["wape"] == pytest.approx(sum(abs(error) for error in errors) / 350)
    assert total["bias"] == pytest.approx(sum(errors) / 350)
    assert found.content["families"]["SKIS"]["units"] == 50


def test_what_was_planned_and_not_sold_counts_too(february: Cycle, plan: Plan, firm: Company) -> None:
    firm.world.sell(firm.units[2], FIRST, quantity=100)
    found = measured(february)
    assert found is not None
    missed = sum(planned_for(plan, unit) for unit in firm.units[:2])
    away = abs(planned_for(plan, firm.units[2]) - 100)
    assert found.content["total"]["wape"] == pytest.approx((missed + away) / 100)


def test_the_data_pack_flags_what_is_far_from_the_last_plan(
    february: Cycle, plan: Plan, firm: Company, manager: Person
) -> None:
    firm.world.sell(firm.units[2], FIRST, quantity=round(planned_for(plan, firm.units[2]) * 1.1))
    firm.world.sell(firm.units[0], FIRST, quantity=1)
    lines = {line.family.code: line for line in pack_lines(manager, february)}
    assert not lines["SKIS"].is_far
    assert lines["TOUR"].is_far
    assert (lines["SKIS"].units, lines["SKIS"].forecast) == (1, 0)  # February has no forecast yet
