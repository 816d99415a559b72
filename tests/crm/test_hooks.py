"""The door: who is let in, who is not, and what each is told."""

import datetime as dt
import hashlib
import io
import json
import logging
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Delivery, Endpoint, EndpointSecret
from crm.selectors.inbox import open_door, path_of
from crm.services.endpoints import create_endpoint, rotate_secret
from crm.services.receiving import _logged
from crm.views import hooks
from crm.views.hooks import MOST_BYTES, HookDoor, hook
from tests.crm.senders import (
    SECRET,
    hubspot_headers,
    message,
    our_address,
    post,
    push,
    signed,
    standard_endpoint,
)

pytestmark = pytest.mark.django_db
BODY = json.dumps(message(name="Pumps")).encode()


@pytest.fixture
def endpoint() -> Endpoint:
    return standard_endpoint()


def test_a_signed_delivery_is_stored_byte_for_byte_and_acknowledged(endpoint: Endpoint) -> None:
    headers = signed(BODY) | {"authorization": "Basic c2VjcmV0", "cookie": "a=b", "user-agent": "CRM/1"}
    answer = post(endpoint, BODY, headers)

    assert (answer.status_code, answer.content) == (200, b'{"received": true}')
    stored = Delivery.objects.get()
    assert (bytes(stored.body), stored.state, stored.endpoint) == (BODY, "waiting", endpoint)
    assert stored.sha256 == hashlib.sha256(BODY).hexdigest()
    assert stored.headers["webhook-id"] == "msg_1"
    assert stored.headers["user-agent"] == "CRM/1"
    assert not {"authorization", "cookie"} & set(stored.headers)


@pytest.mark.parametrize("slash", ["", "/"])
@override_settings(SECURE_SSL_REDIRECT=True)
def test_the_address_works_with_and_without_the_last_slash_and_never_redirects(
    endpoint: Endpoint, slash: str
) -> None:
    assert push(endpoint, message(), path=f"/hooks/{endpoint.key}{slash}").status_code == 200


def test_the_address_is_found_by_name_as_well_and_needs_no_token_of_a_form(endpoint: Endpoint) -> None:
    request = RequestFactory(enforce_csrf_checks=True).post(
        path_of(endpoint.key), BODY, content_type="application/json", headers=signed(BODY)
    )
    assert hook(request, str(endpoint.key)).status_code == 200


def test_head_says_that_the_address_is_there(endpoint: Endpoint) -> None:
    assert post(endpoint, b"", {}, method="HEAD").status_code == 200
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_told_what_the_address_is_for(endpoint: Endpoint, method: str) -> None:
    answer = post(endpoint, b"", {}, method=method)
    assert (answer.status_code, answer["Allow"]) == (405, "POST, HEAD")
    assert b"by POST" in answer.content


@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_unknown_paused_and_senseless_addresses_look_alike(endpoint: Endpoint, method: str) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(is_active=False)
    paths = [path_of(endpoint.key), path_of(uuid4()), "/hooks/nothing/", "/hooks/%00%ff/"]
    answers = [post(endpoint, BODY, signed(BODY), path=path, method=method) for path in paths]
    assert {(one.status_code, one.content, tuple(one.items())) for one in answers} == {
        (404, answers[0].content, tuple(answers[0].items()))
    }


def test_unknown_and_paused_addresses_ask_the_database_the_same(endpoint: Endpoint) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(is_active=False)
    asked = []
    for path in (path_of(endpoint.key), path_of(uuid4()), "/hooks/nothing/"):
        with CaptureQueriesContext(connection) as queries:
            post(endpoint, BODY, signed(BODY), path=path)
        asked.append(len(queries))
    assert asked == [1, 1, 1]


def spoilt(name: str) -> tuple[bytes, dict[str, str]]:
    """A delivery with one thing wrong."""
    now = int(time.time())
    spoil: dict[str, Callable[[], tuple[bytes, dict[str, str]]]] = {
        "no headers": lambda: (BODY, {}),
        "another body": lambda: (BODY + b" ", signed(BODY)),
        "another secret": lambda: (
            BODY,
            signed(BODY, secret="whsec_" + "eHh4" * 8),
        ),
        "too old": lambda: (BODY, signed(BODY, stamp=now - 301)),
        "from the future": lambda: (BODY, signed(BODY, stamp=now + 330)),
        "no comma": lambda: (BODY, signed(BODY) | {"webhook-signature": "v1"}),
        "two commas": lambda: (BODY, signed(BODY) | {"webhook-signature": "v1,a,b"}),
        "not ASCII": lambda: (BODY, signed(BODY) | {"webhook-signature": "v1,é"}),
        "no number": lambda: (BODY, signed(BODY) | {"webhook-timestamp": "1.5e9"}),
        "not UTF-8": lambda: (b"\xff\xfe{}", signed(BODY)),
        "nothing": lambda: (b"", signed(BODY)),
    }
    return spoil[name]()


