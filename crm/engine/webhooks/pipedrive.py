"""Pipedrive: HTTP Basic over HTTPS, no signature; webhooks version 1 and 2."""

import base64
import datetime as dt
from typing import Any

from crm.engine.webhooks.arriving import Arrival, Rejected, Secret, Unreadable, json_of
from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.signing import first_match
from crm.engine.webhooks.values import dict_of, id_of, id_or_none_of, text_of, time_of

ENTITIES = {"deal": "deal", "organization": "account", "person": "contact", "lead": "lead"}
FIELDS = {
    "title": "name",
    "value": "amount",
    "currency": "currency",
    "stage_id": "stage",
    "pipeline_id": "pipeline",
    "status": "status",
    "probability": "probability",
    "expected_close_date": "expected_close",
    "close_time": "closed",
    "owner_id": "owner",
    "user_id": "owner",
    "org_id": "account",
    "lost_reason": "lost_reason",
    "name": "name",
}


def verify(arrival: Arrival, secrets: list[Secret], now: dt.datetime) -> Secret:
    """The `user:password` that was sent, against every live one. Raises Rejected."""
    scheme, _, sent = arrival.header("authorization").partition(b" ")
    if scheme.lower() != b"basic":
        raise Rejected("The authorization is not Basic.")
    return first_match(secrets, sent.strip(), lambda secret: base64.b64encode(secret.text.encode()))


def parse(body: bytes) -> list[Event]:
    """One event, of either version."""
    message = dict_of(json_of(body), "The body")
    meta = dict_of(message.get("meta"), "meta")
    return [_second(message, meta) if "entity" in meta else _first(message, meta)]


def _second(message: dict[str, Any], meta: dict[str, Any]) -> Event:
    entity = ENTITIES.get(text_of(meta.get("entity")), text_of(meta.get("entity")))
    key = id_of(meta.get("entity_id"), "meta.entity_id")
    action = text_of(meta.get("action"))
    winner = id_or_none_of(meta.get("merged_to_id"), "meta.merged_to_id")
    return _event(
        entity=entity,
        key=winner or key,
        action="merge" if winner else action,
        occurred=time_of(meta.get("timestamp")),
        dedupe_key=id_of(meta.get("id"), "meta.id"),
        row=dict_of(message.get("data") or {}, "data"),
        merged=(key,) if winner and winner != key else (),
    )


def _first(message: dict[str, Any], meta: dict[str, Any]) -> Event:
    action, entity = text_of(meta.get("action")), text_of(meta.get("object"))
    if not entity:
        raise Unreadable("meta has neither entity nor object.")
    key = id_of(meta.get("id"), "meta.id")
    micro = meta.get("timestamp_micro") or 0
    if not isinstance(micro, int) or isinstance(micro, bool):
        raise Unreadable("meta.timestamp_micro is not a whole number.")
    occurred = time_of(micro // 1000) if micro else time_of(_seconds(meta))
    return _event(
        entity=ENTITIES.get(entity, entity),
        key=key,
        action=action,
        occurred=occurred,
        dedupe_key=":".join(
            text_of(part) for part in ("v1", entity, key, action, micro or meta.get("timestamp"))
        ),
        row=dict_of(message.get("current") or {}, "current"),
    )


def _seconds(meta: dict[str, Any]) -> int:
    stamp = meta.get("timestamp")
    if not isinstance(stamp, int) or isinstance(stamp, bool):
        raise Unreadable("meta.timestamp is not a whole number.")
    return stamp * 1000


def _event(
    *, entity: str, key: str, action: str, occurred: dt.datetime, dedupe_key: str,
    row: dict[str, Any], merged: tuple[str, ...] = (),
) -> Event:  # fmt: skip
    kind = KINDS.get(action, EventKind.FETCH)
    return Event(
        entity=entity,
        external_id=key,
        kind=kind if kind is not EventKind.MERGE or merged else EventKind.FETCH,
        occurred=occurred,
        dedupe_key=dedupe_key,
        fields=_fields(row) if kind is EventKind.CHANGE else {},
        merged=merged,
    )


KINDS = {
    "create": EventKind.CHANGE,
    "change": EventKind.CHANGE,
    "added": EventKind.CHANGE,
    "updated": EventKind.CHANGE,
    "delete": EventKind.DELETE,
    "deleted": EventKind.DELETE,
    "merge": EventKind.MERGE,
    "merged": EventKind.MERGE,
}


def _fields(row: dict[str, Any]) -> dict[str, str]:
    """A won or lost deal keeps its step in `stage_id`; `status` says what became of it."""
    fields = {ours: _value(row[name]) for name, ours in FIELDS.items() if name in row}
    status = fields.pop("status", "")
    return fields | {"stage": status} if status in {"won", "lost"} else fields


def _value(value: Any) -> str:
    """References are sometimes objects with an id."""
    return text_of(value.get("id", value.get("value"))) if isinstance(value, dict) else text_of(value)
