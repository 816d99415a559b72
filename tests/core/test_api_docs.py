"""The API in words: complete, and without any script."""

from collections.abc import Callable

from django.test import Client
from rest_framework.test import APIClient

from core.models import Person


def test_the_page_lists_every_request_with_what_it_takes(
    analyst: Person, signed_in: Callable[[Person], Client]
) -> None:
    text = signed_in(analyst).get("/api/docs/").content.decode()

    assert "/api/v1/jobs/{id}/cancel/" in text
    assert "subject_type" in text
    assert "Authorization: Token KEY" in text


def test_the_page_obeys_the_content_security_policy(
    analyst: Person, signed_in: Callable[[Person], Client]
) -> None:
    answer = signed_in(analyst).get("/api/docs/")

    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "<style" not in answer.content.decode()
    assert "style=" not in answer.content.decode()


def test_the_schema_describes_tokens_and_the_one_shape_of_errors(
    analyst: Person, api: Callable[[Person], APIClient]
) -> None:
    schema = api(analyst).get("/api/schema/?format=json").json()

    assert schema["openapi"].startswith("3.")
    assert schema["components"]["securitySchemes"]["token"]["name"] == "Authorization"
    assert "Error" in schema["components"]["schemas"]
    assert "409" in schema["paths"]["/api/v1/jobs/{id}/cancel/"]["post"]["responses"]


def test_a_person_is_changed_by_api_with_the_revision_read(
    advisor: Person, analyst: Person, api: Callable[[Person], APIClient]
) -> None:
    client = api(advisor)
    url = f"/api/v1/people/{analyst.pk}/"
    read = client.get(url).json()

    changed = client.patch(url, {"job_title": "Planner", "revision": read["revision"]})
    stale = client.patch(url, {"job_title": "Buyer", "revision": read["revision"]})
    without = client.patch(url, {"job_title": "Buyer"})

    assert changed.json()["revision"] == read["revision"] + 1
    assert stale.status_code == 409
    assert stale.json()["error"]["theirs"] == {"job_title": "Planner"}
    assert without.status_code == 400


def test_settings_are_read_and_changed_by_api(
    advisor: Person, analyst: Person, api: Callable[[Person], APIClient]
) -> None:
    changed = api(advisor).patch("/api/v1/company-settings/horizon/", {"value": 24, "revision": 0})
    refused = api(analyst).patch("/api/v1/company-settings/horizon/", {"value": 30, "revision": 1})
    unknown = api(advisor).get("/api/v1/company-settings/nonsense/")

    assert changed.json()["value"] == 24
    assert refused.status_code == 403
    assert "Allowed: VP of S&OP, Technical operations advisor" in refused.json()["error"]["message"]
    assert unknown.status_code == 404
