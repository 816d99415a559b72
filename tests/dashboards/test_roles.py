"""Each role's dashboard says what needs it now, how the plan stands and what changed."""

import datetime as dt
from collections.abc import Callable
from math import sqrt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Scope
from core.events import record
from core.models import Person
from core.roles import Role
from dashboards.selectors.comparison import comparison_of
from dashboards.selectors.outlook import interval_shares
from dashboards.views.figures import comparison_table
from forecasting.models import ForecastValue
from planning.models import (
    Approval,
    ApprovalRequest,
    Cycle,
    Decision,
    DemandInput,
    FamilyReview,
    Meeting,
    RiskOrOpportunity,
    Task,
)
from tests.dashboards.conftest import Running
from tests.planning.conftest import FIRST


def home(client: Client, role: str = "") -> tuple[str, dict[str, Any]]:
    """The home page's text, and what its template was given."""
    page = client.get(f"/?as={role}" if role else "/")
    assert page.status_code == 200
    return page.content.decode(), page.context


def needs(context: dict[str, Any]) -> dict[str, list[str]]:
    return {need.title: [item.text for item in need.items] for need in context["needs"] if need.count}


def task(cycle: Cycle, owner: Person, **fields: Any) -> Task:
    values = {"stage": "demand", "title": "Call the dealers", "due": dt.date(2026, 1, 9)} | fields
    return Task.objects.create(cycle=cycle, owner=owner, **values)


def decision(cycle: Cycle, owner: Person, **fields: Any) -> Decision:
    return Decision.objects.create(
        cycle=cycle, owner=owner, **{"title": "Second shift", "money": 9000} | fields
    )


def request(cycle: Cycle, *approvers: Person, asker: Person) -> ApprovalRequest:
    row = ApprovalRequest.objects.create(cycle=cycle, number=1, content_hash="a" * 64, requested_by=asker)
    row.approvers.set(approvers)
    return row


# --- VP ----------------------------------------------------------------------------------------


