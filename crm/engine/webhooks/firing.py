"""A signed request as each provider would send it, with nothing in it: to try an address. Pure.

It is verified and stored like any other, but changes no record: the payload holds no records, or one
of the kind "test" where a provider knows no empty payload.
"""

import base64
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm.engine.webhooks import hubspot, standard
from crm.engine.webhooks.arriving import Rejected
from crm.engine.webhooks.signing import base64_text, hex_text, hmac_sha256

TEST = "test"  # the kind of the record that a test names
AGENT = "sopcycle-test"  # the user-agent of tests: stored with the delivery, so that both are told apart


@dataclass(frozen=True)
class Fired:
    """Headers (lower-case names) and body of a request."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def fired(provider: str, secret: str, url: str, now: dt.datetime) -> Fired:
    """The signed test request. Raises Rejected where the secret cannot be one of this provider."""
    try:
        made = FIRES[provider](secret, url, now)
    except ValueError as error:
        raise Rejected("The secret has not the form of this provider's secrets.") from error
    kind = "text/xml" if provider == "salesforce" else "application/json"
    return Fired(made.body, {"content-type": f"{kind}; charset=utf-8", "user-agent": AGENT, **made.headers})


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _hubspot(secret: str, url: str, now: dt.datetime) -> Fired:
    stamp, body = str(int(now.timestamp() * 1000)), b"[]"
    signed = b"POST" + hubspot.decoded(url).encode() + body + stamp.encode()
    code = base64_text(hmac_sha256(secret.encode(), signed)).decode()
    return Fired(body, {"x-hubspot-signature-v3": code, "x-hubspot-request-timestamp": stamp})


def _salesforce(secret: str, url: str, now: dt.datetime) -> Fired:
    if not secret.isalnum():
        raise ValueError("an organisation id has only letters and digits")
    return Fired(
        (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
            '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
            f"<OrganizationId>{secret}</OrganizationId></notifications></soapenv:Body></soapenv:Envelope>"
        ).encode()
    )


def _pipedrive(secret: str, url: str, now: dt.datetime) -> Fired:
    key = f"test-{int(now.timestamp() * 1000)}"
    meta = {"action": "change", "entity": TEST, "entity_id": key, "id": key, "timestamp": now.isoformat()}
    code = base64.b64encode(secret.encode()).decode()
    return Fired(_json({"meta": meta, "data": {}, "previous": None}), {"authorization": f"Basic {code}"})


def _zendesk(secret: str, url: str, now: dt.datetime) -> Fired:
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    code = base64_text(hmac_sha256(secret.encode(), stamp.encode())).decode()
    headers = {"x-zendesk-webhook-signature": code, "x-zendesk-webhook-signature-timestamp": stamp}
    return Fired(b"", headers)


def _close(secret: str, url: str, now: dt.datetime) -> Fired:
    stamp, key = str(int(now.timestamp())), f"test-{int(now.timestamp() * 1000)}"
    event = {
        "id": key,
        "object_type": TEST,
        "object_id": key,
        "action": "updated",
        "date_updated": now.isoformat(),
        "data": {"id": key},
    }
    body = _json({"event": event})
    code = hex_text(hmac_sha256(bytes.fromhex(secret), stamp.encode() + body)).decode()
    return Fired(body, {"close-sig-hash": code, "close-sig-timestamp": stamp})


def _zoho(secret: str, url: str, now: dt.datetime) -> Fired:
    stamp = int(now.timestamp() * 1000)
    return Fired(
        _json({"module": "Test", "operation": "update", "ids": [], "token": secret, "server_time": stamp})
    )


def _standard(secret: str, url: str, now: dt.datetime) -> Fired:
    stamp, key = int(now.timestamp()), f"test-{int(now.timestamp() * 1000)}"
    body = _json({"type": "test.fired", "timestamp": now.isoformat(), "data": []})
    return Fired(
        body,
        {
            "webhook-id": key,
            "webhook-timestamp": str(stamp),
            "webhook-signature": standard.sign(secret, key, stamp, body),
        },
    )


FIRES: dict[str, Callable[[str, str, dt.datetime], Fired]] = {
    "hubspot": _hubspot,
    "salesforce": _salesforce,
    "pipedrive": _pipedrive,
    "zendesk": _zendesk,
    "close": _close,
    "zoho": _zoho,
    "standard": _standard,
}
