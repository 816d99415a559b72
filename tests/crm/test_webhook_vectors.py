"""Every published and derived signature vector, where the files with them are."""

import base64
import datetime as dt
import json
from typing import Any

from crm.engine.webhooks import Arrival
from tests.crm.test_webhook_signatures import accepted
from tests.real_files import shared_folder

Vector = dict[str, Any]


def vectors(name: str, *algorithms: str) -> list[Vector]:
    found = json.loads((shared_folder("webhooks/vectors") / f"{name}.json").read_text())["vectors"]
    return [one for one in found if one.get("algorithm") in algorithms and "decode_uri" not in one]


def body_of(vector: Vector) -> bytes:
    if "body_repeat" in vector:
        return (vector["body_repeat"]["char"] * vector["body_repeat"]["count"]).encode()
    return base64.b64decode(vector["body_b64"]) if "body_b64" in vector else vector["body"].encode()


def moment(stamp: str, parts: int = 1) -> dt.datetime:
    if not stamp.isdigit():
        return dt.datetime.fromisoformat(stamp)
    return dt.datetime.fromtimestamp(int(stamp) / parts, tz=dt.UTC)


def wrong(provider: str, name: str, *algorithms: str, headers: dict[str, str], parts: int = 1) -> list[str]:
    """The names of the vectors that are not judged as they say. `headers`: header → key of the vector."""
    found = vectors(name, *algorithms)
    assert found
    return [one["name"] for one in found if not _judged_right(provider, one, headers, parts)]


def _judged_right(provider: str, vector: Vector, headers: dict[str, str], parts: int) -> bool:
    sent = {header: vector[key] for header, key in headers.items()}
    arrival = Arrival(vector.get("method", "POST"), vector.get("uri", "https://x/"), sent, body_of(vector))
    secret = vector.get("public_key") or vector["secret"]
    judged = accepted(provider, arrival, secret, moment(vector["timestamp"], parts))
    return judged is vector.get("valid", True)


def test_hubspot() -> None:
    headers = {"x-hubspot-signature-v3": "expected", "x-hubspot-request-timestamp": "timestamp"}
    assert wrong("hubspot", "hubspot", "hubspot_v3", headers=headers, parts=1000) == []


def test_standard_webhooks() -> None:
    headers = {"webhook-signature": "expected", "webhook-timestamp": "timestamp", "webhook-id": "msg_id"}
    assert wrong("standard", "standard_webhooks", "standard_v1", "standard_v1a", headers=headers) == []


def test_zendesk() -> None:
    headers = {
        "x-zendesk-webhook-signature": "expected",
        "x-zendesk-webhook-signature-timestamp": "timestamp",
    }
    assert wrong("zendesk", "zendesk", "zendesk", headers=headers) == []


def test_close() -> None:
    headers = {"close-sig-hash": "expected", "close-sig-timestamp": "timestamp"}
    assert wrong("close", "close", "close", headers=headers) == []


def test_pipedrive() -> None:
    for vector in vectors("pipedrive_basic", "basic"):
        arrival = Arrival("POST", "https://x/", {"authorization": vector["expected"]}, b"{}")
        assert accepted("pipedrive", arrival, f"{vector['user']}:{vector['password']}")
        assert not accepted("pipedrive", arrival, f"{vector['user']}:wrong")
