"""Letting a delivery in: proven, stored as it came, and only then acknowledged.

Measured in benchmarks/webhooks.py: two statements for a delivery, no ORM, nothing else.
"""

import datetime as dt
import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from crm.engine.sealing import Unsealable
from crm.engine.webhooks import ADAPTERS, Arrival, Rejected, Secret
from crm.engine.webhooks.hiding import hidden
from crm.models import DeliveryState
from crm.pipeline.sealing import unseal
from crm.selectors.inbox import Door
from crm.waking import wake_the_inbox

logger = logging.getLogger(__name__)

SIGNS_ADDRESS = {"hubspot"}
NOTED_EVERY = dt.timedelta(minutes=1)
LOGGED_EVERY = 60.0  # seconds between two lines about the same endpoint
LONGEST_HEADER = 500
KEPT_HEADERS = {"content-type", "user-agent"}
KEPT_PREFIXES = ("x-hubspot-", "x-zendesk-", "close-sig-", "webhook-", "svix-")
INSERT = f"""
    INSERT INTO crm_delivery (endpoint_id, received, headers, body, sha256, secret_id, state, events, error)
    VALUES (%s, %s, %s, %s, %s, %s, '{DeliveryState.WAITING}', 0, '') RETURNING id
"""  # noqa: S608 - only our own state is put in
NOTE_ENDPOINT = """
    UPDATE crm_endpoint SET first_verified = coalesce(first_verified, %s), last_verified = %s
    WHERE id = %s AND (last_verified IS NULL OR last_verified < %s)
"""
NOTE_USE = """
    UPDATE crm_endpointsecret SET last_used = %s WHERE id = %s AND (last_used IS NULL OR last_used < %s)
"""
NOTE_TURNED_AWAY = """
    UPDATE crm_endpoint SET turned_away = turned_away + 1, last_turned_away = %s WHERE id = %s
"""
_logged: dict[int, float] = {}


@dataclass(frozen=True)
class Knock:
    """A request at a door: `host` with its scheme, `path` with the query, header names in lower case."""

    method: str
    host: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def receive(*, door: Door, knock: Knock, now: dt.datetime) -> int:
    """Store a delivery whose sender is proven; it is committed when this returns. Says its id.

    Raises Rejected, after counting it, for everybody else; nothing of the request is kept then.
    """
    try:
        secret = _proven(door, knock, now)
    except Rejected as error:
        _note_turned_away(door, str(error), now)
        raise
    delivery = _store(door, knock, secret, now)
    _note_use(door, int(secret.key), now)
    wake_the_inbox()
    return delivery


def _proven(door: Door, knock: Knock, now: dt.datetime) -> Secret:
    secrets = list(_unsealed(door))
    verify = ADAPTERS[door.provider].verify
    rejected = Rejected("The endpoint has no secret yet.")
    for url in _addresses(door, knock):
        try:
            return verify(Arrival(knock.method, url, knock.headers, knock.body), secrets, now)
        except Rejected as error:
            rejected = error
    raise rejected


def _unsealed(door: Door) -> Iterator[Secret]:
    for secret in door.secrets:
        try:
            yield Secret(str(secret.pk), unseal(secret.sealed))
        except Unsealable as error:
            logger.error("Secret %s of endpoint %s: %s", secret.pk, door.label, error)


def _addresses(door: Door, knock: Knock) -> list[str]:
    """What the sender may have signed as its target: the address it was told, with or without our path.

    Never the Host header where the public address is known: behind a proxy it is another.
    """
    if door.provider not in SIGNS_ADDRESS:
        return [knock.path]
    if door.public_url:
        return [door.public_url, door.public_url.rstrip("/") + knock.path]
    return [settings.PUBLIC_URL.rstrip("/") + knock.path, knock.host + knock.path]


def _store(door: Door, knock: Knock, secret: Secret, now: dt.datetime) -> int:
    """One statement in autocommit: the row is on disk when it returns."""
    body = hidden(door.provider, knock.body, secret.text)
    headers = json.dumps(_kept(knock.headers))
    digest = hashlib.sha256(body).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [door.endpoint, now, headers, body, digest, int(secret.key)])
        return int(cursor.fetchone()[0])


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value[:LONGEST_HEADER].replace("\x00", "")
        for name, value in headers.items()
        if name in KEPT_HEADERS or name.startswith(KEPT_PREFIXES)
    }


def _note_use(door: Door, secret: int, now: dt.datetime) -> None:
    """At most once a minute: thousands of deliveries must not queue for one row."""
    stale = now - NOTED_EVERY
    used = next(one.last_used for one in door.secrets if one.pk == secret)
    if door.last_verified is None or door.last_verified < stale:
        with connection.cursor() as cursor:
            cursor.execute(NOTE_ENDPOINT, [now, now, door.endpoint, stale])
    if used is None or used < stale:
        with connection.cursor() as cursor:
            cursor.execute(NOTE_USE, [now, secret, stale])


def _note_turned_away(door: Door, reason: str, now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NOTE_TURNED_AWAY, [now, door.endpoint])
    moment = time.monotonic()
    if moment - _logged.get(door.endpoint, -LOGGED_EVERY) >= LOGGED_EVERY:
        _logged[door.endpoint] = moment
        logger.warning("Endpoint “%s” turned a delivery away: %s", door.label, reason)
