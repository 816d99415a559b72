"""Plans by API: the same services, answers and refusals as the pages."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.engine.months import add_months
from compensation.models import PlanVersion, Position
from compensation.services.assignments import put_on_plan
from compensation.services.plans import add_plan
from core.errors import Invalid
from core.models import Person
from tests.compensation.company import TERMS, euro, plan_of, rep_on, role

pytestmark = pytest.mark.django_db
Api = Callable[[Person], APIClient]
VERSIONS = "/api/v1/plan-versions/"
ON_PLANS = "/api/v1/plan-assignments/"


def soon(months: int = 1) -> str:
    return add_months(timezone.localdate().replace(day=1), months).isoformat()


def test_from_nothing_to_a_version_in_force(analyst: Person, vp: Person, api: Api) -> None:
    euro()
    rep_on(None, "ann")
    client = api(analyst)
    assert client.post("/api/v1/pay-roles/", {"code": "ae", "name": "Seller"}).status_code == 201
    sent = {"code": "ae", "name": "Sellers", "terms": TERMS, "starts": soon()}
    assert client.post("/api/v1/pay-plans/", sent, format="json").status_code == 201
    given = {"rep": "ann", "role": "ae", "first": "2026-01-01", "base_salary": "60000"}
    assert client.post("/api/v1/positions/", given, format="json").status_code == 201
    version = client.get(VERSIONS).json()["results"][0]
    move = f"{VERSIONS}{version['id']}/move/"
    refused = client.post(move, {"move": "submit"}, format="json")
    assert refused.status_code == 409
    assert "Nobody is on this plan" in refused.text
    on = {"plan": "ae", "role": "ae", "first": "2026-01-01"}
    assert client.post(ON_PLANS, on, format="json").status_code == 201
    assert client.post(move, {"move": "submit"}, format="json").json()["state"] == "submitted"
    assert client.post(move, {"move": "approve"}, format="json").status_code == 403
    done = api(vp).post(move, {"move": "approve"}, format="json").json()
    assert (done["state"], done["first"], done["last"], done["approved_by"]) == (
        "approved",
        soon(),
        None,
        "vp@example.com",
    )


def test_a_new_version_is_written_compared_and_thrown_away(analyst: Person, api: Api) -> None:
    first = plan_of()
    client = api(analyst)
    made = client.post(VERSIONS, {"plan": "ae", "starts": soon(2), "intro": "Sell more"}, format="json")
    draft = made.json()
    assert (made.status_code, draft["terms"], draft["intro"]) == (201, TERMS, "Sell more")
    path = f"{VERSIONS}{draft['id']}/"
    again = client.post(VERSIONS, {"plan": "ae"}, format="json")
    assert again.status_code == 409
    bad = {"terms": {**TERMS, "curency": "EUR"}, "revision": draft["revision"]}
    refused = client.patch(path, bad, format="json")
    assert refused.status_code == 400
    assert "curency: this is unknown. Do you mean currency?" in refused.text
    good = {"terms": {**TERMS, "target_incentive": 13_000}, "revision": draft["revision"]}
    assert client.patch(path, good, format="json").status_code == 200
    assert client.patch(path, good | {"intro": "Stale"}, format="json").status_code == 409
    assert client.get(f"{path}compare/{first.pk}/").json() == [
        {
            "component": "The whole plan",
            "setting": "Target incentive of a year",
            "before": "12000",
            "after": "13000",
        }
    ]
    assert client.delete(path).status_code == 204
    assert client.delete(f"{VERSIONS}{first.pk}/").status_code == 409
    assert PlanVersion.objects.count() == 1


@pytest.mark.parametrize("name", ["A\x00B", float("inf")])
def test_terms_that_the_database_cannot_keep_are_refused(analyst: Person, name: object) -> None:
    version = plan_of()
    rep = rep_on(version)
    with pytest.raises(Invalid, match="that cannot be kept"):
        add_plan(actor=analyst, code="x", name="X", terms={**TERMS, "plan": name})
    with pytest.raises(Invalid, match="that cannot be kept"):
        put_on_plan(
            actor=analyst,
            plan=version.plan,
            rep=rep,
            first=version.starts,
            changes={"plan": name},
            reason="Promised",
        )


def test_rows_keep_what_they_are_about(analyst: Person, api: Api) -> None:
    version = plan_of()
    rep_on(version)
    role("other")
    client = api(analyst)
    assignment = client.get(ON_PLANS).json()["results"][0]
    kept = client.patch(f"{ON_PLANS}{assignment['id']}/", {"role": "other", "revision": 1}, format="json")
    assert "This stays as it is" in kept.text
    row = Position.objects.get()
    kept = client.patch(f"/api/v1/positions/{row.pk}/", {"rep": "ann", "revision": 1}, format="json")
    assert kept.status_code == 400
    missing = client.post("/api/v1/positions/", {"rep": "ann"}, format="json")
    assert missing.status_code == 400
    assert all(f'"{name}"' in missing.text for name in ("role", "first"))
    begun = client.post(f"/api/v1/positions/{row.pk}/take-back/", {"revision": 1}, format="json")
    assert begun.status_code == 400
    begun = client.post(f"{ON_PLANS}{assignment['id']}/take-back/", {"revision": 1}, format="json")
    assert begun.status_code == 400


def test_who_earns_by_which_plan_on_a_day(
    analyst: Person, sales_manager: Person, sales_rep: Person, api: Api
) -> None:
    version = plan_of(name="Sellers")
    boss = rep_on(None, "boss", person=sales_manager)
    rep_on(version, "ann", manager=boss, target=20_000, person=sales_rep)
    rep_on(version, "bob")
    found = api(analyst).get("/api/v1/earners/?on=2026-07-01").json()["results"]
    assert [row["rep"] for row in found] == ["ann", "bob"]
    assert found[0] == {
        "rep": "ann",
        "name": "Ann",
        "role": "AE",
        "plans": ["Sellers"],
        "own_terms": False,
        "base_salary": "60000.0000",
        "target_incentive": "20000.0000",
        "currency": "EUR",
    }
    assert api(analyst).get("/api/v1/earners/?on=2025-07-01").json()["results"] == []
    assert api(analyst).get("/api/v1/earners/?on=yesterday").status_code == 400
    assert [row["rep"] for row in api(sales_manager).get("/api/v1/earners/").json()["results"]] == ["ann"]
    assert api(sales_rep).get("/api/v1/earners/").status_code == 403


@pytest.mark.parametrize("path", ["pay-plans", "plan-versions", "pay-roles"])
def test_plans_are_for_those_who_see_all_pay(
    path: str, sales_manager: Person, sales_rep: Person, executive: Person, api: Api
) -> None:
    plan_of()
    assert api(executive).get(f"/api/v1/{path}/").json()["results"]
    for person in (sales_manager, sales_rep):
        assert api(person).get(f"/api/v1/{path}/").status_code == 403


@pytest.mark.parametrize("path", ["positions", "plan-assignments", "plan-quotas", "objective-scores"])
def test_rows_of_people_are_for_their_managers(
    path: str, sales_manager: Person, coordinator: Person, api: Api
) -> None:
    version = plan_of()
    boss = rep_on(None, "boss", person=sales_manager)
    rep_on(version, "ann", quota=1, manager=boss)
    rep_on(version, "bob", quota=1)
    seen = api(sales_manager).get(f"/api/v1/{path}/").json()["results"]
    assert {row["rep"] for row in seen} <= {"ann"}
    assert api(coordinator).get(f"/api/v1/{path}/").status_code == 403
    assert api(sales_manager).post(f"/api/v1/{path}/", {}, format="json").status_code == 403
