"""What a scenario says of quotas is what publishing it does."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from core.models import Person
from territories.models import QuotaPlan, Scenario, ScenarioQuotas
from territories.selectors.scenario_comparison import compare
from territories.selectors.scenario_effects import what_follows
from territories.services.scenario_accounts import move_accounts
from territories.services.scenario_moves import move_scenario
from territories.services.scenarios import create_scenario
from tests.territories.quotas_world import a_company, amounts, approved
from tests.territories.realigning import rows_of

DAY = dt.date(2026, 11, 16)


@pytest.fixture
def company(db: None, manager: Person, vp: Person, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr("territories.workflow.scenarios.timezone.localdate", lambda: dt.date(2026, 10, 1))
    return a_company() | {"plan": approved(manager, vp)}


def _scenario(company: dict[str, Any], analyst: Person, code: str = "q", to: str = "south") -> Scenario:
    """Beta's account goes elsewhere."""
    scenario = create_scenario(actor=analyst, model=company["model"], code=code, name=code, publish_on=DAY)
    rows = rows_of(scenario, "at-beta")
    move_accounts(actor=analyst, scenario=scenario, rows=rows, territory=company[to])
    return scenario


def _published(scenario: Scenario, analyst: Person, manager: Person, vp: Person) -> QuotaPlan:
    move_scenario(actor=analyst, scenario=scenario, name="submit")
    move_scenario(actor=manager, scenario=scenario, name="approve")
    move_scenario(actor=vp, scenario=scenario, name="publish")
    return ScenarioQuotas.objects.get(scenario=scenario).version


def test_the_effect_on_quotas_is_to_the_cent_what_publishing_does(
    company: dict[str, Any], analyst: Person, manager: Person, vp: Person
) -> None:
    scenario, was = _scenario(company, analyst), amounts(company["plan"])

    (told,) = what_follows(None, scenario)
    now = amounts(_published(scenario, analyst, manager, vp))

    assert told.measure == "bookings"
    assert {one.rep.code: (one.before, one.after) for one in told.effects} == {
        rep: (float(was[rep]), float(now[rep])) for rep in ("bob", "cid")
    }
    assert Decimal(str(told.changes_hands)) == was["bob"] - now["bob"] > 0


def test_whoever_sees_a_team_sees_the_quotas_of_the_team_only(
    company: dict[str, Any], analyst: Person, sales_manager: Person
) -> None:
    scenario = _scenario(company, analyst)
    company["boss"].person = sales_manager
    company["boss"].save()

    (told,) = what_follows(sales_manager, scenario)

    assert [one.rep.code for one in told.effects] == ["bob"]


def test_the_comparison_and_the_page_say_the_same(
    company: dict[str, Any], analyst: Person, signed_in: Callable[[Person], Client]
) -> None:
    scenario, stays = _scenario(company, analyst), _scenario(company, analyst, "stays", "beta")

    (line,) = [one for one in compare([scenario, stays]) if one.line.key == "quota"]
    page = signed_in(analyst).get(f"/territories/realignments/{scenario.pk}/").content.decode()

    assert line.values == (round(what_follows(None, scenario)[0].changes_hands), 0)
    assert "exactly as publishing would leave them" in page


def test_with_quotas_of_both_measures_publishing_and_undoing_do_what_was_said_of_each(
    company: dict[str, Any],
    analyst: Person,
    manager: Person,
    vp: Person,
    signed_in: Callable[[Person], Client],
    api: Callable[[Person], Any],
) -> None:
    plans = {
        "bookings": company["plan"],
        "sales": approved(manager, vp, measure="sales", target=Decimal(6000)),
    }
    was = {measure: amounts(plan) for measure, plan in plans.items()}
    scenario, stays = _scenario(company, analyst), _scenario(company, analyst, "stays", "beta")
    told = {
        one.measure: {row.rep.code: row.after for row in one.effects} for one in what_follows(None, scenario)
    }
    page = signed_in(analyst).get(f"/territories/realignments/{scenario.pk}/").content.decode()
    lines = {one.line.key: one.values[0] for one in compare([scenario, stays])}
    figures = api(analyst).get(f"/api/v1/realignments/{scenario.pk}/figures/").json()

    _published(scenario, analyst, manager, vp)
    then = {plan.measure: amounts(plan) for plan in QuotaPlan.objects.filter(state="approved")}
    move_scenario(actor=vp, scenario=scenario, name="undo", reason="Called off.")
    back = {plan.measure: amounts(plan) for plan in QuotaPlan.objects.filter(state="approved")}

    assert told == {
        measure: {rep: float(found[rep]) for rep in ("bob", "cid")} for measure, found in then.items()
    }
    assert back == was != then
    assert "Effect on quotas of bookings" in page and "Effect on quotas of sales revenue" in page
    moved = {measure: was[measure]["bob"] - then[measure]["bob"] for measure in was}
    assert (lines["quota"], lines["quota_sales"]) == (round(moved["bookings"]), round(moved["sales"]))
    assert set(figures["quotas_that_change_hands"]) == set(plans)
