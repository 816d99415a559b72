"""Two versions of a plan are told apart in words."""

import copy
from typing import Any

from compensation.engine.plan_changes import Change, changes_between
from compensation.engine.plan_reading import plan_from

TERMS: dict[str, Any] = {
    "plan": "Account executive",
    "currency": "EUR",
    "components": [
        {
            "code": "own",
            "name": "Own bookings",
            "form": "marginal",
            "against": "quota",
            "over": "year",
            "tiers": [{"from": 0, "rate": "5%"}, {"from": "100%", "rate": "8%"}],
        },
        {"code": "team", "name": "Team", "form": "flat", "measure": {"whose": "team"}, "rate": "1%"},
    ],
}


def changes(**settings: Any) -> list[Change]:
    other = copy.deepcopy(TERMS) | settings
    return changes_between(plan_from(TERMS), plan_from(other))


def test_the_same_said_otherwise_is_no_change() -> None:
    said = copy.deepcopy(TERMS)
    said["components"][1] |= {"period": "month", "rate": "0.01"}
    assert changes(components=said["components"], places=2) == []


def test_a_setting_of_a_component_is_told_before_and_after() -> None:
    said = copy.deepcopy(TERMS["components"])
    said[0]["tiers"][1]["rate"] = "9%"
    said[0]["cap"] = {"per": "year", "of_target": "300%"}
    tiers = "from 0, rate 5%; from 100%, rate "
    assert changes(components=said) == [
        Change("Own bookings", "Tiers", f"{tiers}8%", f"{tiers}9%"),
        Change("Own bookings", "Cap", "–", "per year, of target 300%"),
    ]


def test_components_that_come_and_go_are_told_in_words() -> None:
    said = [TERMS["components"][0], {"code": "new", "name": "New", "form": "flat", "rate": "2%"}]
    added, removed = changes(components=said)
    assert (added.component, removed.component, removed.after) == ("New", "Team", "Removed")
    assert "2\u202f%" in added.after


def test_another_order_of_components_is_told() -> None:
    said = TERMS["components"][::-1]
    assert changes(components=said) == [
        Change("The whole plan", "Order of components", "own, team", "team, own")
    ]


def test_settings_of_the_whole_plan_come_first() -> None:
    said = copy.deepcopy(TERMS["components"])
    said[1]["rate"] = "2%"
    found = changes(components=said, target_incentive=40_000)
    assert [one.component for one in found] == ["The whole plan", "Team"]
