"""Connecting CRMs by API, and the requests that try an address."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from core.models import Job, Person
from crm.engine.webhooks import ADAPTERS, Arrival, Rejected, Secret
from crm.engine.webhooks.firing import TEST, fired
from crm.engine.webhooks.guides import GUIDES
from crm.models import Endpoint, EndpointSecret, InboxEvent
from crm.pipeline.inbox_draining import drain
from crm.services.endpoints import rotate_secret
from tests.crm.network import Through, by_a_worker, network, tried
from tests.crm.senders import SECRET, standard_endpoint

__all__ = ["network"]
pytestmark = pytest.mark.django_db
Api = Callable[[Person], APIClient]
KEYS = {
    "hubspot": "a client secret",
    "salesforce": "00D000000000001AAA",
    "pipedrive": "user:pass:word",
    "zendesk": "dGhpc19zZWNyZXQ=",
    "close": "a1b2c3",
    "zoho": "a token",
    "standard": SECRET,
}


@pytest.mark.parametrize("provider", list(ADAPTERS))
def test_a_test_of_each_provider_is_believed_and_changes_no_record(provider: str) -> None:
    now, url = timezone.now(), "https://planning.example.com/hooks/1/"
    made = fired(provider, KEYS[provider], url, now)
    arrival = Arrival("POST", url, made.headers, made.body)

    trusted = ADAPTERS[provider].verify(arrival, [Secret("1", KEYS[provider])], now)

    assert trusted.key == "1"
    assert {event.entity for event in ADAPTERS[provider].parse(made.body)} <= {TEST}
    with pytest.raises(Rejected):
        other = "00D00000000000ZAAA" if provider == "salesforce" else "whsec_" + "A" * 32
        ADAPTERS[provider].verify(arrival, [Secret("2", other)], now)


def test_a_secret_of_another_form_is_no_test() -> None:
    with pytest.raises(Rejected, match="not the form"):
        fired("close", "no hexadecimal", "https://x.example/hooks/1/", timezone.now())


def test_each_provider_has_a_guide() -> None:
    assert set(GUIDES) == set(ADAPTERS)
    assert all(guide.steps and guide.secret_label for guide in GUIDES.values())


def test_a_program_connects_a_crm_and_reads_the_secret_once(advisor: Person, api: Api) -> None:
    client = api(advisor)

    made = client.post("/api/v1/endpoints/", {"provider": "standard", "label": "ERP", "source": "erp"})

    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    shown = client.get(f"/api/v1/endpoints/{made.json()['id']}/").json()
    assert "secret" not in shown
    assert shown["address"].endswith(f"/hooks/{Endpoint.objects.get().key}/")
    assert shown["state"] == "Waiting for the first delivery"
    assert [one["last_used"] for one in shown["secrets"]] == [None]


def test_a_program_rotates_ends_tries_and_changes(advisor: Person, api: Api, network: Through) -> None:
    endpoint, client = standard_endpoint(), api(advisor)
    at = f"/api/v1/endpoints/{endpoint.pk}/"

    rotated = client.post(f"{at}rotate/", {"keep_old_hours": 2})
    assert rotated.status_code == 200
    assert rotated.json()["secret"].startswith("whsec_")
    assert len(client.get(at).json()["secrets"]) == 2
    asked = client.post(f"{at}test/")
    assert asked.status_code == 202
    by_a_worker(Job.objects.get(pk=asked.json()["job"]))
    assert "was taken in" in client.get(f"/api/v1/jobs/{asked.json()['job']}/").json()["result"]["text"]
    old = EndpointSecret.objects.order_by("pk").first()
    assert client.post(f"{at}end-secret/", {"secret": old.pk}).status_code == 200
    assert client.post(f"{at}end-secret/", {"secret": old.pk}).status_code == 409
    assert client.patch(at, {"silence_hours": 3, "revision": 1}).json()["silence_hours"] == 3
    assert client.patch(at, {"silence_hours": 4, "revision": 1}).status_code == 409


def test_a_program_reads_the_guides(manager: Person, api: Api) -> None:
    guides = api(manager).get("/api/v1/endpoints/providers/").json()
    assert {one["provider"] for one in guides} == set(ADAPTERS)


def test_a_program_without_the_right_is_refused(manager: Person, analyst: Person, api: Api) -> None:
    endpoint = standard_endpoint()
    assert api(analyst).get("/api/v1/endpoints/").status_code == 403
    assert api(manager).get("/api/v1/endpoints/").status_code == 200
    assert api(manager).post(f"/api/v1/endpoints/{endpoint.pk}/rotate/").status_code == 403
    made = api(manager).post("/api/v1/endpoints/", {"provider": "standard", "label": "X"})
    assert made.status_code == 403


def test_rotating_keeps_no_more_than_two(advisor: Person, api: Api) -> None:
    endpoint = standard_endpoint()
    for _ in range(3):
        rotate_secret(actor=advisor, endpoint=endpoint)
    assert len(api(advisor).get(f"/api/v1/endpoints/{endpoint.pk}/").json()["secrets"]) == 2


def test_no_event_is_made_of_a_test(advisor: Person, network: Through) -> None:
    assert tried(advisor, standard_endpoint()).state == "done"
    drain()
    assert not InboxEvent.objects.exclude(state="skipped").exists()
