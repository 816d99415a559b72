"""Standard Webhooks 1.0.0: the door for any sender, with rotation (several signatures, several secrets).

`webhook-signature` is a list of `v1,<base64 HMAC-SHA256>` over `id.timestamp.body`; a sender that
rotates signs with both secrets. A `whpk_` secret is the public key of a sender that signs with a key
pair (`v1a,<base64 Ed25519>`). The payload is ours: type, timestamp and data (docs/webhooks.md); the change
events of Salesforce, as a relay posts them, are read as well.
"""

import base64
import datetime as dt
import hmac
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crm.engine.webhooks.arriving import (
    Arrival,
    Rejected,
    Secret,
    Unreadable,
    fresh,
    json_of,
    time_of_seconds,
)
from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.salesforce import changes_of, is_change_event
from crm.engine.webhooks.signing import base64_text, first_match, hmac_sha256
from crm.engine.webhooks.values import dict_of, id_of, lines_text, list_of, text_of, time_of

PREFIX, PUBLIC_PREFIX = "whsec_", "whpk_"
KNOWN = ("name", "amount", "currency", "stage", "pipeline", "next_step", "probability", "product", "quantity")
DAYS = {"expected_close_date": "expected_close", "closed_at": "closed", "created_at": "created"}
TOLD_OTHERWISE = {*DAYS, "external_id", "version", "merged", "deleted", "owner", "account", "lines"}
MOST_SIGNATURES, MOST_LINES, MOST_FIELDS = 20, 500, 100


def verify(arrival: Arrival, secrets: list[Secret], now: dt.datetime) -> Secret:
    """The secret that signed it. Raises Rejected. `svix-…` headers are the same by another name."""
    family = "svix" if "svix-signature" in arrival.headers else "webhook"
    key, stamp = arrival.header(f"{family}-id"), arrival.header(f"{family}-timestamp")
    fresh(time_of_seconds(stamp), now)
    signed = b".".join((key, stamp, arrival.body))
    given = _signatures(arrival.header(f"{family}-signature"))
    return _first_of(given, secrets, signed)


def _signatures(header: bytes) -> list[tuple[bytes, bytes]]:
    """The signatures of the list as (version, code): `v1` is HMAC-SHA256, `v1a` is Ed25519."""
    parts = [part.partition(b",") for part in header.split()[:MOST_SIGNATURES]]
    return [(version, code) for version, comma, code in parts if version in SCHEMES and comma and code]


def _first_of(given: list[tuple[bytes, bytes]], secrets: list[Secret], signed: bytes) -> Secret:
    for version, code in given:
        try:
            return SCHEMES[version](secrets, code, signed)
        except Rejected:
            continue
    raise Rejected("The signature fits none of the endpoint's secrets.")


def _by_code(secrets: list[Secret], code: bytes, signed: bytes) -> Secret:
    shared = [secret for secret in secrets if not secret.text.startswith(PUBLIC_PREFIX)]
    return first_match(shared, code, lambda secret: base64_text(hmac_sha256(key_of(secret.text), signed)))


def _by_key_pair(secrets: list[Secret], code: bytes, signed: bytes) -> Secret:
    """The public key whose private half signed it."""
    for secret in secrets:
        if secret.text.startswith(PUBLIC_PREFIX) and _is_signed_by(secret.text, code, signed):
            return secret
    raise Rejected("No public key of the endpoint fits the signature.")


def _is_signed_by(public_key: str, code: bytes, signed: bytes) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(key_of(public_key.removeprefix(PUBLIC_PREFIX)))
        key.verify(base64.b64decode(code, validate=True), signed)
    except (ValueError, InvalidSignature):
        return False
    return True


SCHEMES = {b"v1": _by_code, b"v1a": _by_key_pair}


