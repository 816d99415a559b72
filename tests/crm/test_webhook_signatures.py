"""Signatures of every provider: published vectors, and everything that is not quite one."""

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.engine.webhooks import ADAPTERS, Arrival, Rejected, Secret, Unreadable

VECTORS = Path("/work/shared/data/webhooks/vectors")
NOW = dt.datetime(2026, 11, 20, 9, 15, tzinfo=dt.UTC)


def vectors(name: str) -> list[Any]:
    found = json.loads((VECTORS / f"{name}.json").read_text())["vectors"]
    return [pytest.param(one, id=one["name"]) for one in found]


def body_of(vector: dict[str, Any]) -> bytes:
    if "body_repeat" in vector:
        return (vector["body_repeat"]["char"] * vector["body_repeat"]["count"]).encode()
    if "body_b64" in vector:
        return base64.b64decode(vector["body_b64"])
    return vector["body"].encode()


def accepted(provider: str, arrival: Arrival, secret: str, now: dt.datetime) -> bool:
    try:
        ADAPTERS[provider].verify(arrival, [Secret("a", "something else"), Secret("b", secret)], now)
    except Rejected:
        return False
    return True


@pytest.mark.parametrize(
    "vector", [v for v in vectors("hubspot") if v.values[0].get("algorithm") == "hubspot_v3"]
)
def test_hubspot(vector: dict[str, Any]) -> None:
    stamp = vector["timestamp"]
    headers = {"x-hubspot-signature-v3": vector["expected"], "x-hubspot-request-timestamp": stamp}
    arrival = Arrival(vector["method"], vector["uri"], headers, body_of(vector))
    now = dt.datetime.fromtimestamp(int(stamp) / 1000, tz=dt.UTC)
    if vector.get("decode_uri") is False:
        pytest.skip("what the official kits do instead")
    assert accepted("hubspot", arrival, vector["secret"], now) is vector.get("valid", True)


@pytest.mark.parametrize(
    "vector", [v for v in vectors("standard_webhooks") if v.values[0].get("algorithm") == "standard_v1"]
)
def test_standard(vector: dict[str, Any]) -> None:
    headers = {
        "webhook-id": vector["msg_id"],
        "webhook-timestamp": vector["timestamp"],
        "webhook-signature": vector["expected"],
    }
    now = dt.datetime.fromtimestamp(int(vector["timestamp"]), tz=dt.UTC)
    arrival = Arrival("POST", "https://x/", headers, body_of(vector))
    assert accepted("standard", arrival, vector["secret"], now) is vector.get("valid", True)


@pytest.mark.parametrize("vector", vectors("zendesk"))
def test_zendesk(vector: dict[str, Any]) -> None:
    headers = {
        "x-zendesk-webhook-signature": vector["expected"],
        "x-zendesk-webhook-signature-timestamp": vector["timestamp"],
    }
    stamp = vector["timestamp"]
    now = (
        dt.datetime.fromtimestamp(int(stamp), tz=dt.UTC)
        if stamp.isdigit()
        else dt.datetime.fromisoformat(stamp)
    )
    arrival = Arrival("POST", "https://x/", headers, body_of(vector))
    assert accepted("zendesk", arrival, vector["secret"], now) is vector.get("valid", True)


@pytest.mark.parametrize("vector", vectors("close"))
def test_close(vector: dict[str, Any]) -> None:
    headers = {"close-sig-hash": vector["expected"], "close-sig-timestamp": vector["timestamp"]}
    now = dt.datetime.fromtimestamp(int(vector["timestamp"]), tz=dt.UTC)
    arrival = Arrival("POST", "https://x/", headers, body_of(vector))
    assert accepted("close", arrival, vector["secret"], now) is vector.get("valid", True)


@pytest.mark.parametrize("vector", vectors("pipedrive_basic"))
def test_pipedrive(vector: dict[str, Any]) -> None:
    arrival = Arrival("POST", "https://x/", {"authorization": vector["expected"]}, b"{}")
    assert accepted("pipedrive", arrival, f"{vector['user']}:{vector['password']}", NOW)
    assert not accepted("pipedrive", arrival, f"{vector['user']}:wrong", NOW)


SIGNATURE_HEADERS = {
    "hubspot": ("x-hubspot-signature-v3", "x-hubspot-request-timestamp"),
    "standard": ("webhook-signature", "webhook-timestamp"),
    "zendesk": ("x-zendesk-webhook-signature", "x-zendesk-webhook-signature-timestamp"),
    "close": ("close-sig-hash", "close-sig-timestamp"),
}


@pytest.mark.parametrize("provider", SIGNATURE_HEADERS)
@pytest.mark.parametrize("signature", ["", "v1", "v1,a,b", "v1,", "v1,é", "é", "0" * 5000, "=", "v1,a v1,b"])
@pytest.mark.parametrize("stamp", ["", "0", "99999999999999999999", "abc", "1.5", "-1", "1763630100", "²"])
def test_odd_headers_are_turned_away_and_never_break(provider: str, signature: str, stamp: str) -> None:
    names = SIGNATURE_HEADERS[provider]
    arrival = Arrival(
        "POST", "https://x/", {names[0]: signature, names[1]: stamp, "webhook-id": "m"}, b"\xff{}"
    )
    with pytest.raises(Rejected):
        ADAPTERS[provider].verify(arrival, [Secret("a", "058b"), Secret("b", "not hex")], NOW)


@pytest.mark.parametrize("provider", ADAPTERS)
@settings(max_examples=300)
@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(
                        [
                            "meta",
                            "data",
                            "event",
                            "ids",
                            "type",
                            "timestamp",
                            "action",
                            "entity",
                            "id",
                            "entity_id",
                            "occurredAt",
                            "subscriptionType",
                            "objectId",
                            "payload",
                            "ChangeEventHeader",
                            "recordIds",
                            "module",
                            "operation",
                            "server_time",
                            "affected_values",
                            "external_id",
                            "amount",
                            "value",
                        ]
                    ),
                    inner,
                    max_size=6,
                )
            ),
            max_leaves=20,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_no_payload_breaks_a_parser(provider: str, body: bytes) -> None:
    try:
        ADAPTERS[provider].parse(body)
    except Unreadable as error:
        assert str(error)
