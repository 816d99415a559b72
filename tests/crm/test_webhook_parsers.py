"""Every parser against ten thousand bodies each: it reads, or says why not; it never breaks or swells.

The bodies are real payloads with a few things bent, so that they get deep into the parser, and now
and then anything at all.
"""

import copy
import datetime as dt
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.engine.webhooks import ADAPTERS, Arrival, Event, EventKind, Rejected, Secret, Unreadable, salesforce
from crm.engine.webhooks.hiding import hidden
from crm.pipeline.inbox_reading import _key, clean

NOW = dt.datetime(2026, 11, 20, 9, 15, tzinfo=dt.UTC)
CASES = 10_000
MOST_MEMORY = 32 * 1024 * 1024
COMMON = {"portalId": 1, "occurredAt": 1795250001500, "objectId": 7}
CHANGE_EVENT = {
    "payload": {
        "ChangeEventHeader": {
            "entityName": "Opportunity",
            "recordIds": ["006000000000001AAA"],
            "changeType": "UPDATE",
            "commitTimestamp": 1795250001500,
            "commitNumber": 5,
            "sequenceNumber": 1,
            "transactionKey": "t",
            "nulledFields": ["NextStep"],
        },
        "StageName": "Won",
        "Amount": 12.5,
    }
}
SEEDS: dict[str, list[Any]] = {
    "hubspot": [
        [COMMON | {"subscriptionType": "deal.propertyChange", "propertyName": "amount", "propertyValue": ""}],
        [COMMON | {"subscriptionType": "deal.deletion"}, COMMON | {"eventType": "object.creation"}],
        [
            COMMON
            | {
                "subscriptionType": "deal.merge",
                "primaryObjectId": 1,
                "mergedObjectIds": [2, 3],
                "newObjectId": 4,
            }
        ],
        [
            COMMON
            | {
                "subscriptionType": "deal.associationChange",
                "associationType": "DEAL_TO_COMPANY",
                "fromObjectId": 7,
                "toObjectId": 8,
                "associationRemoved": True,
            }
        ],
    ],
    "salesforce": [CHANGE_EVENT, [CHANGE_EVENT, CHANGE_EVENT]],
    "pipedrive": [
        {
            "meta": {
                "action": "change",
                "entity": "deal",
                "entity_id": 7,
                "id": "u",
                "timestamp": "2026-11-20",
            },
            "data": {"title": "Pumps", "value": 12.5, "stage_id": 3, "owner_id": {"id": 4}, "status": "won"},
        },
        {
            "meta": {"action": "updated", "object": "deal", "id": 7, "timestamp_micro": 1795250001500000},
            "current": {"title": "Pumps", "org_id": {"value": 4}, "close_time": "2026-11-20"},
        },
    ],
    "zendesk": [
        {
            "type": "zen:event-type:organization.created",
            "id": "e",
            "time": "2026-11-20T09:15:43Z",
            "detail": {"id": 7, "name": "Alder", "external_id": "A-1"},
        }
    ],
    "close": [
        {
            "event": {
                "id": "e",
                "object_type": "opportunity",
                "object_id": "o",
                "action": "updated",
                "date_updated": "2026-11-20T09:15:43",
                "data": {"id": "o", "value": 100000, "value_currency": "EUR", "confidence": 50},
                "previous_data": {"id": ["p"]},
            }
        },
        {
            "event": {
                "id": "e",
                "object_type": "lead",
                "object_id": "o",
                "action": "merged",
                "merged_ids": ["p"],
            }
        },
    ],
    "zoho": [
        {
            "module": "Deals",
            "operation": "update",
            "ids": ["4", "5"],
            "server_time": 1795250001500,
            "token": "t",
            "affected_values": [
                {"record_id": "4", "values": {"Stage": "Won", "Owner": {"id": 1}, "Tag": [1]}}
            ],
        }
    ],
    "standard": [
        {
            "type": "deal.updated",
            "timestamp": "2026-11-20T09:15:43Z",
            "data": {
                "external_id": "7",
                "version": 3,
                "amount": "12.5",
                "owner": {"email": "a@example.com"},
                "account": {"external_id": "A", "name": "Alder"},
                "lines": [{"sku": "P", "quantity": 1, "unit_price": "2"}],
                "deleted": False,
            },
        },
        [
            {
                "type": "deal.merged",
                "timestamp": 1795250001500,
                "data": [{"external_id": 7, "merged": [8]}],
            }
        ],
        CHANGE_EVENT,
    ],
}
ODD: list[Any] = [
    *(None, True, False, 0, -1, 1.5, float("nan"), float("inf"), 1e308, 2**70, -(2**70), "9" * 400),
    *("", " ", "x", "é", "\x00", "\ud800", "<a>", "deal", "deal.merge", "1795250000000", "0000-00-00"),
    *(
        "2026-11-20",
        "9999-12-31T23:59:59-23:59",
        "x" * 5000,
        "1e400",
        "NaN",
        [],
        {},
        [[]],
        [{}],
        [None],
        {"": ""},
    ),
    *({"id": None}, {"id": {}}, {"\x00": "\ud800"}, ["8"] * 50, list(range(30)), {"value": [1]}, [["x"] * 3]),
]
XML = (
    b'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    b'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
    b'<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D</OrganizationId>'
    b"<SessionId>s</SessionId><Notification><Id>04l</Id>"
    b'<sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>006</sf:Id>'
    b'<sf:Amount>12.5</sf:Amount><sf:NextStep xsi:nil="true"/><sf:SystemModstamp>2026-11-20T09:15:43Z'
    b"</sf:SystemModstamp></sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>"
)

