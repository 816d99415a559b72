"""Imports, profiles and mappings by API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import Job, Person
from gathering.models import ImportProfile, ImportRun, Mapping, UnmappedValue
from tests.gathering.pages.company import BAD, GOOD, HEADER, UNKNOWN, checked, committed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]


def upload(client, **fields: object):
    file = SimpleUploadedFile("sales.csv", (HEADER + GOOD).encode())
    return client.post("/api/v1/imports/", {"file": file, "dataset": "sales", **fields}, format="multipart")


def test_a_posted_file_is_accepted_with_its_run_and_job(service_account: Person, api) -> None:
    response = upload(api(service_account), source="erp")

    assert response.status_code == 202
    run = ImportRun.objects.get(pk=response.data["id"])
    assert run.job == Job.objects.get(pk=response.data["job"])
    assert (run.source, response.data["state"]) == ("erp", "uploaded")


def test_a_profile_is_named_by_its_code(service_account: Person, profile: ImportProfile, api) -> None:
    assert upload(api(service_account), profile="shop").status_code == 202
    assert ImportRun.objects.get().profile == profile

    unknown = upload(api(service_account), profile="nope")
    assert unknown.status_code == 400
    assert unknown.json()["error"]["reasons"][0]["field"] == "profile"


def test_the_same_file_again_is_a_409_with_the_way_to_the_first(service_account: Person, api) -> None:
    run = committed(service_account, GOOD)

    response = upload(api(service_account), source="erp")

    assert response.status_code == 409
    assert response.json()["error"]["reasons"][0]["url"] == f"/data/imports/{run.pk}/"


def test_problems_rejects_and_preview_of_a_checked_import(service_account: Person, api) -> None:
    run = checked(service_account, GOOD, BAD)
    client = api(service_account)

    problems = client.get(f"/api/v1/imports/{run.pk}/problems/").json()
    preview = client.get(f"/api/v1/imports/{run.pk}/preview/").json()
    rejects = b"".join(client.get(f"/api/v1/imports/{run.pk}/rejects/").streaming_content)

    assert problems["results"][0]["value"] == "many"
    assert float(preview["totals"]["quantity"]["accepted"]) == 16
    assert b"SO-3" in rejects


def test_a_commit_is_accepted_once(service_account: Person, api) -> None:
    run = checked(service_account, GOOD)
    url = f"/api/v1/imports/{run.pk}/commit/"

    assert api(service_account).post(url).status_code == 202
    assert api(service_account).post(url).status_code == 409


def test_a_cancel_needs_a_reason(coordinator: Person, api) -> None:
    run = checked(coordinator, GOOD)
    url = f"/api/v1/imports/{run.pk}/cancel/"

    assert api(coordinator).post(url, {}).status_code == 400
    assert api(coordinator).post(url, {"reason": "Wrong month"}).json()["state"] == "cancelled"


def test_a_committed_import_is_not_retried(coordinator: Person, api) -> None:
    run = committed(coordinator, GOOD)

    assert api(coordinator).post(f"/api/v1/imports/{run.pk}/retry/").status_code == 409


def test_an_unknown_name_has_suggestions_and_is_mapped(coordinator: Person, api) -> None:
    committed(coordinator, GOOD, UNKNOWN)
    name, client = UnmappedValue.objects.get(), api(coordinator)

    suggested = client.get(f"/api/v1/unmapped-values/{name.pk}/suggestions/").json()
    mapped = client.post(f"/api/v1/unmapped-values/{name.pk}/map/", {"target_code": "ESP-100"})

    assert suggested[0]["code"] == "ESP-100"
    assert mapped.json()["target_code"] == "ESP-100"
    assert Mapping.objects.get().value == "Espreso machine Uno"


def test_a_mapping_is_posted_and_patched_with_its_revision(coordinator: Person, api) -> None:
    client = api(coordinator)
    posted = client.post("/api/v1/mappings/", {"kind": "product", "value": "Mill", "target_code": "GRD-7"})
    url = f"/api/v1/mappings/{posted.json()['id']}/"

    assert posted.status_code == 201
    assert client.patch(url, {"target_code": "ESP-100"}).status_code == 400
    assert client.patch(url, {"target_code": "ESP-100", "revision": 1}).json()["revision"] == 2
    assert client.patch(url, {"target_code": "GRD-7", "revision": 1}).status_code == 409


def test_a_profile_with_mistakes_is_refused_with_all_of_them(coordinator: Person, api) -> None:
    body = {"code": "web", "name": "Web", "dataset": "sales", "definition": "decimal: x\nquote: y\n"}

    response = api(coordinator).post("/api/v1/import-profiles/", body)

    assert response.status_code == 400
    assert len(response.json()["error"]["reasons"]) == 2


def test_an_executive_may_use_none_of_it(executive: Person, api) -> None:
    for prefix in ("imports", "import-profiles", "mappings", "unmapped-values"):
        assert api(executive).get(f"/api/v1/{prefix}/").status_code == 403
