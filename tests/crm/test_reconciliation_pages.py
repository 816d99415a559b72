"""Reconciling by pages and by API."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.models import Person
from crm.models import Deal, Reconciliation
from crm.tasks import compare_export_of_a_crm
from tests.crm.reconciling import AS_OF, HEAD, SAME, deals, export, keys

__all__ = ["deals"]
SignedIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_coordinator_compares_and_repairs_by_pages(
    deals: None, coordinator: Person, signed_in: SignedIn
) -> None:
    client = signed_in(coordinator)
    file = SimpleUploadedFile("november.csv", (HEAD + "1,Tents,Contract,1500,R-1,2026-12-01\n").encode())

    columns = client.post(reverse("crm:reconciliation-add"), {"source": "hubspot", "file": file})
    row = Reconciliation.objects.get()
    assert columns["Location"] == reverse("crm:reconciliation-columns", args=[row.pk])
    form = client.get(columns["Location"]).context["form"]
    typed = {field.html_name: field.value() or "" for field in form}
    typed["as_of"] = "2026-11-10T12:00"
    assert client.post(columns["Location"], typed).status_code == 302
    row.refresh_from_db()
    compare_export_of_a_crm(row.job_id)

    page = text_of(client.get(reverse("crm:reconciliation", args=[row.pk])))
    assert "Offer (offer) → Contract (contract)" in page
    one = row.differences.get(external_id="1")
    answer = client.post(
        reverse("crm:reconciliation-repair", args=[row.pk]),
        {"do": "chosen", "difference": one.pk},
        follow=True,
    )
    assert "1 deal is repaired." in text_of(answer)
    assert Deal.objects.get(external_id="1").stage.code == "contract"


def test_the_page_says_why_something_is_refused(
    deals: None, coordinator: Person, signed_in: SignedIn
) -> None:
    row, client = export(SAME), signed_in(coordinator)
    url = reverse("crm:reconciliation-repair", args=[row.pk])
    refused = client.post(url, {"do": "chosen"})
    assert (refused.status_code, "Choose at least one deal first." in text_of(refused)) == (400, True)
    refused = client.post(url, {"do": "leave", "difference": keys(row)})
    assert "Say why these deals stay" in text_of(refused)
    assert client.post(url, {"do": "all", "kind": "missing"}).status_code == 409


def test_a_file_that_is_none_is_refused_beside_the_field(
    deals: None, coordinator: Person, signed_in: SignedIn
) -> None:
    file = SimpleUploadedFile("x.xlsx", b"PK\x03\x04")
    answer = signed_in(coordinator).post(
        reverse("crm:reconciliation-add"), {"source": "hubspot", "file": file}
    )
    assert answer.status_code == 400
    assert "Save it as CSV" in answer.context["form"].errors["file"][0]
    assert not Reconciliation.objects.exists()


def test_the_lists_take_few_questions(
    deals: None, coordinator: Person, signed_in: SignedIn, pinned_queries: Any
) -> None:
    row, client = export(SAME), signed_in(coordinator)
    client.get(reverse("crm:reconciliation-list"))
    with pinned_queries("list"):
        assert "deals.csv" in text_of(client.get(reverse("crm:reconciliation-list")))
    with pinned_queries("page"):
        client.get(reverse("crm:reconciliation", args=[row.pk]))


def test_a_planner_sees_no_reconciliation(
    deals: None, analyst: Person, signed_in: SignedIn, api: Api
) -> None:
    row = export(SAME)
    assert signed_in(analyst).get(reverse("crm:reconciliation", args=[row.pk])).status_code == 403
    assert api(analyst).get("/api/v1/reconciliation-differences/").status_code == 403


def test_a_program_compares_and_repairs(deals: None, service_account: Person, api: Api) -> None:
    client = api(service_account)
    file = SimpleUploadedFile("d.csv", (HEAD + "1,Tents,offer,1500,R-1,2026-12-01\n").encode())

    made = client.post(
        "/api/v1/reconciliations/",
        {"source": "hubspot", "file": file, "as_of": AS_OF.isoformat(), "is_whole": False},
        format="multipart",
    )

    assert made.status_code == 202
    compare_export_of_a_crm(made.json()["job"])
    at = f"/api/v1/reconciliations/{made.json()['id']}/"
    assert client.get(at).json()["open"] == 1
    found = client.get("/api/v1/reconciliation-differences/", {"reconciliation": made.json()["id"]}).json()
    assert found["results"][0]["changes"]["amount"]["means"] == "1500"
    assert client.post(f"{at}repair/", {"ids": []}).status_code == 400
    assert client.post(f"{at}repair/", {"ids": [found["results"][0]["id"]]}).json() == {"deals": 1}
    assert client.post(f"{at}repair-all/", {}).status_code == 409
    assert client.post(f"{at}leave/", {"ids": [1], "reason": "x"}).json() == {"deals": 0}


def test_columns_that_are_none_are_refused_by_the_api(deals: None, service_account: Person, api: Api) -> None:
    file = SimpleUploadedFile("d.csv", SAME.encode())
    sent = {"source": "hubspot", "file": file, "columns": '["ID"]'}
    answer = api(service_account).post("/api/v1/reconciliations/", sent, format="multipart")
    assert answer.status_code == 400
    assert "field → heading" in answer.json()["error"]["message"]
    assert not Reconciliation.objects.exists()
