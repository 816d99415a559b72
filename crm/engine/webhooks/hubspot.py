"""HubSpot: signature version 3, and batches of single-property events.

The signature is HMAC-SHA256 (base64) with the app's client secret over method, URI, body and time
stamp without separators; twelve escapes of the URI are undone first (HubSpot developer
documentation, "Validating requests"). `eventId` is documented as not unique, so the key of an event
is portal, subscription, object, property and time.
"""

import datetime as dt
from typing import Any

from crm.engine.webhooks.arriving import (
    Arrival,
    Secret,
    Unreadable,
    fresh,
    json_of,
    time_of_milliseconds,
)
from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.signing import base64_text, first_match, hmac_sha256
from crm.engine.webhooks.values import dict_of, id_of, id_or_none_of, list_of, text_of, time_of

DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$",
    "%27": "'", "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
FIELDS = {
    "dealname": "name",
    "amount": "amount",
    "deal_currency_code": "currency",
    "dealstage": "stage",
    "pipeline": "pipeline",
    "hubspot_owner_id": "owner",
    "closedate": "expected_close",
    "hs_next_step": "next_step",
    "hs_deal_stage_probability": "probability",
}
ENTITIES = {
    "deal": "deal",
    "company": "account",
    "contact": "contact",
    "line_item": "line",
    "0-3": "deal",
    "0-2": "account",
}
MOST = 1000


def verify(arrival: Arrival, secrets: list[Secret], now: dt.datetime) -> Secret:
    """The secret that signed it. Raises Rejected."""
    given = arrival.header("x-hubspot-signature-v3")
    stamp = arrival.header("x-hubspot-request-timestamp")
    fresh(time_of_milliseconds(stamp), now)
    signed = arrival.method.encode() + decoded(arrival.url).encode() + arrival.body + stamp
    return first_match(secrets, given, lambda secret: base64_text(hmac_sha256(secret.text.encode(), signed)))


def decoded(uri: str) -> str:
    """The URI as HubSpot signs it: its twelve escapes undone, in either case, and no others."""
    for escape, sign in DECODED.items():
        uri = uri.replace(escape, sign).replace(escape.lower(), sign)
    return uri


def parse(body: bytes) -> list[Event]:
    """One event for each entry of the batch."""
    return [_event(dict_of(entry, "An entry")) for entry in list_of(json_of(body), "The body", MOST)]


def _event(entry: dict[str, Any]) -> Event:
    kind = text_of(entry.get("subscriptionType") or entry.get("eventType"))
    subject, _, change = kind.partition(".")
    entity = ENTITIES.get(text_of(entry.get("objectTypeId")) or subject, subject)
    if not subject or not change:
        raise Unreadable("An entry has neither subscriptionType nor eventType.")
    name = text_of(entry.get("propertyName"))
    occurred = time_of(entry.get("occurredAt"))
    if change == "merge":
        return _merge(entry, entity, occurred)
    if change == "associationChange":
        return _association(entry, entity, occurred)
    key = id_of(entry.get("objectId"), "objectId")
    parts = (entry.get("portalId"), entry.get("subscriptionId"), key, change, name, entry.get("occurredAt"))
    return Event(
        entity=entity,
        external_id=key,
        kind=KINDS.get(change, EventKind.FETCH),
        occurred=occurred,
        dedupe_key=":".join(text_of(part) for part in parts),
        fields={FIELDS.get(name, name): text_of(entry.get("propertyValue"))} if name else {},
    )


def _association(entry: dict[str, Any], entity: str, occurred: dt.datetime) -> Event:
    """A deal's company is a field of the deal; any other association asks for the record."""
    kind = text_of(entry.get("associationType"))
    key, other = id_of(entry.get("fromObjectId"), "fromObjectId"), text_of(entry.get("toObjectId"))
    is_account = kind.startswith("DEAL_TO_COMPANY")
    removed = entry.get("associationRemoved") is True
    parts = (entry.get("portalId"), kind, key, other, removed, entry.get("occurredAt"))
    return Event(
        entity=entity,
        external_id=key,
        kind=EventKind.CHANGE if is_account else EventKind.FETCH,
        occurred=occurred,
        dedupe_key=":".join(text_of(part) for part in parts),
        fields={"account": "" if removed else other} if is_account else {},
    )


KINDS = {
    "creation": EventKind.CHANGE,
    "propertyChange": EventKind.CHANGE,
    "deletion": EventKind.DELETE,
    "privacyDeletion": EventKind.DELETE,
    "restore": EventKind.RESTORE,
}


def _merge(entry: dict[str, Any], entity: str, occurred: dt.datetime) -> Event:
    """The winner gets a new id where `newObjectId` says so; the primary is then an alias as well."""
    primary = id_of(entry.get("primaryObjectId"), "primaryObjectId")
    winner = id_or_none_of(entry.get("newObjectId"), "newObjectId") or primary
    others = [
        id_of(one, "mergedObjectIds")
        for one in list_of(entry.get("mergedObjectIds"), "mergedObjectIds", MOST)
    ]
    merged = tuple(one for one in dict.fromkeys([primary, *others]) if one != winner)
    return Event(
        entity=entity,
        external_id=winner,
        kind=EventKind.MERGE,
        occurred=occurred,
        dedupe_key=":".join(
            ["merge", text_of(entry.get("portalId")), winner, *merged, text_of(entry.get("occurredAt"))]
        ),
        merged=merged,
    )
