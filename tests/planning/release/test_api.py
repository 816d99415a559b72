"""Stages 4 and 5 by API: what the pages do, with the same refusals."""

import hashlib
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from catalog.models import Scope
from core.models import Person
from planning.models import Cycle, Release, Subscription
from planning.services.approvals import request_approval
from tests.conftest import PASSWORD
from tests.planning.conftest import Company
from tests.planning.release import ready

Api = Callable[[Person], APIClient]


def test_the_whole_way_to_a_release(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], vp: Person, api: Api
) -> None:
    asked = api(coordinator).post("/api/v1/approval-requests/", {"cycle": ready_cycle.pk})
    assert asked.status_code == 201, asked.data
    url = f"/api/v1/approval-requests/{asked.data['id']}/"
    assert api(coordinator).post(f"{url}pack/").data["pack_sent"] is not None
    assert api(coordinator).post(f"{url}pack/").status_code == 409
    ready.sent_days_ago(ready_cycle.approval_requests.get())
    sign = {"verdict": "approve", "password": PASSWORD}
    assert api(executives[0]).post(f"{url}sign/", {**sign, "password": "wrong"}).status_code == 400
    for person in executives:
        assert api(person).post(f"{url}sign/", sign).status_code == 201
    again = api(executives[0]).post(f"{url}sign/", sign)
    assert (again.status_code, again.data["error"]["code"]) == (409, "signed_already")
    moved = api(vp).post(f"/api/v1/cycles/{ready_cycle.pk}/moves/", {"name": "release"})
    assert moved.data["stage"] == "released"
    shown = api(executives[0]).get(url).data
    assert (shown["counting"], shown["changes"]) == (2, [])
    assert api(executives[0]).get(f"{url}files/pdf/").content.startswith(b"%PDF")


def test_a_release_that_is_refused_gives_every_reason(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], vp: Person, api: Api
) -> None:
    request_approval(actor=coordinator, cycle=ready_cycle)
    refused = api(vp).post(f"/api/v1/cycles/{ready_cycle.pk}/moves/", {"name": "release"})
    assert refused.status_code == 409
    assert [reason["code"] for reason in refused.data["error"]["reasons"]] == ["pack_not_sent", "quorum"]


@pytest.mark.parametrize(
    ("who", "path"),
    [("analyst", ""), ("analyst", "pack/"), ("manager", "sign/"), ("sales_manager", "")],
)
def test_rights_of_approvals(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], api: Api, who: str, path: str,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    asked = request_approval(actor=coordinator, cycle=ready_cycle)
    url = f"/api/v1/approval-requests/{asked.pk}/{path}" if path else "/api/v1/approval-requests/"
    person = request.getfixturevalue(who)
    body = {"cycle": ready_cycle.pk, "verdict": "approve", "password": PASSWORD}
    assert api(person).post(url, body).status_code == 403


def test_the_content_has_the_hash_of_the_release(release: Release, analyst: Person, api: Api) -> None:
    content = api(analyst).get(f"/api/v1/releases/{release.pk}/content/")
    assert hashlib.sha256(content.content).hexdigest() == release.content_hash
    assert api(analyst).get(f"/api/v1/releases/{release.pk}/").data["content_hash"] == release.content_hash
    assert api(analyst).get(f"/api/v1/releases/{release.pk}/verify/").data["ok"] is True


def test_the_content_is_for_those_who_see_all_of_it(
    release: Release, analyst: Person, sales_manager: Person, firm: Company, api: Api
) -> None:
    assert api(sales_manager).get(f"/api/v1/releases/{release.pk}/content/").status_code == 403
    Scope.objects.create(person=analyst, market=firm.world.tyrol)
    assert api(analyst).get(f"/api/v1/releases/{release.pk}/content/").status_code == 403


def test_released_values_in_scope_and_without_costs(
    release: Release, analyst: Person, sales_manager: Person, firm: Company, api: Api
) -> None:
    rows = api(analyst).get("/api/v1/released-values/", {"release": release.pk}).data
    assert rows["count"] == 3 * 18
    assert rows["results"][0]["cost"] == 60
    Scope.objects.create(person=sales_manager, market=firm.world.tyrol)
    rows = api(sales_manager).get("/api/v1/released-values/", {"release": release.pk}).data
    assert rows["count"] == 18
    assert rows["results"][0]["cost"] is None
    months = api(sales_manager).get(f"/api/v1/releases/{release.pk}/months/").data
    assert (len(months), months[0]["consensus"]) == (18, 100)


def test_reconciliation_and_its_decisions(
    cycle: Cycle, firm: Company, manager: Person, analyst: Person, advisor: Person, api: Api,
    at_stage: Callable[..., Cycle],
) -> None:  # fmt: skip
    url = f"/api/v1/cycles/{cycle.pk}/reconciliation/"
    assert api(manager).get(url).data["supply_run"] is None
    ready.solve(firm, ready.freeze(firm, cycle))
    at_stage(cycle, "reconciliation")
    body = api(manager).get(url, {"measure": "units"}).data
    assert {row["family"] for row in body["families"]} == {"SKIS", "TOUR"}
    gap = body["contradictions"][0]["gap"]
    assert api(manager).get(url, {"measure": "weight"}).status_code == 400
    assert api(advisor).get(url, {"measure": "margin"}).status_code == 403
    assert api(analyst).post(url, {"gap": gap, "decided": "Keep", "reason": "Snow."}).status_code == 403
    settled = api(manager).post(url, {"gap": gap, "decided": "Keep", "reason": "Snow."})
    assert settled.data["decided"] == "Keep"
    assert api(manager).get(url).data["contradictions"][0]["is_settled"] is True


def test_plan_against_actual(release: Release, firm: Company, manager: Person, api: Api) -> None:
    firm.world.sell(firm.units[0], release.cycle.month, 80)
    body = api(manager).get("/api/v1/monitoring/").data
    assert body["by_lag"][0]["units"] == 80
    assert api(manager).get("/api/v1/monitoring/", {"lag": "x"}).status_code == 400


def test_webhooks_give_their_secret_once(advisor: Person, manager: Person, api: Api) -> None:
    sent = {"label": "ERP", "url": "http://127.0.0.1:1/x", "is_active": True}
    assert api(manager).post("/api/v1/outgoing-webhooks/", sent).status_code == 403
    made = api(advisor).post("/api/v1/outgoing-webhooks/", sent)
    assert made.data["secret"].startswith("whsec_")
    url = f"/api/v1/outgoing-webhooks/{made.data['id']}/"
    assert "secret" not in api(advisor).get(url).data
    assert api(advisor).post("/api/v1/outgoing-webhooks/", sent).status_code == 400  # the name is taken
    stale = api(advisor).patch(url, {"label": "SAP", "revision": 7})
    assert (stale.status_code, stale.data["error"]["revision"]) == (409, 1)
    assert api(advisor).patch(url, {"label": "SAP", "revision": 1}).data["label"] == "SAP"
    assert api(advisor).post(f"{url}secret/").data["secret"] != made.data["secret"]
    assert "No answer" in api(advisor).post(f"{url}try/").data["error"]
    message = api(advisor).get("/api/v1/outgoing-messages/").data["results"][0]
    assert api(advisor).post(f"/api/v1/outgoing-messages/{message['id']}/again/").data["attempts"] == 0
    assert Subscription.objects.count() == 1
