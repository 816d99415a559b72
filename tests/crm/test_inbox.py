"""Deliveries become events: split, known again, never lost, never in the way of others."""

import json
import random
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import InternalError
from django.utils import timezone

from crm.engine.webhooks import ADAPTERS, Event, EventKind
from crm.models import Delivery, Endpoint, InboxEvent
from crm.pipeline import inbox_reading
from crm.pipeline.inbox_draining import Drained, drain
from crm.pipeline.inbox_reading import clean, read_waiting
from crm.services.endpoints import create_endpoint
from tests.crm.senders import message, post, push, signed, standard_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint() -> Endpoint:
    return standard_endpoint()


def stored(endpoint: Endpoint, body: bytes) -> Delivery:
    """A delivery as the door leaves it."""
    return Delivery.objects.create(endpoint=endpoint, body=body, sha256="0" * 64)


def store_messages(endpoint: Endpoint, *messages: dict[str, Any]) -> Delivery:
    return stored(endpoint, json.dumps(list(messages)).encode())


def test_a_batch_of_a_hundred_becomes_a_hundred_events(endpoint: Endpoint) -> None:
    push(endpoint, *[message(n, deal=str(n), amount="10") for n in range(100)])
    assert read_waiting() == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.events, delivery.error) == ("read", 100, "")
    first = InboxEvent.objects.get(external_id="3")
    assert (first.entity, first.kind, first.fields, first.seen, first.state) == (
        "deal",
        "change",
        {"amount": "10"},
        1,
        "waiting",
    )
    assert (first.delivery, first.occurred.isoformat()) == (delivery, "2026-11-20T09:00:03+00:00")


def test_nothing_waiting_is_nothing_to_do() -> None:
    assert read_waiting() == 0
    assert drain() == Drained()


def test_a_change_seen_again_only_counts(endpoint: Endpoint) -> None:
    one, two = message(1, name="A"), message(2, name="B")
    store_messages(endpoint, one, two, one)
    store_messages(endpoint, one)
    read_waiting()
    store_messages(endpoint, two, one)
    read_waiting()
    seen = InboxEvent.objects.order_by("occurred").values_list("fields__name", "seen")
    assert list(seen) == [("A", 4), ("B", 2)]
    assert list(Delivery.objects.order_by("pk").values_list("events", flat=True)) == [3, 1, 2]


def test_the_same_change_at_another_endpoint_is_another_event(endpoint: Endpoint) -> None:
    other = standard_endpoint(label="Other", source="other")
    store_messages(endpoint, message(1, name="A"))
    store_messages(other, message(1, name="A"))
    read_waiting()
    assert InboxEvent.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"\xff\xfe", "The body is not JSON in UTF-8."),
        (b"[1]", "The body is not an object."),
        (b'{"type": "deal"}', "type is missing; it is such as deal.updated."),
        (json.dumps(message(kind=f"{'x' * 41}.updated")).encode(), "entity is longer than 40 characters."),
    ],
)
def test_what_cannot_be_read_says_why_and_holds_up_nothing(
    endpoint: Endpoint, body: bytes, says: str
) -> None:
    bad = stored(endpoint, body)
    good = store_messages(endpoint, message(1, name="A"))
    assert read_waiting() == 2
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.error, bad.events) == ("unreadable", says, 0)
    assert (good.state, InboxEvent.objects.count()) == ("read", 1)


