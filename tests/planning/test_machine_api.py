"""Everything the machine's pages do, by API."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from core.models import Person
from planning.models import Cycle, Decision, Meeting, Task
from planning.workflow.perform import GUARDS
from tests.planning.conftest import AtStage, Company

Api = Callable[[Person], APIClient]


@pytest.fixture
def content(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GUARDS:
        monkeypatch.setitem(GUARDS, name, lambda cycle: [])


def test_a_cycle_is_opened(
    firm: Company, planners: dict[str, Person], manager: Person, analyst: Person, api: Api
) -> None:
    sent = {"month": "2026-01-15", "horizon": 24, "owners": {"supply": analyst.email}}
    answer = api(manager).post("/api/v1/cycles/", sent)
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert (body["month"], body["horizon"], body["stage"]) == ("2026-01-01", 24, "data")
    owners = {stage["name"]: stage["owner"] for stage in body["stages"]}
    assert owners["supply"] == analyst.email

    again = api(manager).post("/api/v1/cycles/", sent)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "month_taken")


def test_an_owner_of_an_unknown_stage_is_refused(manager: Person, api: Api) -> None:
    sent = {"month": "2026-01-01", "owners": {"dreaming": manager.email}}
    answer = api(manager).post("/api/v1/cycles/", sent)
    assert (answer.status_code, "is no stage" in answer.json()["error"]["message"]) == (400, True)


def test_a_cycle_shows_stages_colours_and_moves_with_their_reasons(
    cycle: Cycle, coordinator: Person, api: Api
) -> None:
    body = api(coordinator).get(f"/api/v1/cycles/{cycle.pk}/").json()
    assert [colour["colour"] for colour in body["colours"]] == ["red"] * 5
    (sign,) = body["moves"]
    assert (sign["name"], sign["target"], sign["asks_reason"]) == ("sign-data", "demand", False)
    assert "checklist_open" in {reason["code"] for reason in sign["reasons"]}


def test_moves_are_those_of_the_callers_role(
    cycle: Cycle, analyst: Person, manager: Person, at_stage: AtStage, api: Api
) -> None:
    at_stage(cycle, "supply")
    address = f"/api/v1/cycles/{cycle.pk}/"
    assert api(analyst).get(address).json()["moves"] == []
    names = [move["name"] for move in api(manager).get(address).json()["moves"]]
    assert names == ["sign-supply", "reopen-data", "reopen-demand", "abandon"]


def test_a_refused_move_answers_409_with_every_reason(cycle: Cycle, coordinator: Person, api: Api) -> None:
    answer = api(coordinator).post(f"/api/v1/cycles/{cycle.pk}/moves/", {"name": "sign-data"})
    assert answer.status_code == 409
    assert len(answer.json()["error"]["reasons"]) > 3


def test_a_move_is_made(cycle: Cycle, coordinator: Person, api: Api, content: None) -> None:
    address = f"/api/v1/cycles/{cycle.pk}/moves/"
    answer = api(coordinator).post(address, {"name": "sign-data", "reason": "All in."})
    assert (answer.status_code, answer.json()["stage"]) == (200, "demand")
    again = api(coordinator).post(address, {"name": "sign-data"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "wrong_stage")


def test_a_role_without_the_right_is_denied(cycle: Cycle, analyst: Person, api: Api, content: None) -> None:
    answer = api(analyst).post(f"/api/v1/cycles/{cycle.pk}/moves/", {"name": "sign-data"})
    assert answer.status_code == 403


def test_a_released_cycle_is_revised(cycle: Cycle, manager: Person, at_stage: AtStage, api: Api) -> None:
    address = f"/api/v1/cycles/{cycle.pk}/revise/"
    assert api(manager).post(address, {"reason": "Old prices."}).status_code == 409
    at_stage(cycle, "released")
    answer = api(manager).post(address, {"reason": "Old prices."})
    assert (answer.status_code, answer.json()["issue"]) == (201, 2)


def test_the_timeline_is_read(cycle: Cycle, manager: Person, api: Api) -> None:
    events = api(manager).get(f"/api/v1/cycles/{cycle.pk}/timeline/").json()
    assert [event["verb"] for event in events] == ["cycle opened"]


def test_a_stage_is_planned_under_its_revision(
    cycle: Cycle, manager: Person, analyst: Person, api: Api
) -> None:
    stage = cycle.stages.get(name="demand")
    address = f"/api/v1/stages/{stage.pk}/"
    assert api(analyst).patch(address, {"due": "2026-01-13", "revision": 1}).status_code == 403
    assert api(manager).patch(address, {"due": "2026-01-13"}).status_code == 400
    answer = api(manager).patch(address, {"due": "2026-01-13", "revision": 1})
    assert (answer.json()["due"], answer.json()["revision"]) == ("2026-01-13", 2)
    stale = api(manager).patch(address, {"due": "2026-01-14", "revision": 1})
    assert (stale.status_code, stale.json()["error"]["theirs"]) == (409, {"due": "2026-01-13"})


def test_points_are_ticked_added_and_removed(cycle: Cycle, coordinator: Person, api: Api) -> None:
    client = api(coordinator)
    items = client.get(f"/api/v1/checklist-items/?cycle={cycle.pk}").json()["results"]
    first = items[0]
    done = client.post(f"/api/v1/checklist-items/{first['id']}/tick/", {"revision": 1})
    assert done.json()["done_by"] == coordinator.email

    added = client.post("/api/v1/checklist-items/", {"stage": first["stage"], "text": "Call"}).json()
    removed = client.post(
        f"/api/v1/checklist-items/{added['id']}/remove/", {"revision": 1, "reason": "Done by mail."}
    )
    assert removed.status_code == 204


def test_a_task_lives_by_api(
    cycle: Cycle, manager: Person, analyst: Person, sales_manager: Person, api: Api
) -> None:
    sent = {"cycle": cycle.pk, "title": "Confirm", "owner": analyst.email, "due": "2026-01-14"}
    task = api(manager).post("/api/v1/tasks/", sent).json()
    assert task["stage"] == "data"
    assert api(sales_manager).get(f"/api/v1/tasks/{task['id']}/").status_code == 404

    changed = api(manager).patch(f"/api/v1/tasks/{task['id']}/", {"title": "Confirm all", "revision": 1})
    assert changed.json()["revision"] == 2
    assert api(manager).post(f"/api/v1/tasks/{task['id']}/remind/").json()["reminded"]
    done = api(analyst).post(f"/api/v1/tasks/{task['id']}/finish/", {"revision": 2})
    assert done.json()["done_by"] == analyst.email
    assert api(manager).post(f"/api/v1/tasks/{task['id']}/remind/").status_code == 409
    assert api(manager).get("/api/v1/tasks/?state=done").json()["count"] == 1


def test_a_meeting_lives_by_api(
    cycle: Cycle, coordinator: Person, manager: Person, analyst: Person, api: Api
) -> None:
    sent = {
        "cycle": cycle.pk,
        "stage": "demand",
        "title": "Demand review",
        "begins": "2026-01-12T09:00:00Z",
        "owner": manager.email,
        "attendees": [analyst.email],
    }
    meeting = api(coordinator).post("/api/v1/meetings/", sent).json()
    assert meeting["agenda"].startswith("1. Actions of the last meeting")
    assert meeting["attendees"] == [analyst.email]

    action = {"title": "Ask", "owner": analyst.email, "due": "2026-01-15"}
    minutes = {"revision": 1, "minutes": "Agreed.", "actions": [action]}
    written = api(manager).post(f"/api/v1/meetings/{meeting['id']}/minutes/", minutes)
    assert written.json()["minutes"] == "Agreed."
    assert Task.objects.get().meeting == Meeting.objects.get()
    assert api(manager).post(f"/api/v1/meetings/{meeting['id']}/minutes/", minutes).status_code == 409
    assert Task.objects.count() == 1


def test_the_registers_live_by_api(
    firm: Company, cycle: Cycle, manager: Person, vp: Person, api: Api
) -> None:
    client = api(manager)
    base = {"cycle": cycle.pk, "owner": manager.email}
    risk = client.post("/api/v1/risks/", base | {"title": "Strike", "money": "1000", "probability": "0.3"})
    assert risk.json()["expected"] == "-300.00"
    changed = client.patch(f"/api/v1/risks/{risk.json()['id']}/", {"is_open": False, "revision": 1})
    assert changed.json()["is_open"] is False

    family = firm.world.touring.code
    assumption = client.post("/api/v1/assumptions/", base | {"text": "Snow comes.", "family": family}).json()
    assert assumption["family"] == family
    held = client.patch(f"/api/v1/assumptions/{assumption['id']}/", {"outcome": "held", "revision": 1})
    assert held.json()["outcome"] == "held"

    asked = client.post("/api/v1/decisions/", base | {"title": "Loan?", "asks_executives": True}).json()
    address = f"/api/v1/decisions/{asked['id']}/decide/"
    said = {"decided": "No", "reason": "Dear.", "revision": 1}
    assert client.post(address, said).status_code == 403
    assert api(vp).post(address, said).json()["decided_by"] == vp.email
    assert client.get("/api/v1/decisions/?is_decided=true").json()["count"] == Decision.objects.count() == 1


def test_the_calendar_is_read_over_a_sensible_time(cycle: Cycle, manager: Person, api: Api) -> None:
    items = api(manager).get("/api/v1/calendar/?first=2026-01-01&last=2026-01-31").json()
    assert {item["kind"] for item in items} == {"stage"}
    assert api(manager).get("/api/v1/calendar/?first=2026-01-01&last=2028-01-31").status_code == 400
    assert api(manager).get("/api/v1/calendar/").status_code == 400
