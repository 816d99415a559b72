"""Outgoing webhooks: signed, retried until acknowledged, shown where they fail."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from core.errors import Denied, Invalid, Refused
from core.models import Event, Person
from planning.models import Cycle, Dispatch, Release, Subscription
from planning.pipeline.dispatching import WAITS, refused_address, send_waiting
from planning.services.moves import make_move
from planning.services.outgoing import (
    add_subscription,
    change_subscription,
    renew_secret,
    send_again,
    try_subscription,
)
from tests.planning.release import ready


@dataclass
class Receiver:
    """The other side: remembers what came, and answers with `status`."""

    url: str = ""
    status: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.got.append((dict(self.headers.items()), body))
            self.send_response(made.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/plans"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def subscription(advisor: Person, receiver: Receiver) -> Subscription:
    return add_subscription(actor=advisor, label="ERP", url=receiver.url)


@pytest.fixture
def told(
    subscription: Subscription, ready_cycle: Cycle, coordinator: Person, vp: Person, executives: list[Person]
) -> Release:
    """A release that has one subscriber."""
    ready.approved(ready_cycle, coordinator, executives)
    make_move(actor=vp, cycle=ready_cycle, name="release")
    return Release.objects.get(cycle=ready_cycle)


def test_a_release_is_told_with_a_signature_that_verifies(
    told: Release, receiver: Receiver, subscription: Subscription
) -> None:
    assert send_waiting() == 1
    headers, body = receiver.got[0]
    payload = Webhook(subscription.secret).verify(body, headers)
    assert payload["type"] == "plan.released"
    assert payload["data"]["content_hash"] == told.content_hash
    assert payload["data"]["totals"]["units"] == 3 * 18 * 100 - ready.SHORT
    assert Dispatch.objects.get().delivered is not None
    assert send_waiting() == 0  # once is enough
    assert len(receiver.got) == 1


def test_a_changed_body_or_another_secret_does_not_verify(
    told: Release, receiver: Receiver, subscription: Subscription
) -> None:
    send_waiting()
    headers, body = receiver.got[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(subscription.secret).verify(body.replace(b"2026", b"2027"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 43 + "=").verify(body, headers)


def test_what_fails_is_tried_again_with_growing_waits_until_it_is_acknowledged(
    told: Release, receiver: Receiver
) -> None:
    receiver.status = 503
    now = timezone.now()
    assert send_waiting(now) == 0
    dispatch = Dispatch.objects.get()
    assert (dispatch.attempts, dispatch.last_error) == (1, "Answered 503 Service Unavailable.")
    assert dispatch.next_try == now + timedelta(seconds=WAITS[0])
    assert send_waiting(now) == 0  # not due yet: not even tried
    assert len(receiver.got) == 1

    later = now + timedelta(seconds=WAITS[0])
    send_waiting(later)
    dispatch.refresh_from_db()
    assert dispatch.next_try == later + timedelta(seconds=WAITS[1])
    receiver.status = 200
    assert send_waiting(later + timedelta(seconds=WAITS[1])) == 1
    ids = {json.dumps(headers["webhook-id"]) for headers, _ in receiver.got}
    assert (len(receiver.got), len(ids)) == (3, 1)  # the other side knows a repetition by its id


def test_after_the_last_try_it_waits_for_somebody(told: Release, receiver: Receiver, advisor: Person) -> None:
    receiver.status = 500
    Dispatch.objects.update(attempts=len(WAITS))
    send_waiting()
    dispatch = Dispatch.objects.get()
    assert dispatch.next_try is None
    receiver.status = 200
    send_again(actor=advisor, dispatch=dispatch)
    assert send_waiting() == 1
    with pytest.raises(Refused, match="arrived"):
        send_again(actor=advisor, dispatch=dispatch)


def test_nobody_there_is_a_sentence(told: Release, subscription: Subscription) -> None:
    Subscription.objects.update(url="http://127.0.0.1:1/none")
    send_waiting()
    assert Dispatch.objects.get().last_error.startswith("No answer")


def test_one_that_is_switched_off_is_not_told(
    subscription: Subscription, advisor: Person, release: Release
) -> None:
    assert Dispatch.objects.count() == 1
    change_subscription(
        actor=advisor, subscription=subscription, revision=subscription.revision, changes={"is_active": False}
    )
    assert send_waiting() == 0


def test_a_redirect_is_not_followed(told: Release, receiver: Receiver) -> None:
    receiver.status = 302
    send_waiting()
    assert len(receiver.got) == 1


def test_the_secret_is_never_in_the_event_log(subscription: Subscription, advisor: Person) -> None:
    renewed = renew_secret(actor=advisor, subscription=subscription)
    assert renewed.secret != subscription.secret
    said = json.dumps(list(Event.objects.values_list("before", "after")))
    assert "whsec_" not in said


def test_a_test_message_says_how_it_went(
    subscription: Subscription, receiver: Receiver, advisor: Person
) -> None:
    assert try_subscription(actor=advisor, subscription=subscription) == ""
    receiver.status = 404
    assert "404" in try_subscription(actor=advisor, subscription=subscription)
    assert not Dispatch.objects.exclude(next_try=None).exists()  # a test is not tried again


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://10.0.0.8/x", "private network"),
        ("https://192.168.1.1/x", "private network"),
        ("https://169.254.169.254/latest", "private network"),
        ("https://[fd00::1]/x", "private network"),
        ("http://8.8.8.8/x", "Use https"),
        ("ftp://8.8.8.8/x", "not a web address"),
        ("https://no-such-host.invalid/x", "not known"),
    ],
)
def test_addresses_that_are_never_told(advisor: Person, url: str, word: str) -> None:
    with pytest.raises(Invalid, match=word):
        add_subscription(actor=advisor, label="ERP", url=url)


def test_in_production_this_machine_is_private_too() -> None:
    assert refused_address("http://127.0.0.1/x") == ""
    with override_settings(MODE="production"):
        assert "private network" in refused_address("https://127.0.0.1/x")


def test_only_the_advisor_connects_webhooks(manager: Person, subscription: Subscription) -> None:
    with pytest.raises(Denied):
        add_subscription(actor=manager, label="Mine", url="https://8.8.8.8/x")
    with pytest.raises(Denied):
        renew_secret(actor=manager, subscription=subscription)


def test_the_pages_connect_show_the_secret_once_try_and_edit(
    advisor: Person, receiver: Receiver, signed_in: Callable[[Person], Client]
) -> None:
    client = signed_in(advisor)
    assert "No outgoing webhooks yet" in client.get("/outgoing-webhooks/").content.decode()
    typed = {"label": "ERP", "url": "https://10.1.1.1/x", "events": ["plan.released"]}
    refused = client.post("/outgoing-webhooks/add/", typed)
    assert "private network" in refused.content.decode()
    client.post(
        "/outgoing-webhooks/add/",
        {"label": "ERP", "url": receiver.url, "events": ["plan.released"], "is_active": "on"},
    )
    row = Subscription.objects.get()
    url = f"/outgoing-webhooks/{row.pk}/"
    assert row.secret in client.get(url).content.decode()
    assert row.secret not in client.get(url).content.decode()
    assert client.post(f"{url}try/").status_code == 302
    assert len(receiver.got) == 1
    client.post(
        f"{url}edit/",
        {"label": "SAP", "url": receiver.url, "events": ["plan.released"], "revision": row.revision},
    )
    row.refresh_from_db()
    assert (row.label, row.is_active) == ("SAP", False)
    client.post(f"{url}secret/")
    row.refresh_from_db()
    assert row.secret in client.get(url).content.decode()


def test_a_stuck_message_is_shown_and_sent_again(
    told: Release, receiver: Receiver, advisor: Person, signed_in: Callable[[Person], Client]
) -> None:
    receiver.status = 500
    send_waiting()
    dispatch = Dispatch.objects.get()
    client, url = signed_in(advisor), f"/outgoing-webhooks/{dispatch.subscription_id}/"
    assert "Did not arrive yet" in client.get(url).content.decode()
    assert client.post(f"/outgoing-webhooks/messages/{dispatch.pk}/again/").status_code == 302
    receiver.status = 200
    assert send_waiting() == 1