Path = tuple[Any, ...]
bends = st.lists(st.tuples(st.integers(0, 60), st.sampled_from(range(len(ODD) + 2))), min_size=1, max_size=3)


def _paths(value: Any, above: Path = ()) -> Iterator[Path]:
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*above, key)
        yield from _paths(value[key], (*above, key))


def bent(seed: Any, changes: list[tuple[int, int]]) -> Any:
    """The payload with some of its values replaced, doubled or taken away."""
    seed = copy.deepcopy(seed)
    for place, what in changes:
        paths = list(_paths(seed))
        if not paths:
            return seed
        *way, last = paths[place % len(paths)]
        holder = seed
        for key in way:
            holder = holder[key]
        if what < len(ODD):
            holder[last] = copy.deepcopy(ODD[what])
        elif what == len(ODD):
            del holder[last]
        else:
            holder[last] = [holder[last], holder[last]]
    return seed


def bodies_of(provider: str) -> st.SearchStrategy[bytes]:
    payloads = st.tuples(st.sampled_from(SEEDS[provider]), bends).map(
        lambda pair: json.dumps(bent(*pair)).encode()
    )
    cuts = st.tuples(payloads, st.integers(0, 300)).map(lambda pair: pair[0][: pair[1]])
    bytes_of = [XML] if provider == "salesforce" else [json.dumps(one).encode() for one in SEEDS[provider]]
    flips = st.tuples(
        st.sampled_from(bytes_of), st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), max_size=5)
    ).map(_flipped)
    return st.one_of(payloads, payloads, payloads, cuts, flips, st.binary(max_size=100))


def _flipped(pair: tuple[bytes, list[tuple[int, int]]]) -> bytes:
    body = bytearray(pair[0])
    for place, byte in pair[1]:
        body[place % len(body)] = byte
    return bytes(body)