def test_a_parser_that_breaks_costs_one_delivery(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    parse = ADAPTERS["standard"].parse

    def breaks(body: bytes) -> list[Event]:
        if b"break" in body:
            raise ZeroDivisionError
        return parse(body)

    monkeypatch.setitem(
        inbox_reading.ADAPTERS, "standard", type("Broken", (), {"parse": staticmethod(breaks)})
    )
    bad = store_messages(endpoint, message(1, name="break"))
    store_messages(endpoint, message(2, name="A"))
    assert read_waiting() == 2
    bad.refresh_from_db()
    assert (bad.state, bad.error) == ("unreadable", "The parser broke: ZeroDivisionError. Report it.")
    assert InboxEvent.objects.count() == 1


def test_what_the_database_refuses_costs_one_delivery(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = inbox_reading._rows

    def too_long(read: list[Any]) -> list[tuple[Any, ...]]:
        return [(*row[:4], "x" * 9, *row[5:]) if row[3] == "bad" else row for row in rows(read)]

    monkeypatch.setattr(inbox_reading, "_rows", too_long)
    bad = store_messages(endpoint, message(1, deal="bad"))
    good = store_messages(endpoint, message(2, deal="good"))
    assert read_waiting() == 2
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("unreadable", "read")
    assert "The database refuses what it holds" in bad.error
    assert InboxEvent.objects.get().external_id == "good"


def test_signs_that_a_database_cannot_keep_are_left_out(endpoint: Endpoint) -> None:
    assert clean("a\x00b\ud800c") == "ab?c"
    stored(endpoint, json.dumps(message(1, name="A\x00\ud800")).encode())
    read_waiting()
    assert InboxEvent.objects.get().fields == {"name": "A?"}


def test_a_key_longer_than_its_column_is_kept_as_its_hash(endpoint: Endpoint) -> None:
    merged = [f"{'m' * 150}{n}" for n in range(6)]
    store_messages(endpoint, message(1, kind="deal.merged", merged=merged))
    store_messages(endpoint, message(1, kind="deal.merged", merged=merged))
    store_messages(endpoint, message(1, kind="deal.merged", merged=[*merged[:-1], "other"]))
    read_waiting()
    found = InboxEvent.objects.order_by("pk")
    assert sorted(one.seen for one in found) == [1, 2]
    assert {len(one.dedupe_key) for one in found} == {64}
    assert merged in [one.merged for one in found]


def test_a_few_huge_deliveries_are_a_batch_as_well(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_reading, "EVENTS_AT_ONCE", 15)
    for part in range(3):
        store_messages(endpoint, *[message(n, deal=f"{part}-{n}") for n in range(10)])
    assert [read_waiting(), read_waiting(), read_waiting()] == [2, 1, 0]
    assert InboxEvent.objects.count() == 30


def test_the_order_of_rows_is_that_of_their_keys_whatever_came_first(endpoint: Endpoint) -> None:
    """Two workers that store the same changes then never wait for each other in a circle."""
    numbers = list(range(30))
    random.Random(4).shuffle(numbers)
    delivery = store_messages(endpoint, *[message(n, deal=str(n)) for n in numbers])
    keys = [row[7] for row in inbox_reading._rows([inbox_reading._read(delivery)])]
    assert keys == sorted(keys)


def test_hubspots_batch_is_split_into_its_properties() -> None:
    endpoint, _ = create_endpoint(actor=None, provider="hubspot", label="HubSpot", secret="s")
    common = {"portalId": 1, "objectId": 7, "subscriptionType": "deal.propertyChange", "subscriptionId": 2}
    change = common | {"propertyName": "amount", "propertyValue": "10", "occurredAt": 1795250001500}
    again = change | {"attemptNumber": 3}
    stored(endpoint, json.dumps([change, change | {"propertyName": "dealname"}, again]).encode())
    read_waiting()
    found = InboxEvent.objects.order_by("fields").values_list("fields", "seen", "kind")
    assert sorted(found, key=str) == [
        ({"amount": "10"}, 2, EventKind.CHANGE),
        ({"name": "10"}, 1, EventKind.CHANGE),
    ]


def test_an_empty_payload_is_read_and_holds_no_events(endpoint: Endpoint) -> None:
    store_messages(endpoint)
    assert read_waiting() == 1
    assert (Delivery.objects.get().state, InboxEvent.objects.count()) == ("read", 0)


def test_a_delivery_stays_as_it_came_by_rule_of_the_database(endpoint: Endpoint) -> None:
    delivery = store_messages(endpoint, message())
    for change in ({"body": b"other"}, {"headers": {}}, {"received": timezone.now()}):
        with pytest.raises(InternalError, match="stays as it came"), transaction.atomic():
            Delivery.objects.filter(pk=delivery.pk).update(**change)
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM crm_delivery")


def test_what_is_delivered_is_signed_anew_each_time_and_kept_each_time(endpoint: Endpoint) -> None:
    body = json.dumps(message(1, name="A")).encode()
    for number in range(3):
        assert post(endpoint, body, signed(body, key=f"msg_{number}")).status_code == 200
    drain()
    assert Delivery.objects.count() == 3
    assert InboxEvent.objects.get().seen == 3
