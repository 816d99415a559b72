"""Scenarios: their arithmetic, what they cannot be, how they are compared and chosen."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client
from rest_framework.test import APIClient

from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Person
from planning.engine.scenario import change_problem, demand_factors, read_changes, service_level_of
from planning.models import Cycle, Scenario
from planning.selectors.supply import is_solved, run_of
from planning.services.scenarios import add_scenario, change_scenario, choose_scenario
from planning.workflow.supply import scenario_chosen, scenarios_compared
from tests.planning.supply_world import SupplyWorld
from tests.planning.test_supply_solve import built

MONTHS = ("2026-01", "2026-02", "2026-03")


def test_demand_changes_by_family_market_and_months() -> None:
    changes = read_changes(
        [
            {"kind": "demand", "percent": 10},
            {"kind": "demand", "percent": -50, "family": "SKIS", "market": "ALPS", "first": "2026-02"},
        ]
    )
    families = [frozenset({"TOUR", "SKIS"}), frozenset({"TOUR", "SKIS"}), frozenset({"BOOTS"})]
    markets = [frozenset({"TYR", "ALPS"}), frozenset({"NOR"}), frozenset({"TYR", "ALPS"})]

    factors = demand_factors(changes, MONTHS, families, markets)

    assert np.allclose(factors, [[1.1, 0.55, 0.55], [1.1, 1.1, 1.1], [1.1, 1.1, 1.1]])


def test_capacity_cost_overtime_and_outsourcing_change_the_problem(supply: SupplyWorld) -> None:
    problem = built(supply).problem
    families = [frozenset({"TOUR"}), frozenset({"SKIS"})]
    stored = [
        {"kind": "capacity", "percent": 50, "resource": "LINE", "last": "2026-01"},
        {"kind": "capacity", "add": 7, "first": "2026-02", "last": "2026-02"},
        {"kind": "cost", "percent": 10, "family": "SKIS"},
        {"kind": "outsourcing", "allowed": False},
        {"kind": "overtime", "allowed": False},
    ]

    changed = change_problem(problem, read_changes(stored), families)

    assert list(changed.resources.regular[0, :3]) == [600, 407, 400]
    assert not changed.resources.overtime.any()
    assert np.allclose(changed.products.make_cost, [50, 55])
    assert np.allclose(changed.products.buy_cost, [75, 82.5])
    assert np.allclose(changed.products.ending_value, [60, 65])
    assert not changed.products.buy_limit.any()
    assert problem.resources.regular[0, 0] == 400  # the base stays as it is


def test_without_outsourcing_what_cannot_be_made_is_still_bought(supply: SupplyWorld) -> None:
    supply.firm.world.ridge.capacity_uses.all().delete()
    problem = built(supply).problem
    changed = change_problem(
        problem, read_changes([{"kind": "outsourcing", "allowed": False}]), [frozenset()] * 2
    )
    assert sorted(changed.products.buy_limit) == [0, np.inf]


def test_the_last_service_level_counts() -> None:
    changes = read_changes([{"kind": "service_level", "percent": p} for p in (90, 98)])
    assert service_level_of(changes, 95) == 98
    assert service_level_of([], 95) == 95


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": "weather"}, "its kind must be one of"),
        ({"kind": "demand"}, "say by how many percent"),
        ({"kind": "demand", "percent": "ten"}, "“percent” is not a number"),
        ({"kind": "demand", "percent": -120}, "−100 to 1000"),
        ({"kind": "demand", "percent": 5, "resource": "LINE"}, "“resource” means nothing for demand"),
        ({"kind": "capacity", "percent": 5, "add": 5}, "either by how many percent, or how much"),
        ({"kind": "service_level", "percent": 100}, "from 50 up to below 100"),
        ({"kind": "demand", "percent": 5, "first": "March"}, "“March” is not a month"),
        ({"kind": "demand", "percent": 5, "first": "2026-05", "last": "2026-03"}, "before its first"),
        ({"kind": "overtime", "allowed": "no"}, "either true or false"),
        ({"kind": "demand", "percent": 5, "family": "NOPE"}, "Nothing has the code “NOPE”"),
    ],
)
def test_what_a_change_cannot_be(
    supply: SupplyWorld, analyst: Person, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        add_scenario(actor=analyst, cycle=supply.cycle, name="Wrong", changes=[change])
    assert supply.cycle.scenarios.count() == 1


def more(supply: SupplyWorld, actor: Person, percent: float = 20) -> Scenario:
    changes = [{"kind": "demand", "percent": percent, "first": "2026-03"}]
    return add_scenario(actor=actor, cycle=supply.cycle, name=f"{percent:+g} %", changes=changes)


def test_a_scenario_has_a_plan_of_its_own(supply: SupplyWorld, analyst: Person) -> None:
    base, scenario = supply.solve(), more(supply, analyst)

    run = supply.solve(scenario)

    grown = 900 * 2 + 900 * 1.2 * 16
    assert run.summary["units"]["demand"] == pytest.approx(grown)
    assert run.summary["cost"] > base.summary["cost"]


def test_a_changed_scenario_is_to_be_solved_again(supply: SupplyWorld, analyst: Person) -> None:
    scenario = more(supply, analyst)
    supply.solve(scenario)
    assert is_solved(scenario)

    changed = change_scenario(
        actor=analyst, scenario=scenario, revision=1, changes={"changes": [{"kind": "cost", "percent": 5}]}
    )

    assert not is_solved(changed)


def test_two_people_change_a_scenario(supply: SupplyWorld, analyst: Person, colleague: Person) -> None:
    scenario = more(supply, analyst)
    change_scenario(actor=analyst, scenario=scenario, revision=1, changes={"name": "Mine"})

    with pytest.raises(Conflict):
        change_scenario(actor=colleague, scenario=scenario, revision=1, changes={"name": "Theirs"})


def test_the_base_takes_no_changes(supply: SupplyWorld, analyst: Person) -> None:
    with pytest.raises(Refused, match="The base has no changes"):
        change_scenario(
            actor=analyst,
            scenario=supply.base,
            revision=1,
            changes={"changes": [{"kind": "cost", "percent": 5}]},
        )


def test_a_name_is_there_once(supply: SupplyWorld, analyst: Person) -> None:
    with pytest.raises(Invalid):
        add_scenario(actor=analyst, cycle=supply.cycle, name="Base")


def test_a_coordinator_makes_no_scenario(supply: SupplyWorld, coordinator: Person) -> None:
    with pytest.raises(Denied):
        add_scenario(actor=coordinator, cycle=supply.cycle, name="Mine")


def test_an_analyst_does_not_choose(supply: SupplyWorld, analyst: Person) -> None:
    supply.solve()
    with pytest.raises(Denied):
        choose_scenario(actor=analyst, scenario=supply.base, reason="Because.")


def test_only_a_solved_scenario_is_chosen_and_with_a_reason(supply: SupplyWorld, vp: Person) -> None:
    with pytest.raises(Refused, match="Solve it first"):
        choose_scenario(actor=vp, scenario=supply.base, reason="It is simple.")
    supply.solve()
    with pytest.raises(Invalid, match="Say why"):
        choose_scenario(actor=vp, scenario=supply.base, reason=" ")
    assert scenario_chosen(supply.cycle)[0].code == "not_chosen"

    choose_scenario(actor=vp, scenario=supply.base, reason="It is simple.")

    assert scenario_chosen(supply.cycle) == []


def test_another_choice_takes_the_first_back(supply: SupplyWorld, manager: Person) -> None:
    scenario = more(supply, manager)
    base, run = supply.solve(), supply.solve(scenario)
    choose_scenario(actor=manager, scenario=supply.base, reason="First thought.")
    assert run_of(supply.cycle) == base

    choose_scenario(actor=manager, scenario=scenario, reason="The order came.")

    assert run_of(supply.cycle) == run
    assert supply.cycle.scenarios.get(is_chosen=True) == scenario
    assert Event.objects.filter(verb="scenario chosen").count() == 2


def test_two_scenarios_of_todays_demand_are_compared(supply: SupplyWorld, analyst: Person) -> None:
    supply.solve()
    assert scenarios_compared(supply.cycle)[0].code == "one_scenario"
    scenario = more(supply, analyst)
    supply.solve(scenario)
    assert scenarios_compared(supply.cycle) == []

    supply.freeze(305)
    assert "0 of the scenarios" in scenarios_compared(supply.cycle)[0].text


def test_a_scenario_is_made_solved_and_chosen_in_the_browser(
    supply: SupplyWorld, manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    supply.solve()
    client, base = signed_in(manager), f"/cycles/{supply.cycle.pk}/scenarios/"
    row = {"changes_0_kind": "capacity", "changes_0_amount": "-10", "changes_0_resource": "LINE"}
    row |= {"changes_0_first": "2026-03", "changes_1_kind": "no_overtime"}

    added = client.post(f"{base}add/", {"name": "Strike", "text": "", **row})

    assert added.status_code == 302
    scenario = supply.cycle.scenarios.get(name="Strike")
    assert scenario.changes == [
        {"kind": "capacity", "percent": -10.0, "resource": "LINE", "first": "2026-03"},
        {"kind": "overtime", "allowed": False},
    ]
    form = client.get(f"{base}{scenario.pk}/edit/").content.decode()
    assert '<option value="no_overtime" selected>' in form
    supply.solve(scenario)
    page = client.get(base).content.decode()
    assert "Overtime not allowed" in page
    assert "Side by side" in page
    chosen = client.post(f"{base}{scenario.pk}/choose/", {"reason": "The worst case is still good."})
    assert chosen.status_code == 302
    assert supply.cycle.scenarios.get(is_chosen=True) == scenario


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"changes_0_kind": "demand", "changes_0_amount": "much"}, "“much” is not a number"),
        ({"changes_0_kind": "demand"}, "say by how much"),
        ({"changes_0_amount": "5"}, "choose what changes"),
        ({"changes_0_kind": "demand", "changes_0_amount": "0"}, "say by how many percent"),
    ],
)
def test_a_wrong_row_is_told_and_what_was_typed_stays(
    supply: SupplyWorld,
    analyst: Person,
    signed_in: Callable[[Person], Client],
    row: dict[str, str],
    sentence: str,
) -> None:
    answer = signed_in(analyst).post(
        f"/cycles/{supply.cycle.pk}/scenarios/add/", {"name": "Draft name", "changes_0_kind": "", **row}
    )

    page = answer.content.decode()
    assert answer.status_code == 400
    assert sentence in page
    assert "Draft name" in page
    assert supply.cycle.scenarios.count() == 1


def test_scenarios_by_api(supply: SupplyWorld, manager: Person, api: Callable[[Person], APIClient]) -> None:
    client = api(manager)
    sent = {
        "cycle": supply.cycle.pk,
        "name": "More",
        "changes": [{"kind": "demand", "percent": 20, "market": "NOR"}],
    }

    made = client.post("/api/v1/scenarios/", sent, format="json")
    address = f"/api/v1/scenarios/{made.data['id']}/"
    refused = client.post(f"{address}choose/", {"reason": "Now."}, format="json")
    solving = client.post(f"{address}solve/")

    assert made.status_code == 201
    assert (refused.status_code, refused.data["error"]["code"]) == (409, "not_solved")
    assert (solving.status_code, solving.data["state"]) == (202, "queued")
    assert solving.data["job"]
    assert client.patch(address, {"name": "Less"}, format="json").status_code == 400  # no revision
    stale = client.patch(address, {"name": "Less", "revision": 9}, format="json")
    assert stale.status_code == 409
    changed = client.patch(address, {"name": "Less", "revision": 1}, format="json")
    assert (changed.status_code, changed.data["name"]) == (200, "Less")


def test_the_scenarios_of_a_cycle_that_is_over_stay(supply: SupplyWorld, manager: Person) -> None:
    Cycle.objects.filter(pk=supply.cycle.pk).update(stage="abandoned")
    with pytest.raises(Refused, match="supply plans change in"):
        add_scenario(actor=manager, cycle=supply.cycle, name="Late")