@pytest.mark.slow
@pytest.mark.parametrize("provider", ADAPTERS)
def test_no_body_breaks_a_parser(provider: str) -> None:
    parse, verify = ADAPTERS[provider].parse, ADAPTERS[provider].verify
    seen = {"read": 0, "unreadable": 0}

    @settings(
        max_examples=CASES,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(body=bodies_of(provider))
    def check(body: bytes) -> None:
        try:
            events = parse(body)
        except Unreadable as error:
            assert str(error)
            seen["unreadable"] += 1
        else:
            assert all(map(_is_storable, events))
            seen["read"] += 1
        with pytest.raises(Rejected):
            verify(Arrival("POST", "https://x/", {}, body), [Secret("1", "no such secret")], NOW)
        assert len(hidden(provider, body, "no such secret")) <= len(body)

    check()
    assert sum(seen.values()) >= CASES * 0.9
    assert min(seen.values()) > CASES * 0.02  # both ways are gone often enough


def _is_storable(event: Event) -> bool:
    """Whether the row of an event fits its columns and its JSON."""
    texts = [event.entity, event.external_id, *event.merged, *event.fields.values(), *event.fields]
    cleaned = [clean(text) for text in texts]
    json.dumps(cleaned).encode()
    return (
        isinstance(event.kind, EventKind)
        and event.occurred.tzinfo is not None
        and 0 <= event.version < 2**63
        and len(event.external_id) <= 200
        and all(len(one) <= 200 for one in event.merged)
        and 0 < len(_key(event.dedupe_key)) <= 600
        and not any("\x00" in text for text in cleaned)
    )


BOMB = (
    '<!DOCTYPE z [<!ENTITY a "aaaaaaaaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 if n else str()};" * 16}">' for n in range(12))
    + "]><z>&a11;</z>"
).encode()
HUGE: dict[str, bytes] = {
    "opening brackets": b"[" * 1_048_576,
    "opening braces": b'{"a":' * 200_000,
    "a long number": b"[" + b"9" * 1_000_000 + b"]",
    "many numbers": b"[" + b"1," * 500_000 + b"1]",
    "an exponent": b'[{"objectId": 1e999999999, "subscriptionType": "deal.creation", "occurredAt": 1}]',
    "a bomb of entities": BOMB,
    "nested elements": b"<a>" * 100_000,
    "an outside entity": b'<!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/passwd">]><z>&x;</z>',
    "a declared encoding that is none": b'<?xml version="1.0" encoding="none-such"?><a/>',
}


@pytest.mark.parametrize("provider", ADAPTERS)
@pytest.mark.parametrize("name", HUGE)
def test_no_body_of_a_mebibyte_takes_much_memory_or_passes(provider: str, name: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable):
            ADAPTERS[provider].parse(HUGE[name])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY


def test_nesting_is_counted_before_anything_is_built() -> None:
    fits: Any = "x"
    for _ in range(38):
        fits = [fits]
    with pytest.raises(Unreadable, match="not an object"):
        ADAPTERS["hubspot"].parse(json.dumps([fits]).encode())
    with pytest.raises(Unreadable, match="not JSON"):
        ADAPTERS["hubspot"].parse(json.dumps([[[fits]]]).encode())


def test_what_lives_on_after_a_merge_has_an_id_of_a_keys_length() -> None:
    (merge,) = SEEDS["hubspot"][2]
    change = SEEDS["pipedrive"][0]
    meta = change["meta"]

    with pytest.raises(Unreadable, match="newObjectId"):
        ADAPTERS["hubspot"].parse(json.dumps([merge | {"newObjectId": "x" * 201}]).encode())
    with pytest.raises(Unreadable, match="merged_to_id"):
        ADAPTERS["pipedrive"].parse(
            json.dumps(change | {"meta": meta | {"merged_to_id": "x" * 201}}).encode()
        )


def test_the_change_events_of_a_platform_come_through_the_generic_door() -> None:
    body = json.dumps(CHANGE_EVENT).encode()
    assert ADAPTERS["standard"].parse(body) == salesforce.change_events(body)
    assert ADAPTERS["standard"].parse(json.dumps([CHANGE_EVENT] * 2).encode())[0].fields["stage"] == "Won"