@pytest.mark.parametrize(
    "name",
    [
        "no headers",
        "another body",
        "another secret",
        "too old",
        "from the future",
        "no comma",
        "two commas",
        "not ASCII",
        "no number",
        "not UTF-8",
        "nothing",
    ],
)
def test_who_is_not_proven_gets_one_fixed_sentence_and_leaves_nothing(endpoint: Endpoint, name: str) -> None:
    answer = post(endpoint, *spoilt(name))
    assert (answer.status_code, answer.content) == (
        401,
        b"The sender of this delivery could not be verified.",
    )
    assert Delivery.objects.count() == 0
    endpoint.refresh_from_db()
    assert (endpoint.turned_away, endpoint.first_verified) == (1, None)
    assert endpoint.last_turned_away is not None


def test_any_changed_byte_of_the_body_is_noticed(endpoint: Endpoint) -> None:
    body = json.dumps(message(name="P")).encode()
    headers = signed(body)
    for place in range(len(body)):
        changed = bytearray(body)
        changed[place] ^= 1
        assert post(endpoint, bytes(changed), headers).status_code == 401
    endpoint.refresh_from_db()
    assert endpoint.turned_away == len(body)


def test_turning_away_is_logged_once_a_minute_and_never_with_the_body(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    _logged.clear()
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            post(endpoint, BODY, {})
    assert len(caplog.records) == 1
    assert "turned a delivery away" in caplog.text
    assert "Pumps" not in caplog.text
    assert str(endpoint.key) not in caplog.text


def test_a_verified_body_that_is_no_payload_is_kept_for_the_advisor(endpoint: Endpoint) -> None:
    body = b"\xff\xfe not json"
    assert post(endpoint, body, signed(body)).status_code == 200
    assert bytes(Delivery.objects.get().body) == body


def test_an_endpoint_without_a_secret_turns_everybody_away() -> None:
    endpoint, secret = create_endpoint(actor=None, provider="hubspot", label="HubSpot")
    assert secret == ""
    assert post(endpoint, b"[]", hubspot_headers("", our_address(endpoint), b"[]")).status_code == 401


def test_the_first_verified_delivery_is_noted_and_then_at_most_one_a_minute(endpoint: Endpoint) -> None:
    push(endpoint, message(1))
    endpoint.refresh_from_db()
    secret = endpoint.secrets.get()
    first = endpoint.first_verified
    assert first is not None
    assert (endpoint.last_verified, secret.last_used) == (first, first)

    with CaptureQueriesContext(connection) as queries:
        push(endpoint, message(2))
    assert len(queries) == 2  # who it is, and what it brought
    earlier = first - dt.timedelta(seconds=61)
    Endpoint.objects.filter(pk=endpoint.pk).update(last_verified=earlier)
    EndpointSecret.objects.update(last_used=earlier)
    push(endpoint, message(3))
    endpoint.refresh_from_db()
    secret.refresh_from_db()
    assert endpoint.first_verified == first
    assert endpoint.last_verified is not None
    assert secret.last_used is not None
    assert min(endpoint.last_verified, secret.last_used) > first


def test_what_deliveries_note_is_no_history(endpoint: Endpoint) -> None:
    push(endpoint, message(1))
    post(endpoint, BODY, {})
    assert endpoint.history.count() == 1  # type: ignore[attr-defined]
    assert endpoint.secrets.get().history.count() == 1


def test_two_secrets_live_side_by_side_until_the_old_one_ends(endpoint: Endpoint) -> None:
    _, new = rotate_secret(actor=None, endpoint=endpoint, keep_old_hours=1)
    assert push(endpoint, message(1), secret=new).status_code == 200
    assert push(endpoint, message(2), secret=SECRET).status_code == 200
    assert [one.secret_id for one in Delivery.objects.order_by("pk")] == list(
        EndpointSecret.objects.order_by("-pk").values_list("pk", flat=True)
    )
    EndpointSecret.objects.filter(expires__isnull=False).update(expires=timezone.now())
    assert push(endpoint, message(3), secret=SECRET).status_code == 401
    assert push(endpoint, message(4), secret=new).status_code == 200


# --- size -------------------------------------------------------------------------------------


def test_a_mebibyte_is_taken_and_a_byte_more_is_not(endpoint: Endpoint) -> None:
    most = b"x" * MOST_BYTES
    assert post(endpoint, most, signed(most)).status_code == 200
    more = most + b"x"
    answer = post(endpoint, more, signed(more))
    assert (answer.status_code, b"1 MiB" in answer.content) == (413, True)
    assert Delivery.objects.count() == 1


class Counted(io.BytesIO):
    """A body that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size)
        self.taken += len(block)
        return block


def raw(endpoint: Endpoint, body: Counted, **environ: Any) -> HttpResponse:
    """A request as a web server hands it over, with a length of our choice."""
    request = RequestFactory().generic("POST", path_of(endpoint.key), headers=signed(body.getvalue()))
    request.META.pop("CONTENT_LENGTH", None)
    request.META.update({"wsgi.input": body, "wsgi.input_terminated": True, **environ})
    return hook(request, str(endpoint.key))


def test_without_a_length_no_more_than_the_cap_is_read(endpoint: Endpoint) -> None:
    body = Counted(b"x" * (5 * MOST_BYTES))
    assert raw(endpoint, body).status_code == 413
    assert body.taken == MOST_BYTES + 1


def test_a_body_in_chunks_without_a_length_is_taken_whole(endpoint: Endpoint) -> None:
    assert raw(endpoint, Counted(BODY)).status_code == 200
    assert bytes(Delivery.objects.get().body) == BODY


def test_a_length_that_lies_gets_no_more_read_than_it_says(endpoint: Endpoint) -> None:
    body = Counted(b"x" * 5000)
    assert raw(endpoint, body, CONTENT_LENGTH="10").status_code == 401
    assert body.taken == 10
    assert raw(endpoint, Counted(BODY), CONTENT_LENGTH=str(MOST_BYTES)).status_code == 200  # it ended earlier


@pytest.mark.parametrize("length", ["-1", "ten", "1.0", "²"])
def test_a_length_that_is_no_number_is_refused(endpoint: Endpoint, length: str) -> None:
    assert raw(endpoint, Counted(BODY), CONTENT_LENGTH=length).status_code == 400


@pytest.mark.parametrize(("error", "status"), [(TimeoutError, 408), (ConnectionResetError, 400)])
def test_a_body_that_breaks_off_is_no_crash(endpoint: Endpoint, error: type[OSError], status: int) -> None:
    class Broken(Counted):
        def read(self, size: int | None = -1, /) -> bytes:
            raise error

    assert raw(endpoint, Broken(BODY), CONTENT_LENGTH="20").status_code == status


def test_a_database_that_is_down_asks_to_send_again(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(hooks, "open_door", gone)
    answer = push(endpoint, message())
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


# --- before all other middleware --------------------------------------------------------------


def test_deliveries_pass_no_other_middleware(endpoint: Endpoint) -> None:
    def refuse(request: HttpRequest) -> HttpResponse:
        raise AssertionError("went on")

    door = HookDoor(refuse)
    request = RequestFactory().post(
        path_of(endpoint.key), BODY, content_type="application/json", headers=signed(BODY)
    )
    assert door(request).status_code == 200
    with pytest.raises(AssertionError, match="went on"):
        door(RequestFactory().get("/hooks/"))
    assert settings.MIDDLEWARE[0] == "crm.views.hooks.HookDoor"


def test_pages_below_the_doors_go_on_to_their_rooms(client: Client) -> None:
    assert client.get("/hooks/one/two/").status_code == 404


def test_a_door_is_open_for_its_own_key_only(endpoint: Endpoint) -> None:
    found = open_door(endpoint.key, timezone.now())
    assert found is not None
    assert (found.endpoint, len(found.secrets)) == (endpoint.pk, 1)
    assert open_door(uuid4(), timezone.now()) is None
