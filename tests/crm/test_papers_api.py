"""Order papers by API: everything the pages do, with the same refusals."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Currency
from core.models import Person
from crm.models import Account, Deal, OrderPaper, Rep

pytestmark = pytest.mark.django_db
Api = Callable[[Person], APIClient]
PAPERS = "/api/v1/order-papers/"


@pytest.fixture
def deal(sales_rep: Person) -> Deal:
    Currency.objects.create(code="EUR", name="Euro")
    rita = Rep.objects.create(code="RITA", name="Rita Rep", person=sales_rep)
    account = Account.objects.create(code="A1", name="Shop One", owner=rita)
    return Deal.objects.create(source="here", external_id="D1", name="Spring", account=account, rep=rita)


def write(client: APIClient, **values: Any) -> Any:
    usual = {"kind": "order", "amount": "1000", "currency": "EUR", "due": "2030-01-31"}
    return client.post(PAPERS, usual | values, format="json")


def test_a_paper_is_written_moved_and_delivered(deal: Deal, coordinator: Person, api: Api) -> None:
    client = api(coordinator)
    written = write(client, deal=deal.pk, document="https://files.example/1")
    assert (written.status_code, written.json()["account"], written.json()["worth"]) == (
        201,
        "A1",
        "1000.0000",
    )
    address = f"{PAPERS}{written.json()['id']}/"

    for name in ("send", "sign"):
        moved = client.post(f"{address}move/", {"move": name}, format="json").json()
    told = client.post(
        f"{address}delivery/", {"delivered_percent": "40", "revision": moved["revision"]}, format="json"
    ).json()

    assert (told["state"], told["delivered_percent"]) == ("signed", "40.00")


def test_a_refusal_lists_every_reason(deal: Deal, coordinator: Person, api: Api) -> None:
    client = api(coordinator)
    key = write(client, account="A1", due=None).json()["id"]

    refused = client.post(f"{PAPERS}{key}/move/", {"move": "send"}, format="json")

    assert refused.status_code == 409
    assert {r["code"] for r in refused.json()["error"]["reasons"]} == {"due_missing", "document_missing"}


def test_a_change_needs_the_revision_that_was_read(deal: Deal, coordinator: Person, api: Api) -> None:
    client = api(coordinator)
    written = write(client, account="A1").json()
    address = f"{PAPERS}{written['id']}/"

    assert client.patch(address, {"amount": "5"}, format="json").status_code == 400
    changed = client.patch(address, {"amount": "5", "revision": 1}, format="json")
    assert (changed.status_code, changed.json()["amount"]) == (200, "5.0000")
    assert client.patch(address, {"amount": "6", "revision": 1}, format="json").status_code == 409


def test_roles_and_scope_hold_in_the_api(
    deal: Deal, coordinator: Person, sales_rep: Person, analyst: Person, stranger: Person, api: Api
) -> None:
    other = Account.objects.create(code="A2", name="Shop Two")
    write(api(coordinator), account=other.code)

    assert api(sales_rep).get(PAPERS).json()["count"] == 0
    assert api(analyst).get(PAPERS).json()["count"] == 1
    assert write(api(analyst), account="A1").status_code == 403
    assert api(stranger).get(PAPERS).status_code == 403
    assert write(api(sales_rep), account="A2").status_code == 400
    key = OrderPaper.objects.get().pk
    assert api(sales_rep).post(f"{PAPERS}{key}/move/", {"move": "send"}, format="json").status_code == 404


def test_papers_are_found_by_state_kind_deal_and_lateness(deal: Deal, coordinator: Person, api: Api) -> None:
    client = api(coordinator)
    write(client, deal=deal.pk, due="2020-01-01")
    write(client, account="A1", kind="quote")

    def found(**wanted: Any) -> int:
        return client.get(PAPERS, wanted).json()["count"]

    assert (found(kind="quote"), found(deal=deal.pk), found(late="true"), found(state="paid")) == (1, 1, 1, 0)
    assert (found(search="Shop"), found(open="true"), found(account="A1"), found(source="erp")) == (
        2,
        2,
        2,
        0,
    )
