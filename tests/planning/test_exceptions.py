"""Exceptions of the demand plan: which differences, how dear, for whom."""

import pytest

from catalog.models import Scope
from core.models import Person
from planning.engine.exceptions import Cell, Finding, findings
from planning.models import Cycle
from planning.selectors.exceptions import exceptions_of
from planning.services.demand import write_input
from tests.planning.conftest import FIRST, Company
from tests.planning.demand_world import demand_cycle

__all__ = ["demand_cycle"]
pytestmark = pytest.mark.django_db


def test_the_dearest_difference_of_a_cell_comes_first() -> None:
    cell = Cell(consensus=150, baseline=100, streams={"sales": 200, "finance": 90}, last=140, price=10)
    assert findings(cell) == [
        Finding("streams", 110, 1100),
        Finding("baseline", 50, 500),
        Finding("last", 10, 100),
    ]


def test_one_voice_alone_does_not_disagree() -> None:
    assert findings(Cell(100, 100, {"sales": 100}, None, 10)) == []


def test_a_cell_far_from_its_baseline_is_found_with_its_money(
    demand_cycle: Cycle, firm: Company, analyst: Person
) -> None:
    unit = firm.units[0]
    write_input(
        actor=analyst, cycle=demand_cycle, stream="sales", month=FIRST, kind="replace", value=1400,
        product=unit.product, market=unit.market,
    )  # fmt: skip
    found = [one for one in exceptions_of(analyst, demand_cycle) if one.kind == "baseline"]
    (only,) = found  # (100·40 + 1400·25) / 65 = 600: 500 above, at 100 each
    assert only.money == pytest.approx(50_000)
    assert (only.subject, only.market, only.month) == ("Ridge 92", "Tyrol", FIRST)


def test_streams_that_disagree_are_found(demand_cycle: Cycle, firm: Company, analyst: Person) -> None:
    unit = firm.units[0]
    for stream, value in (("sales", 1000), ("finance", 0)):
        write_input(
            actor=analyst, cycle=demand_cycle, stream=stream, month=FIRST, kind="replace", value=value,
            product=unit.product, market=unit.market,
        )  # fmt: skip
    (found,) = [one for one in exceptions_of(analyst, demand_cycle) if one.kind == "streams"]
    assert found.money == pytest.approx(100_000)


def test_the_dearest_come_first_and_the_cheap_not_at_all(demand_cycle: Cycle, analyst: Person) -> None:
    found = exceptions_of(analyst, demand_cycle)
    assert found  # the budget of 300 pieces in North against 200 and 300
    assert [one.money for one in found] == sorted((one.money for one in found), reverse=True)
    assert all(one.money >= 10_000 for one in found)


def test_a_person_sees_exceptions_of_the_own_markets_only(
    demand_cycle: Cycle, firm: Company, analyst: Person
) -> None:
    Scope.objects.create(person=analyst, market=firm.world.tyrol)
    assert exceptions_of(analyst, demand_cycle) == []  # the budget is North's