def key_of(secret: str) -> bytes:
    """The key behind `whsec_…`: base64, padded or not. Raises ValueError for what is none."""
    text = secret.removeprefix(PREFIX)
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def sign(secret: str, key: str, stamp: int, body: bytes) -> str:
    """The signature header of an outgoing message."""
    return (
        "v1,"
        + base64_text(
            hmac_sha256(key_of(secret), b".".join((key.encode(), str(stamp).encode(), body)))
        ).decode()
    )


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def parse(body: bytes) -> list[Event]:
    """One event, or one for each entry where `data` is a list (or the body a list of messages)."""
    message = json_of(body)
    messages = list_of(message, "The body") if isinstance(message, list) else [message]
    return [event for one in messages for event in _events(dict_of(one, "The body"))]


def _events(message: dict[str, Any]) -> list[Event]:
    if is_change_event(message):
        return changes_of(message)
    entity, _, change = text_of(message.get("type")).partition(".")
    if not entity or not change:
        raise Unreadable("type is missing; it is such as deal.updated.")
    occurred = time_of(message.get("timestamp"))
    data = message.get("data")
    rows = list_of(data, "data") if isinstance(data, list) else [data]
    return [_event(entity, change, occurred, dict_of(row, "data")) for row in rows]


def _event(entity: str, change: str, occurred: dt.datetime, row: dict[str, Any]) -> Event:
    key = id_of(row.get("external_id"), "data.external_id")
    version = row.get("version", 0)
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version < 2**62:
        raise Unreadable("data.version is not a whole number.")
    merged = tuple(id_of(one, "data.merged") for one in list_of(row.get("merged", []), "data.merged", 1000))
    kind = _kind(change, row, merged)
    parts = (entity, key, change, version, occurred.isoformat(), *merged)
    return Event(
        entity=entity,
        external_id=key,
        kind=kind,
        occurred=occurred,
        version=version,
        dedupe_key=":".join(text_of(part) for part in parts),
        fields=_fields(row) if kind is EventKind.CHANGE else {},
        merged=merged if kind is EventKind.MERGE else (),
    )


def _kind(change: str, row: dict[str, Any], merged: tuple[str, ...]) -> EventKind:
    if row.get("deleted") is True or change == "deleted":
        return EventKind.DELETE
    if change == "merged" and merged:
        return EventKind.MERGE
    return EventKind.RESTORE if change == "restored" else EventKind.CHANGE


def _fields(row: dict[str, Any]) -> dict[str, str]:
    """What the row says: what has no name of ours keeps the sender's, where it is a plain value."""
    fields = {name: text_of(row[name]) for name in KNOWN if name in row}
    others = [name for name in row if name not in TOLD_OTHERWISE and name not in fields]
    fields |= {name[:60]: text_of(row[name]) for name in others[:MOST_FIELDS] if _is_plain(row[name])}
    fields |= {ours: text_of(row[theirs]) for theirs, ours in DAYS.items() if theirs in row}
    for name in ("owner", "account"):
        if name in row:
            fields[name] = _reference(row[name], name)
    if "lines" in row:
        fields["lines"] = lines_text([_line(one) for one in list_of(row["lines"], "data.lines", MOST_LINES)])
    return fields


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _line(value: Any) -> dict[str, str]:
    """A product of a deal: quantity 1 unless told, and its amount, or what one of it costs."""
    line = dict_of(value, "A line")
    return {
        "product": text_of(line.get("sku") or line.get("product")),
        "text": text_of(line.get("name") or line.get("text")),
        "quantity": text_of(line.get("quantity", 1)),
        "amount": text_of(line.get("amount")),
        "unit_price": text_of(line.get("unit_price")),
    }


def _reference(value: Any, name: str) -> str:
    """An owner by e-mail address, an account by its external id, else by what there is."""
    if not isinstance(value, dict):
        return text_of(value)
    first, second = ("email", "external_id") if name == "owner" else ("external_id", "email")
    return text_of(value.get(first) or value.get(second) or value.get("name"))
