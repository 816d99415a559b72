"""Connecting a CRM by pages and API: what to paste where, the light, secrets, trying the address."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.models import Event as Entry
from core.models import Job, Person
from crm.engine.webhooks import ADAPTERS
from crm.engine.webhooks.firing import AGENT
from crm.models import Deal, Delivery, Endpoint, EndpointSecret
from crm.pipeline import test_firing
from crm.pipeline.inbox_draining import drain
from crm.services.endpoints import create_endpoint
from tests.crm.network import Through, by_a_worker, network, tried
from tests.crm.senders import (
    SECRET,
    hubspot_headers,
    message,
    our_address,
    post,
    push,
    standard_endpoint,
)

__all__ = ["network"]
pytestmark = pytest.mark.django_db
SignedIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# --- the steps --------------------------------------------------------------------------------


def test_the_first_step_offers_every_provider(advisor: Person, signed_in: SignedIn) -> None:
    page = text_of(signed_in(advisor).get(reverse("crm:endpoint-add")))
    for adapter in ADAPTERS.values():
        assert adapter.label in page


def test_hubspot_is_connected_step_by_step(advisor: Person, signed_in: SignedIn) -> None:
    client = signed_in(advisor)
    url = reverse("crm:endpoint-add-provider", args=["hubspot"])
    typed = {"label": "HubSpot EU", "source": "hubspot-eu", "secret": "client secret"}

    answer = client.post(url, typed, follow=True)

    endpoint = Endpoint.objects.get()
    assert (endpoint.provider, endpoint.label, endpoint.source) == ("hubspot", "HubSpot EU", "hubspot-eu")
    page = text_of(answer)
    assert our_address(endpoint) in page
    assert "Nothing has come from HubSpot yet" in page
    assert "client secret" not in page.lower().replace("client secret of the app", "")

    body = json.dumps([]).encode()
    assert (
        post(endpoint, body, hubspot_headers("client secret", our_address(endpoint), body)).status_code == 200
    )
    light = client.get(reverse("crm:endpoint-state", args=[endpoint.pk]))
    assert "Connected" in text_of(light)
    assert "hx-get" not in text_of(light)  # it stops asking


def test_a_secret_that_we_choose_is_shown_once(advisor: Person, signed_in: SignedIn) -> None:
    client = signed_in(advisor)
    made = client.post(reverse("crm:endpoint-add-provider", args=["pipedrive"]), {"label": "Pipedrive"})
    first = text_of(client.get(made["Location"]))
    again = text_of(client.get(made["Location"]))
    assert "shown only this once" in first
    assert "shown only this once" not in again


def test_somebody_elses_session_never_shows_the_secret(
    advisor: Person, service_account: Person, signed_in: SignedIn
) -> None:
    made = signed_in(advisor).post(
        reverse("crm:endpoint-add-provider", args=["standard"]), {"label": "Any sender"}
    )
    assert "shown only this once" not in text_of(signed_in(service_account).get(made["Location"]))


def test_a_secret_that_the_crm_shows_late_is_pasted_in_the_third_step(
    advisor: Person, signed_in: SignedIn
) -> None:
    client = signed_in(advisor)
    made = client.post(reverse("crm:endpoint-add-provider", args=["close"]), {"label": "Close"})
    assert not EndpointSecret.objects.exists()
    setup = made["Location"]

    refused = client.post(setup, {"secret": "not hexadecimal", "keep_old_hours": "0"})
    assert refused.status_code == 400
    assert "only the digits 0 to 9 and a to f" in text_of(refused)
    assert not EndpointSecret.objects.exists()

    client.post(setup, {"secret": "a1b2c3d4e5f6a7b8", "keep_old_hours": "0"})
    assert EndpointSecret.objects.count() == 1
    assert "Save the secret" not in text_of(client.get(setup))


def test_what_the_service_refuses_stands_beside_the_field(advisor: Person, signed_in: SignedIn) -> None:
    standard_endpoint(label="Any CRM")
    url = reverse("crm:endpoint-add-provider", args=["standard"])

    answer = signed_in(advisor).post(url, {"label": "Any CRM", "source": "here"})

    assert answer.status_code == 400
    assert Endpoint.objects.count() == 1
    assert answer.context["form"].errors


def test_a_provider_that_nobody_knows_is_not_found(advisor: Person, signed_in: SignedIn) -> None:
    assert signed_in(advisor).get("/crm/endpoints/add/nobody/").status_code == 404


# --- the light --------------------------------------------------------------------------------


def test_our_own_test_proves_the_address_but_lights_nothing(
    advisor: Person, signed_in: SignedIn, network: Through
) -> None:
    endpoint = standard_endpoint()
    client = signed_in(advisor)

    waiting = client.post(reverse("crm:endpoint-test", args=[endpoint.pk]), {"back": "setup"}, follow=True)
    assert "Waiting for a worker" in text_of(waiting)
    assert network.sent == []
    by_a_worker(Job.objects.get())
    page = text_of(client.get(reverse("crm:endpoint-setup", args=[endpoint.pk])))

    assert "was taken in 7 ms" in page
    assert "Your own test came on" in page
    assert "Waiting" in page
    assert "Connected" not in page
    push(endpoint, message(1, amount="5"))
    assert "Connected" in text_of(client.get(reverse("crm:endpoint-state", args=[endpoint.pk])))


def test_what_is_turned_away_is_said_where_one_waits(advisor: Person, signed_in: SignedIn) -> None:
    endpoint = standard_endpoint()
    assert push(endpoint, message(1), secret="whsec_" + "A" * 43 + "=").status_code == 401

    page = text_of(signed_in(advisor).get(reverse("crm:endpoint-setup", args=[endpoint.pk])))

    assert "Turned away" in page
    assert "the secret does not fit" in page


# --- trying the address -----------------------------------------------------------------------


def test_a_test_goes_the_whole_way_and_makes_no_deal(advisor: Person, network: Through) -> None:
    endpoint = standard_endpoint()

    job = tried(advisor, endpoint)

    assert (job.state, job.result["seconds"]) == ("done", 0.007)
    assert Delivery.objects.get().headers["user-agent"] == AGENT
    drain()
    assert not Deal.objects.exists()
    assert Entry.objects.filter(verb="endpoint tried", actor=advisor).exists()


@pytest.mark.parametrize(
    ("status", "says"),
    [(301, "no sender follows"), (401, "did not believe the signature"), (502, "Something other")],
)
def test_a_test_says_what_is_in_the_way(advisor: Person, network: Through, status: int, says: str) -> None:
    network.status = status
    job = tried(advisor, standard_endpoint())
    assert (job.state, says in job.error) == ("failed", True)


def test_a_test_says_when_nobody_answers(
    advisor: Person, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> Any:
        raise requests.ConnectionError

    monkeypatch.setattr(test_firing.requests, "post", gone)
    endpoint = standard_endpoint()
    tried(advisor, endpoint)
    page = text_of(signed_in(advisor).get(reverse("crm:endpoint", args=[endpoint.pk])))
    assert "Nobody answers at" in page
    assert "Try again" in page


def test_a_test_without_a_secret_or_while_off_is_refused(
    advisor: Person, signed_in: SignedIn, network: Through
) -> None:
    client = signed_in(advisor)
    waiting, _ = create_endpoint(actor=None, provider="close", label="Close")
    off = standard_endpoint()
    Endpoint.objects.filter(pk=off.pk).update(is_active=False)
    for endpoint, says in ((waiting, "There is no secret yet"), (off, "The connection is off")):
        page = text_of(client.post(reverse("crm:endpoint-test", args=[endpoint.pk]), follow=True))
        assert says in page
    assert not Job.objects.exists()


# --- secrets ----------------------------------------------------------------------------------


def test_two_secrets_live_while_one_is_changed_and_each_says_when_it_was_used(
    advisor: Person, signed_in: SignedIn
) -> None:
    endpoint, client = standard_endpoint(), signed_in(advisor)
    push(endpoint, message(1))

    answer = client.post(
        reverse("crm:endpoint-rotate", args=[endpoint.pk]),
        {"secret": "", "keep_old_hours": "24"},
        follow=True,
    )

    assert "shown only this once" in text_of(answer)
    page = text_of(client.get(reverse("crm:endpoint", args=[endpoint.pk])))
    assert "Both are accepted" in page
    assert page.count("End it now") == 2
    assert "never" in page  # the new one was not used yet


def test_a_leaked_secret_ends_at_once(advisor: Person, signed_in: SignedIn) -> None:
    endpoint = standard_endpoint()
    secret = EndpointSecret.objects.get()

    signed_in(advisor).post(reverse("crm:endpoint-secret-end", args=[secret.pk]))

    assert push(endpoint, message(1)).status_code == 401


def test_the_page_never_holds_a_secret(advisor: Person, signed_in: SignedIn) -> None:
    endpoint = standard_endpoint()
    for name in ("crm:endpoint", "crm:endpoint-setup", "crm:endpoint-edit"):
        page = signed_in(advisor).get(reverse(name, args=[endpoint.pk])).content.decode()
        assert SECRET not in page


# --- lists, rights ----------------------------------------------------------------------------


def test_the_list_says_how_each_connection_fares(
    manager: Person, signed_in: SignedIn, pinned_queries: Any
) -> None:
    standard_endpoint()
    heard = standard_endpoint(label="Other", source="other")
    push(heard, message(1, stage="nowhere"), message(2, stage="nowhere", deal="8"))
    drain()
    client = signed_in(manager)
    client.get(reverse("crm:endpoint-list"))

    with pinned_queries():
        page = text_of(client.get(reverse("crm:endpoint-list")))

    assert "Waiting for the first delivery" in page
    assert "Receiving" in page
    assert f'endpoint={heard.pk}&amp;state=needs_mapping">2</a>' in page
    assert "Connect a CRM" not in page  # a manager may look, not connect


def test_a_planner_sees_no_connections(analyst: Person, signed_in: SignedIn) -> None:
    endpoint, client = standard_endpoint(), signed_in(analyst)
    assert client.get(reverse("crm:endpoint-list")).status_code == 403
    assert client.get(reverse("crm:endpoint", args=[endpoint.pk])).status_code == 403


def test_a_manager_looks_but_changes_nothing(manager: Person, signed_in: SignedIn, network: Through) -> None:
    endpoint, client = standard_endpoint(), signed_in(manager)
    assert "Try the address" not in text_of(client.get(reverse("crm:endpoint", args=[endpoint.pk])))
    secret = EndpointSecret.objects.get()
    for name, key in (
        ("crm:endpoint-test", endpoint.pk),
        ("crm:endpoint-rotate", endpoint.pk),
        ("crm:endpoint-secret-end", secret.pk),
    ):
        assert client.post(reverse(name, args=[key])).status_code == 403
    assert network.sent == []


def test_a_connection_is_changed_and_a_stale_change_shows_both(advisor: Person, signed_in: SignedIn) -> None:
    endpoint, client = standard_endpoint(), signed_in(advisor)
    url = reverse("crm:endpoint-edit", args=[endpoint.pk])
    typed = {
        "label": "Any CRM",
        "silence_hours": "6",
        "adds_accounts": "on",
        "is_active": "on",
        "revision": "1",
    }

    assert client.post(url, typed).status_code == 302
    endpoint.refresh_from_db()
    assert endpoint.silence_hours == 6
    assert client.post(url, typed | {"silence_hours": "12"}).status_code == 409
