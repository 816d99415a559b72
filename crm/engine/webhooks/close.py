"""Close: hexadecimal HMAC-SHA256 over time stamp and body; the key is the signature key's bytes.

The full record is in `event.data`; amounts are in cents.
"""

import datetime as dt
from typing import Any

from crm.engine.webhooks.arriving import Arrival, Secret, fresh, json_of, time_of_seconds
from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.signing import first_match, hex_text, hmac_sha256
from crm.engine.webhooks.values import dict_of, id_of, list_of, money_of_cents, text_of, time_of

ENTITIES = {"opportunity": "deal", "lead": "account", "contact": "contact"}
FIELDS = {
    "status_id": "stage",
    "value_currency": "currency",
    "user_id": "owner",
    "lead_id": "account",
    "confidence": "probability",
    "date_won": "closed",
}
KINDS = {
    "created": EventKind.CHANGE,
    "updated": EventKind.CHANGE,
    "deleted": EventKind.DELETE,
    "merged": EventKind.MERGE,
}


def verify(arrival: Arrival, secrets: list[Secret], now: dt.datetime) -> Secret:
    """The secret that signed it. Raises Rejected."""
    given, stamp = arrival.header("close-sig-hash"), arrival.header("close-sig-timestamp")
    fresh(time_of_seconds(stamp), now)
    signed = stamp + arrival.body
    return first_match(
        secrets, given, lambda secret: hex_text(hmac_sha256(bytes.fromhex(secret.text), signed))
    )


def parse(body: bytes) -> list[Event]:
    """One event. The object's own id is in `data.id` where `object_id` differs or is missing."""
    event = dict_of(dict_of(json_of(body), "The body").get("event"), "event")
    data = dict_of(event.get("data") or {}, "event.data")
    previous = dict_of(event.get("previous_data") or {}, "event.previous_data")
    kind = KINDS.get(text_of(event.get("action")), EventKind.FETCH)
    merged = _merged(event, previous) if kind is EventKind.MERGE else ()
    key = id_of(event.get("object_id") or data.get("id"), "event.object_id")
    return [
        Event(
            entity=ENTITIES.get(text_of(event.get("object_type")), text_of(event.get("object_type"))),
            external_id=key,
            kind=kind if merged or kind is not EventKind.MERGE else EventKind.FETCH,
            occurred=time_of(event.get("date_updated") or event.get("date_created")),
            dedupe_key=id_of(event.get("id"), "event.id"),
            fields=_fields(data) if kind is EventKind.CHANGE else {},
            merged=merged,
        )
    ]


def _fields(data: dict[str, Any]) -> dict[str, str]:
    fields = {ours: text_of(data[name]) for name, ours in FIELDS.items() if name in data}
    if "value" in data:
        fields["amount"] = money_of_cents(data["value"])
    return fields


def _merged(event: dict[str, Any], previous: dict[str, Any]) -> tuple[str, ...]:
    others = event.get("merged_ids") or previous.get("id") or []
    rows = others if isinstance(others, list) else [others]
    return tuple(id_of(one, "a merged id") for one in list_of(rows, "merged ids", 1000))