def test_the_vp_sees_the_plan_against_budget_last_plan_and_last_year(
    running: Running, vp: Person, manager: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    for number in range(7):
        decision(running.cycle, manager, title=f"Question {number}")
        RiskOrOpportunity.objects.create(
            cycle=running.cycle, leaning="risk", title=f"Risk {number}", money=100 * number,
            probability="0.5", owner=manager,
        )  # fmt: skip
        task(running.cycle, vp, title=f"Task {number}")
    client = signed_in(vp)

    with pinned_queries():
        _, context = home(client)

    figures = {figure["label"]: figure for figure in context["figures"]}
    revenue = figures["Revenue, next 12 months"]
    assert (revenue["value"], revenue["change"]) == ("360\u202f000", "+150.0\u202f%")
    assert revenue["change_base"] == "on the last plan"
    assert figures["Against budget"]["value"] == "\u221250.0\u202f%"
    assert figures["Margin"]["value"] == "40.0\u202f%"
    assert figures["Plan error (WAPE), Dec 25"]["value"] == "20.0\u202f%"
    lines = {one["name"]: one["values"] for one in context["plan"]["data"]["series"]}
    assert [lines[name][0] for name in ("Plan", "Budget", "Last plan")] == [30_000, 60_000, 12_000]
    assert lines["Last year"][0] == 60_000, "January 2025: 100 + 200 + 300 units at 100."
    assert lines["Last year"][12] is None, "January 2026 is not over: nothing stands beside 2027."
    assert context["plan"]["title"] == "The plan is 50.0\u202f% below budget over 12 months"
    assert len(needs(context)["Decisions waiting"]) == 5


def test_the_bridge_leads_from_budget_to_plan_by_family(
    running: Running, vp: Person, signed_in: Callable
) -> None:
    _, context = home(signed_in(vp))

    steps = [(step["name"], step["value"]) for step in context["bridge"]["data"]["steps"]]

    assert steps == [
        ("Budget", 720_000),
        ("Skis", 120_000 - 360_000),
        ("Touring skis", 240_000 - 360_000),
        ("Plan", 360_000),
    ]


def test_every_number_of_the_comparison_opens_where_it_comes_from(
    running: Running, vp: Person, signed_in: Callable
) -> None:
    client = signed_in(vp)
    table = home(client)[1]["compared"]

    urls = [cell["url"] for row in table["rows"] for cell in row["cells"] if cell.get("url")]

    assert [row["cells"][0]["text"] for row in table["rows"]] == ["Revenue", "Margin", "Units"]
    assert len(urls) == 11, "Three measures of four lines; a budget's margin has no lines to show."
    for url, row in zip(urls, ["360\u202f000", "720\u202f000", "144\u202f000"], strict=False):
        assert row in client.get(url).content.decode()


def test_the_interval_around_the_plan_is_the_forecasts(
    running: Running, vp: Person, signed_in: Callable
) -> None:
    band = home(signed_in(vp))[1]["plan"]["data"]["bands"][0]

    half = sqrt(0.2 * 60**2 + 0.8 * 3 * 20**2)

    assert band["low"][0] == pytest.approx(30_000 * (1 - half / 300), abs=1)
    assert band["high"][0] == pytest.approx(30_000 * (1 + half / 300), abs=1)


def test_the_interval_is_remembered_by_run_and_scope(
    running: Running, vp: Person, analyst: Person, django_assert_num_queries: Callable
) -> None:
    Scope.objects.create(person=analyst, market=running.firm.world.tyrol)
    run = running.cycle.forecast_run
    interval_shares(vp, run)

    with django_assert_num_queries(1):
        again = interval_shares(vp, run)
    with django_assert_num_queries(3):
        narrowed = interval_shares(analyst, run)

    assert narrowed[FIRST] == pytest.approx((0.8, 1.2)), "One demand unit: its own interval."
    assert again[FIRST] != narrowed[FIRST]
    assert ForecastValue.objects.filter(run=run).count() == 54


def test_without_the_right_to_see_costs_there_is_no_margin(running: Running, vp: Person) -> None:
    seen = comparison_of(vp, running.cycle)
    assert seen is not None

    table = comparison_table(seen, shows_costs=False)

    assert [row["cells"][0]["text"] for row in table["rows"]] == ["Revenue", "Units"]


def test_scope_narrows_every_line_of_the_comparison(running: Running, vp: Person) -> None:
    Scope.objects.create(person=vp, market=running.firm.world.tyrol)

    seen = comparison_of(vp, running.cycle)

    assert seen is not None
    lines = (seen.plan, seen.last_cycle, seen.last_year, seen.budget)
    assert [line.over([FIRST]).revenue for line in lines] == [10_000, 6_000, 10_000, 0]


def test_accuracy_in_a_scope_of_families_is_theirs(running: Running, vp: Person, signed_in: Callable) -> None:
    Scope.objects.create(person=vp, family=running.firm.world.touring)

    chart = home(signed_in(vp))[1]["accuracy"]

    assert chart["data"]["series"][0]["values"] == [40.0, 30.0]
    assert "fell from 40.0" in chart["title"]


def test_accuracy_over_all_markets_is_not_told_to_a_scope_of_some(
    running: Running, vp: Person, signed_in: Callable
) -> None:
    Scope.objects.create(person=vp, market=running.firm.world.north)

    text, context = home(signed_in(vp))

    assert context["accuracy"] is None
    assert "Accuracy of the plans" in text


def test_before_the_first_consensus_the_page_says_when_the_plan_comes(
    cycle: Cycle, vp: Person, signed_in: Callable
) -> None:
    text, context = home(signed_in(vp))

    assert "plan" not in context
    assert "has no consensus yet" in text


# --- manager -----------------------------------------------------------------------------------


def test_the_manager_sees_stages_reviews_and_the_team(
    running: Running, manager: Person, analyst: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    cycle, today = running.cycle, timezone.localdate()
    cycle.stages.filter(name="demand").update(due=today - dt.timedelta(days=2), owner=analyst)
    cycle.stages.exclude(name="demand").update(due=today + dt.timedelta(days=9))
    FamilyReview.objects.create(cycle=cycle, family=running.firm.world.skis, state="reviewed")
    FamilyReview.objects.create(
        cycle=cycle, family=running.firm.world.touring, state="attention", note="Too high in March"
    )
    for number in range(6):
        task(cycle, analyst, title=f"Task {number}", due=today - dt.timedelta(days=1))
    client = signed_in(manager)

    with pinned_queries():
        text, context = home(client)

    assert needs(context)["Families to review"] == ["Touring skis"]
    assert "Too high in March" in text
    late = context["stages"]["rows"][1]["cells"]
    assert (late[1]["text"], late[3]["badge"]) == ("Ada Analyst", "bad")
    first = [cell["text"] for cell in context["team"]["rows"][0]["cells"]]
    assert first == ["Ada Analyst", "Demand planning", "6", "7"]
    assert "Sales input" in needs(context)["Streams not submitted"]


def test_a_supply_gap_waits_until_somebody_does_something(
    running: Running, manager: Person, signed_in: Callable, at_stage: Callable
) -> None:
    world = running.firm.world
    run = _solved_with_a_gap(running, world)
    client = signed_in(manager)

    before = needs(home(client)[1])
    running.cycle.supply_actions.create(
        gap="shortage:RIDGE", kind="shortage", action="accept", note="Dealers wait", owner=manager,
        due=FIRST,
    )  # fmt: skip
    after = needs(home(client)[1])

    assert run.pk
    assert before["Supply gaps without an action"] == ["Ridge 92 at Innsbruck"]
    assert "Supply gaps without an action" not in after


def _solved_with_a_gap(running: Running, world: Any) -> Any:
    gap = {
        "key": "shortage:RIDGE", "kind": "shortage", "label": "Ridge 92 at Innsbruck", "quantity": 5.0,
        "money": 500.0, "first": "2026-01", "last": "2026-02", "product": world.ridge.pk,
        "site": world.site.pk, "family": world.touring.pk,
    }  # fmt: skip
    cycle = running.cycle
    version = cycle.demand_versions.create(number=1, fingerprint="g" * 64, made_from={}, units=0, revenue=0)
    return cycle.supply_runs.create(
        version=version, scenario=cycle.scenarios.get(), input_hash="g" * 64, engine_version="1",
        state="done", summary={"gaps": [gap]},
    )  # fmt: skip


# --- analyst -----------------------------------------------------------------------------------


def test_the_analyst_sees_inputs_without_reason_accuracy_and_runs(
    running: Running, analyst: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    world = running.firm.world
    DemandInput.objects.create(
        cycle=running.cycle, stream="sales", product=world.ridge, market=world.tyrol, month=FIRST,
        value=300, baseline=100, author=analyst,
    )  # fmt: skip
    client = signed_in(analyst)

    with pinned_queries():
        text, context = home(client)

    assert needs(context)["Inputs without a reason"] == ["Sales: Ridge 92 (RIDGE) in Tyrol (TYR), Jan 2026"]
    rows = [[cell["text"] for cell in row["cells"]] for row in context["families"]["rows"]]
    assert rows[0][0] == "Touring skis"
    assert rows[0][2] == "30.0\u202f%"
    assert str(running.cycle.forecast_run) in text


# --- coordinator -------------------------------------------------------------------------------


def test_the_coordinator_sees_the_next_two_weeks_and_who_is_missing(
    running: Running, coordinator: Person, manager: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    now = timezone.now()
    for number in range(4):
        Meeting.objects.create(
            cycle=running.cycle, stage="demand", title=f"Review {number}", owner=manager,
            begins=now - dt.timedelta(days=number + 1),
        )  # fmt: skip
        task(running.cycle, manager, title=f"Task {number}", due=timezone.localdate() + dt.timedelta(days=3))
    client = signed_in(coordinator)

    with pinned_queries():
        text, context = home(client)

    assert len(needs(context)["Meetings without minutes"]) == 4
    assert "Sales input" in needs(context)["Streams not submitted"]
    assert [item.title for item in context["days"][0]["items"]] == [f"Task {number}" for number in range(4)]
    assert "0 of 3" in text, "No item of the first checklist is done."
    assert "The pack is made when approval is asked for" in text


def test_the_pack_is_followed_until_the_quorum_is_there(
    running: Running, coordinator: Person, manager: Person, executive: Person, signed_in: Callable
) -> None:
    asked = request(running.cycle, executive, asker=manager)
    client = signed_in(coordinator)
    unsent = home(client)[1]["pack"]
    ApprovalRequest.objects.filter(pk=asked.pk).update(pack_sent=timezone.now(), quorum=1)
    sent = home(client)[1]["pack"]
    Approval.objects.create(request=asked, approver=executive, verdict="approve", content_hash="a" * 64)

    signed = home(client)[1]["pack"]

    assert unsent["tone"] == "warn"
    assert "0 of 1 signatures" in sent["text"]
    assert (signed["tone"], "1 of 1 signatures" in signed["text"]) == ("good", True)


# --- executive ---------------------------------------------------------------------------------


def test_the_executive_signs_decides_and_reads(
    running: Running, executive: Person, manager: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    request(running.cycle, executive, asker=manager)
    decision(running.cycle, manager, title="Buy a press", asks_executives=True)
    decision(running.cycle, manager, title="Which dealer first")
    client = signed_in(executive)

    with pinned_queries():
        text, context = home(client)

    assert "Read and sign the plan" in text
    assert needs(context) == {
        "Plans waiting for your signature": ["Sign the plan of Cycle Jan 2026"],
        "Decisions asked of you": ["Buy a press"],
    }
    assert len(context["figures"]) == 3
    assert context["last"]["months"][0]["month"] == dt.date(2025, 12, 1)
    assert context["last"]["months"][0]["planned"] == "12\u202f000"
    assert context["last"]["months"][0]["sold"] == "93\u202f000"


def test_a_plan_waits_only_for_those_who_were_asked_and_have_not_signed(
    running: Running, executive: Person, manager: Person, vp: Person, signed_in: Callable
) -> None:
    asked = request(running.cycle, executive, asker=manager)

    of_vp = needs(home(signed_in(vp))[1])
    Approval.objects.create(request=asked, approver=executive, verdict="approve", content_hash="a" * 64)
    text, context = home(signed_in(executive))

    assert "Plans waiting for your signature" not in of_vp
    assert "Plans waiting for your signature" not in needs(context)
    assert "Read and sign" not in text


# --- everybody ---------------------------------------------------------------------------------


def test_who_has_several_roles_switches_between_the_own_ones(
    running: Running, vp: Person, signed_in: Callable
) -> None:
    vp.roles = [Role.ANALYST, Role.MANAGER]
    vp.save()
    client = signed_in(vp)

    text, first = home(client)
    second = home(client, "analyst")[1]
    foreign = home(client, "executive")[1]

    assert 'aria-label="Your dashboards"' in text
    assert "team" in first
    assert "runs" in second
    assert "team" in foreign, "A dashboard of a role that is not one's own is not shown."


def test_who_has_one_role_has_no_switch(running: Running, vp: Person, signed_in: Callable) -> None:
    assert "Your dashboards" not in home(signed_in(vp))[0]


def test_what_others_did_since_the_last_visit_is_told(
    running: Running, manager: Person, vp: Person, signed_in: Callable
) -> None:
    record(actor=vp, verb="goal set", subject=running.cycle)
    record(actor=manager, verb="stage prepared", subject=running.cycle)

    text, context = home(signed_in(manager))

    assert [event.verb for event in context["changes"]] == ["goal set"]
    assert "Goal set" in text


def test_looks_within_an_hour_are_one_visit(running: Running, manager: Person, signed_in: Callable) -> None:
    client = signed_in(manager)
    first = home(client)[1]["since"]
    again = home(client)[1]["since"]
    session = client.session
    earlier = timezone.now() - dt.timedelta(hours=5)
    session["home_seen"] = [first.isoformat(), earlier.isoformat()]
    session.save()

    later = home(client)[1]["since"]

    assert first == again
    assert timezone.now() - first > dt.timedelta(hours=23)
    assert later == earlier


@pytest.mark.parametrize("who", ["vp", "manager", "analyst", "coordinator", "executive"])
def test_before_the_first_cycle_every_dashboard_says_what_to_do(
    who: str, world: Any, request: pytest.FixtureRequest, signed_in: Callable
) -> None:
    person = request.getfixturevalue(who)
    world.history(world.ridge_tyrol, 12)

    text, _ = home(signed_in(person))

    assert "No planning cycle yet" in text
    assert ("Open a cycle" in text) is (who in {"vp", "manager", "coordinator"})
