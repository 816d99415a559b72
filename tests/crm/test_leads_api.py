"""Leads by API: everything the pages do, the same rights and refusals."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import Person
from crm.models import Lead, RoutingRule
from tests.crm.lead_world import Sales, now, sales

__all__ = ["now", "sales"]
Api = Callable[[Person], APIClient]
LEADS = "/api/v1/leads/"
NEW = {"source": "web", "company": "Acme", "email": "ann@acme.example", "market": "TYR"}


def test_a_program_adds_a_lead_once(sales: Sales, service_account: Person, api: Api) -> None:
    client = api(service_account)

    first = client.post(LEADS, NEW | {"external_id": "4711", "system": "shop"})
    again = client.post(LEADS, NEW | {"external_id": "4711", "system": "shop", "company": "Else"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["owner"], first.json()["state"], first.json()["due"]) == (
        "RITA",
        "new",
        "2026-03-11T14:00:00Z",
    )
    assert Lead.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"source": "web"}, "email"),
        ({"company": "Acme"}, "source"),
        (NEW | {"source": "nobody"}, "source"),
        (NEW | {"email": "nonsense"}, "email"),
        (NEW | {"system": "with space"}, "system"),
    ],
)
def test_what_is_wrong_is_said_by_field(
    sales: Sales, service_account: Person, api: Api, sent: dict[str, Any], field: str
) -> None:
    answer = api(service_account).post(LEADS, sent)

    assert answer.status_code == 400
    assert field in str(answer.json())
    assert not Lead.objects.exists()


def test_a_lead_is_claimed_answered_qualified_and_made_a_deal(
    sales: Sales, sales_rep: Person, api: Api
) -> None:
    client, lead = api(sales_rep), sales.lead(company="Acme", market=sales.north)
    path = f"{LEADS}{lead.pk}/"

    assert client.post(f"{path}answer/", {}).status_code == 409
    assert client.post(f"{path}claim/").json()["owner"] == "RITA"
    assert client.post(f"{path}answer/", {"note": "Called"}).json()["state"] == "working"
    assert client.post(f"{path}qualify/", {}).json()["state"] == "qualified"
    deal = client.post(f"{path}convert/", {"name": "First order", "amount": "99.50"})
    assert deal.status_code == 201
    assert client.get(path).json()["deal"] == deal.json()["deal"]
    kinds = [step["kind"] for step in client.get(f"{path}steps/").json()]
    assert kinds == ["arrived", "routed", "claimed", "answered", "qualified", "converted"]


def test_refusals_carry_all_reasons(sales: Sales, sales_rep: Person, api: Api) -> None:
    lead = sales.lead()
    path = f"{LEADS}{lead.pk}/"

    unknown = api(sales_rep).post(f"{path}disqualify/", {"reason": "Because"})
    closed = api(sales_rep).post(f"{path}qualify/", {})

    assert (unknown.status_code, closed.status_code) == (400, 409)
    assert "that is not possible now" in str(closed.json())
    assert api(sales_rep).post(f"{path}disqualify/", {"reason": "No need"}).json()["state"] == "disqualified"
    assert api(sales_rep).post(f"{path}reopen/", {"reason": "Called back"}).json()["state"] == "working"


def test_a_manager_gives_merges_and_separates(sales: Sales, coordinator: Person, api: Api) -> None:
    client, first, second = api(coordinator), sales.lead(company="Acme"), sales.lead(company="ACME AG")
    path = f"{LEADS}{second.pk}/"

    assert client.post(f"{path}give/", {"rep": "OTTO"}).json()["owner"] == "OTTO"
    alike = client.get(f"{path}alike/").json()
    assert [(one["lead"]["id"], one["shares"]) for one in alike] == [(first.pk, "company")]
    assert client.post(f"{path}merge/", {"into": first.pk}).json()["id"] == first.pk
    assert client.get(path).json()["duplicate_of"] == first.pk
    assert client.post(f"{path}separate/").json()["duplicate_of"] is None


def test_a_lead_is_corrected_by_its_revision(
    sales: Sales, sales_rep: Person, coordinator: Person, api: Api
) -> None:
    lead, client = sales.lead(), api(sales_rep)
    path = f"{LEADS}{lead.pk}/"

    assert client.patch(path, {"company": "Acme"}).status_code == 400
    assert client.patch(path, {"company": "Acme", "revision": 1}).json()["company"] == "Acme"
    assert client.patch(path, {"company": "Else", "revision": 1}).status_code == 409
    kept = api(coordinator).patch(path, {"owner": "PAUL", "revision": 2})
    assert kept.json()["owner"] == "RITA"  # owners change by giving


def test_rights_are_those_of_the_pages(
    sales: Sales, sales_rep: Person, analyst: Person, executive: Person, api: Api
) -> None:
    lead = sales.lead()

    assert api(executive).post(LEADS, NEW).status_code == 403
    assert api(analyst).post(f"{LEADS}{lead.pk}/claim/").status_code == 403
    assert api(sales_rep).post(f"{LEADS}{lead.pk}/give/", {"rep": "PAUL"}).status_code == 403
    assert api(sales_rep).post("/api/v1/routing-rules/", {"name": "x"}).status_code == 403
    others = sales.lead(owner=sales.paul)
    assert api(sales_rep).get(f"{LEADS}{others.pk}/").status_code == 404


def test_the_setting_up_by_api(sales: Sales, coordinator: Person, api: Api) -> None:
    client = api(coordinator)
    source = client.post("/api/v1/lead-sources/", {"code": "mail", "name": "Mailing"})
    rule = client.post("/api/v1/routing-rules/", {"name": "Mail", "source": "mail", "hours": 2}).json()
    seat = client.post("/api/v1/routing-seats/", {"rule": rule["id"], "rep": "SAM", "capacity": 3}).json()

    assert source.status_code == 201
    assert (rule["position"], RoutingRule.objects.get(is_fallback=True).position) == (2, 3)
    moved = client.post(f"/api/v1/routing-rules/{rule['id']}/move/", {"up": True})
    assert moved.json()["position"] == 1
    assert client.post(LEADS, NEW | {"source": "mail"}).json()["owner"] == "SAM"
    changed = client.patch(f"/api/v1/routing-seats/{seat['id']}/", {"capacity": 4, "revision": 1})
    assert changed.json()["capacity"] == 4
    assert client.delete(f"/api/v1/routing-seats/{seat['id']}/").status_code == 204
    assert client.post(f"/api/v1/routing-rules/{rule['id']}/fallback/").status_code == 409  # no seat
    assert client.delete(f"/api/v1/routing-rules/{rule['id']}/").status_code == 204
    fallback = client.delete(f"/api/v1/routing-rules/{sales.fallback.pk}/")
    assert (fallback.status_code, "Somebody must always get a lead" in str(fallback.json())) == (409, True)


def test_absences_costs_and_agreements_by_api(sales: Sales, coordinator: Person, api: Api) -> None:
    client = api(coordinator)

    absence = client.post("/api/v1/absences/", {"rep": "RITA", "first": "2026-03-11", "last": "2026-03-12"})
    assert absence.json()["last"] == "2026-03-12"
    wrong = client.post("/api/v1/absences/", {"rep": "RITA", "first": "2026-03-12", "last": "2026-03-11"})
    assert wrong.status_code == 400
    assert client.post(LEADS, NEW).json()["owner"] == "PAUL"
    assert client.delete(f"/api/v1/absences/{absence.json()['id']}/").status_code == 204

    cost = client.post("/api/v1/lead-costs/", {"source": "web", "month": "2026-03-01", "amount": "50"})
    assert cost.status_code == 201
    agreed = {"month": "2026-03-01", "promised": 3, "in_time_percent": 90, "owner": coordinator.email}
    assert client.post("/api/v1/lead-agreements/", agreed).status_code == 201
    asked = {"first": "2026-03-01", "last": "2026-03-31"}
    report = client.get("/api/v1/lead-report/", asked).json()
    assert (report["total"]["leads"], report["sources"][0]["cost"]) == (1, "50.0000")
    (march,) = client.get("/api/v1/lead-agreement-report/", asked).json()
    assert (march["promised"], march["delivered"], march["missing"]) == (3, 1, 2)
    assert client.delete(f"/api/v1/lead-costs/{cost.json()['id']}/").status_code == 204
    assert (
        client.get("/api/v1/lead-report/", {"first": "2026-05-01", "last": "2026-03-01"}).status_code == 400
    )


def test_the_list_is_narrowed_and_found_by_its_id_elsewhere(
    sales: Sales, service_account: Person, api: Api
) -> None:
    client = api(service_account)
    client.post(LEADS, NEW | {"external_id": "4711"})
    sales.lead()

    assert client.get(LEADS, {"external_id": "4711"}).json()["count"] == 1
    assert client.get(LEADS, {"state": "new"}).json()["count"] == 2
    assert client.get(LEADS, {"claim": "true"}).json()["count"] == 0
