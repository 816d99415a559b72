"""Each role's dashboard says what needs it now, how the plan stands and what changed."""

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from core.events import record
from core.models import Person
from core.roles import Role
from planning.models import (
    Approval,
    ApprovalRequest,
    DemandInput,
    FamilyReview,
    Meeting,
)
from tests.dashboards.conftest import Running
from tests.dashboards.home import asked, decision, home, needs, task
from tests.planning.conftest import FIRST

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
    running: Running,
    coordinator: Person,
    manager: Person,
    signed_in: Callable,
    pinned_queries: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = timezone.localdate().replace(day=25)  # the two weeks reach into the next month
    monkeypatch.setattr(timezone, "localdate", lambda *_: late)
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
    plan = asked(running.cycle, executive, asker=manager)
    client = signed_in(coordinator)
    unsent = home(client)[1]["pack"]
    ApprovalRequest.objects.filter(pk=plan.pk).update(pack_sent=timezone.now(), quorum=1)
    sent = home(client)[1]["pack"]
    Approval.objects.create(request=plan, approver=executive, verdict="approve", content_hash="a" * 64)

    signed = home(client)[1]["pack"]

    assert unsent["tone"] == "warn"
    assert "0 of 1 signatures" in sent["text"]
    assert (signed["tone"], "1 of 1 signatures" in signed["text"]) == ("good", True)


# --- executive ---------------------------------------------------------------------------------


def test_the_executive_signs_decides_and_reads(
    running: Running, executive: Person, manager: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    asked(running.cycle, executive, asker=manager)
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
    plan = asked(running.cycle, executive, asker=manager)

    of_vp = needs(home(signed_in(vp))[1])
    Approval.objects.create(request=plan, approver=executive, verdict="approve", content_hash="a" * 64)
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


@pytest.mark.parametrize("who", ["vp", "manager", "analyst", "coordinator", "executive"])
def test_every_card_leads_somewhere(
    who: str,
    running: Running,
    manager: Person,
    executive: Person,
    request: pytest.FixtureRequest,
    signed_in: Callable,
) -> None:
    cycle, world = running.cycle, running.firm.world
    person = request.getfixturevalue(who)
    asked(cycle, executive, asker=manager)
    decision(cycle, manager, asks_executives=True)
    task(cycle, person)
    Meeting.objects.create(cycle=cycle, stage="demand", title="Review", owner=manager, begins=timezone.now())
    FamilyReview.objects.create(cycle=cycle, family=world.touring, state="attention")
    DemandInput.objects.create(
        cycle=cycle, stream="sales", product=world.ridge, market=world.tyrol, month=FIRST,
        value=900, baseline=100, author=manager,
    )  # fmt: skip
    client = signed_in(person)
    text = home(client)[0]

    found = re.findall(r'href="(/[^"#]*)', text[text.index("<main") : text.index("</main>")])
    links = sorted({html.unescape(link) for link in found})

    assert len(links) > 10
    assert [link for link in links if client.get(link, follow=True).status_code != 200] == []
