"""Gaps of a supply plan: found, ranked, named across solves, and what is done about them."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from catalog.models import Scope
from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Person
from gathering.models import StockLevel
from planning.engine import gaps
from planning.models import Cycle, SupplyAction
from planning.selectors.supply import gaps_of, open_gaps
from planning.services.scenarios import add_scenario, choose_scenario
from planning.services.supply import record_action
from tests.planning.supply_world import SupplyWorld

DUE = dt.date(2026, 1, 20)


def test_a_shortage_is_a_run_of_months_with_its_peak_and_all_that_is_lost() -> None:
    backlog = np.array([[0.0, 5, 9, 0, 0, 3]])
    lost = np.array([[0.0, 0, 0, 2, 0, 0]])

    found = gaps.shortages(backlog, lost, np.full((1, 6), 10.0))

    assert [(gap.first, gap.last, gap.quantity, gap.money) for gap in found] == [
        (1, 3, 11, 110),
        (5, 5, 3, 30),
    ]


def test_an_overload_is_what_is_wanted_beyond_overtime() -> None:
    found = gaps.overloads(np.array([[10.0, 14, 9]]), np.full((1, 3), 10.0), np.full((1, 3), 7.0))

    assert [(gap.first, gap.last, gap.quantity, gap.money) for gap in found] == [(1, 1, 4, 28)]


def test_an_excess_lies_beyond_the_target_and_the_months_that_follow() -> None:
    stock = np.array([[100.0, 20, 20]])
    found = gaps.excesses(stock, np.full((1, 3), 10.0), np.full((1, 3), 20.0), np.full((1, 3), 2.0), 3)

    assert [(gap.first, gap.last, gap.quantity, gap.money) for gap in found] == [(0, 0, 30, 60)]


def test_days_of_cover_are_those_of_the_months_that_follow() -> None:
    cover = gaps.days_of_cover(np.array([[30.0, 30]]), np.array([[0.0, 30]]), days=30)
    assert cover[0, 1] == pytest.approx(60)  # the months beyond are as the horizon's mean: 15


@pytest.fixture
def tight(supply: SupplyWorld) -> SupplyWorld:
    """More is wanted than can be made, and 1,000 units of one product lie there too many."""
    StockLevel.objects.filter(product=supply.firm.world.slope).update(quantity=4000)
    supply.freeze(500)
    supply.solve()
    return supply


def act(supply: SupplyWorld, actor: Person, key: str, **fields: Any) -> SupplyAction:
    said: dict[str, Any] = {
        "action": "outsource",
        "note": "The partner takes it.",
        "owner": actor,
        "due": DUE,
    } | fields
    return record_action(actor=actor, cycle=supply.cycle, gap=key, **said)


def test_the_gaps_of_a_plan_are_ranked_by_money(tight: SupplyWorld) -> None:
    found = gaps_of(tight.cycle)

    assert {gap.kind for gap in found} >= {"overload", "excess"}
    assert [gap.money for gap in found] == sorted((gap.money for gap in found), reverse=True)
    assert any(gap.key.startswith("overload:LINE:2026-") for gap in found)
    assert any(gap.key == "excess:SLOPE:INN:2026-01" for gap in found)


def test_gaps_below_the_companys_threshold_are_left_out(supply: SupplyWorld) -> None:
    supply.freeze(310)  # 930 where 920 can be made: little money
    run = supply.solve()

    assert all(gap["money"] >= run.summary["least_money"] for gap in run.summary["gaps"])


def test_a_gap_keeps_its_name_and_its_action_in_the_next_solve(tight: SupplyWorld, analyst: Person) -> None:
    key = gaps_of(tight.cycle)[0].key
    act(tight, analyst, key)
    tight.freeze(500, price=104)
    tight.solve()

    again = next(gap for gap in gaps_of(tight.cycle) if gap.key == key)

    assert again.action is not None
    assert key not in {gap.key for gap in open_gaps(tight.cycle)}


def test_an_action_is_recorded_with_its_event(tight: SupplyWorld, analyst: Person) -> None:
    gap = gaps_of(tight.cycle)[0]

    action = act(tight, analyst, gap.key, quantity=12.5)

    assert (action.kind, action.action, str(action.quantity)) == (gap.kind, "outsource", "12.5000")
    assert Event.objects.filter(verb="supply action decided", subject_id=str(action.pk)).count() == 1


def test_a_second_action_replaces_the_first(tight: SupplyWorld, analyst: Person) -> None:
    key = gaps_of(tight.cycle)[0].key
    first = act(tight, analyst, key)

    second = act(tight, analyst, key, action="accept", note="We wait.")

    assert (second.pk, second.revision, second.action) == (first.pk, 2, "accept")


def test_a_stale_second_action_shows_both(tight: SupplyWorld, analyst: Person, colleague: Person) -> None:
    key = gaps_of(tight.cycle)[0].key
    act(tight, analyst, key)
    act(tight, analyst, key, note="Two partners take it.", revision=1)

    with pytest.raises(Conflict):
        act(tight, colleague, key, note="Nobody takes it.", revision=1)
    assert SupplyAction.objects.get().note == "Two partners take it."


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"note": " "}, "note"), ({"action": "pray"}, "action"), ({"quantity": -1}, "quantity")],
)
def test_what_an_action_cannot_be(
    tight: SupplyWorld, analyst: Person, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        act(tight, analyst, gaps_of(tight.cycle)[0].key, **wrong)
    assert [reason.field for reason in refusal.value.reasons] == [field]
    assert not SupplyAction.objects.exists()


def test_a_gap_that_is_not_there_gets_no_action(tight: SupplyWorld, analyst: Person) -> None:
    with pytest.raises(Invalid, match="no gap"):
        act(tight, analyst, "shortage:NOPE:INN:2026-01")


def test_a_coordinator_decides_no_action(tight: SupplyWorld, coordinator: Person) -> None:
    with pytest.raises(Denied):
        act(tight, coordinator, gaps_of(tight.cycle)[0].key)


def test_actions_end_with_reconciliation(tight: SupplyWorld, analyst: Person) -> None:
    key = gaps_of(tight.cycle)[0].key
    Cycle.objects.filter(pk=tight.cycle.pk).update(stage="reconciliation")
    Cycle.objects.filter(pk=tight.cycle.pk).update(stage="release")

    with pytest.raises(Refused, match="supply plans change in"):
        act(tight, analyst, key)


def test_gaps_of_families_beyond_the_persons_scope_are_hidden(tight: SupplyWorld, analyst: Person) -> None:
    Scope.objects.create(person=analyst, family=tight.firm.world.touring)  # Slope is of the family above

    found = gaps_of(tight.cycle, analyst)

    assert not any(gap.kind == "excess" for gap in found)
    assert any(gap.kind == "excess" for gap in gaps_of(tight.cycle))


def test_the_gaps_are_those_of_the_scenario_that_counts(tight: SupplyWorld, manager: Person) -> None:
    wide = add_scenario(
        actor=manager, cycle=tight.cycle, name="Twice", changes=[{"kind": "capacity", "percent": 100}]
    )
    tight.solve(wide)
    assert any(gap.kind == "overload" for gap in gaps_of(tight.cycle))

    choose_scenario(actor=manager, scenario=wide, reason="The second line comes.")

    assert not any(gap.kind == "overload" for gap in gaps_of(tight.cycle))
