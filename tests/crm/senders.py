"""CRMs that push to the endpoints of a test: each signs as the real one does."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from crm.engine.webhooks.standard import sign
from crm.models import Endpoint
from crm.selectors.inbox import path_of
from crm.services.endpoints import create_endpoint

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def standard_endpoint(**given: Any) -> Endpoint:
    """An endpoint for any sender, that trusts SECRET."""
    made = {"provider": "standard", "label": "Any CRM", "source": "crm", "secret": SECRET} | given
    return create_endpoint(actor=None, **made)[0]


def message(number: int = 1, *, deal: str = "7", kind: str = "deal.updated", **data: Any) -> dict[str, Any]:
    """A change of a deal; the number says which, and when."""
    moment = f"2026-11-20T09:{number // 60:02d}:{number % 60:02d}Z"
    return {"type": kind, "timestamp": moment, "data": {"external_id": deal, **data}}


def signed(
    body: bytes, *, secret: str = SECRET, key: str = "msg_1", stamp: int | None = None
) -> dict[str, str]:
    """The headers of Standard Webhooks for a body."""
    stamp = int(time.time()) if stamp is None else stamp
    return {
        "webhook-id": key,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(secret, key, stamp, body),
    }


def push(endpoint: Endpoint, *messages: dict[str, Any], secret: str = SECRET, path: str = "") -> HttpResponse:
    """Deliver messages as one request; a single one as itself."""
    body = json.dumps(messages[0] if len(messages) == 1 else list(messages)).encode()
    return post(endpoint, body, signed(body, secret=secret), path=path)


def post(
    endpoint: Endpoint, body: bytes, headers: dict[str, str], *, path: str = "", method: str = "POST"
) -> HttpResponse:
    """Any request to an endpoint's address."""
    client = Client(raise_request_exception=False)
    return client.generic(
        method, path or path_of(endpoint.key), body, content_type="application/json", headers=headers
    )


def hubspot_headers(secret: str, url: str, body: bytes, stamp: int | None = None) -> dict[str, str]:
    """Version 3 of HubSpot's signature."""
    sent = str(int(time.time() * 1000) if stamp is None else stamp)
    code = hmac.new(secret.encode(), b"POST" + url.encode() + body + sent.encode(), hashlib.sha256)
    return {
        "x-hubspot-signature-v3": base64.b64encode(code.digest()).decode(),
        "x-hubspot-request-timestamp": sent,
    }


def our_address(endpoint: Endpoint) -> str:
    """Where this installation says that it is."""
    return settings.PUBLIC_URL + path_of(endpoint.key)
