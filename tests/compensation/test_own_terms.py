"""A person's own terms are the plan's, with what differs laid over them."""

import copy

import pytest

from compensation.engine.own_terms import laid_over
from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_reading import plan_from

TERMS = {
    "plan": "Account executive",
    "currency": "EUR",
    "target_incentive": 40000,
    "components": [
        {"code": "own", "form": "flat", "rate": "5%", "cap": {"per": "year", "amount": 9000}},
        {"code": "team", "form": "flat", "rate": "1%", "measure": {"whose": "team"}},
    ],
}


def test_no_changes_are_the_plan_itself() -> None:
    assert laid_over(TERMS, {}) == TERMS


def test_a_name_at_the_top_takes_the_place_of_the_plans() -> None:
    laid = laid_over(TERMS, {"target_incentive": 50000, "draw": {"amount": 2000}})

    assert (laid["target_incentive"], laid["draw"]) == (50000, {"amount": 2000})
    assert laid["components"] == TERMS["components"]


def test_single_settings_of_a_component_change_and_the_rest_stays() -> None:
    laid = laid_over(TERMS, {"components": {"own": {"rate": "6%"}}})

    assert laid["components"][0] == {**TERMS["components"][0], "rate": "6%"}
    assert laid["components"][1] == TERMS["components"][1]


def test_nothing_takes_a_setting_away() -> None:
    plan = plan_from(laid_over(TERMS, {"components": {"own": {"cap": None}}}))

    assert plan.component("own").caps == ()


def test_nothing_at_the_top_takes_what_the_plan_says_away() -> None:
    drawn = {**TERMS, "draw": {"amount": 2000}}

    assert plan_from(drawn).draw is not None
    assert plan_from(laid_over(drawn, {"draw": None})) == plan_from(TERMS)


def test_a_list_replaces_all_components() -> None:
    one = [{"code": "flat", "form": "flat", "rate": "2%"}]

    assert laid_over(TERMS, {"components": one})["components"] == one


def test_the_plan_and_the_changes_are_left_as_they_were() -> None:
    terms, changes = copy.deepcopy(TERMS), {"components": {"own": {"rate": "6%"}}}
    laid_over(terms, changes)

    assert (terms, changes) == (TERMS, {"components": {"own": {"rate": "6%"}}})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"components": {"owm": {"rate": "6%"}}}, "components.owm: the plan has no such component"),
        ({"components": {"own": "6%"}}, "components.own: write it as names and values."),
        ({"components": "own"}, "components: write each component's code"),
    ],
)
def test_changes_that_fit_nothing_are_named(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadPlan, match=sentence.replace(".", r"\.")):
        laid_over(TERMS, changes)
