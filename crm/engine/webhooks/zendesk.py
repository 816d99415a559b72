"""Zendesk: base64 HMAC-SHA256 over time stamp and body; the key is the secret's text as it stands.

Events are those of Zendesk's event bus. Deals live in Zendesk Sell, which sends no signed events:
connect it through the standard door.
"""

import datetime as dt

from crm.engine.webhooks.arriving import Arrival, Rejected, Secret, Unreadable, fresh, json_of
from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.signing import base64_text, first_match, hmac_sha256
from crm.engine.webhooks.values import dict_of, id_of, text_of, time_of

ENTITIES = {"organization": "account", "user": "contact"}
FIELDS = {"name": "name", "email": "email", "external_id": "external_id"}


def verify(arrival: Arrival, secrets: list[Secret], now: dt.datetime) -> Secret:
    """The secret that signed it. Raises Rejected."""
    given = arrival.header("x-zendesk-webhook-signature")
    stamp = arrival.header("x-zendesk-webhook-signature-timestamp")
    fresh(_moment(stamp), now)
    signed = stamp + arrival.body
    return first_match(secrets, given, lambda secret: base64_text(hmac_sha256(secret.text.encode(), signed)))


def _moment(stamp: bytes) -> dt.datetime:
    """ISO-8601; whole seconds are accepted as well."""
    text = stamp.decode("ascii")
    try:
        if text.isdigit():
            return dt.datetime.fromtimestamp(int(text), tz=dt.UTC)
        moment = dt.datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Rejected("The time stamp is no time.") from error


def parse(body: bytes) -> list[Event]:
    """One event; an empty body (a GET or DELETE) holds none."""
    if not body:
        return []
    message = dict_of(json_of(body), "The body")
    topic = text_of(message.get("type")).removeprefix("zen:event-type:")
    subject, _, change = topic.partition(".")
    if not subject or not change:
        raise Unreadable("type is missing; it is such as zen:event-type:organization.created.")
    detail = dict_of(message.get("detail", {}), "detail")
    return [
        Event(
            entity=ENTITIES.get(subject, subject),
            external_id=id_of(detail.get("id"), "detail.id"),
            kind=EventKind.DELETE if change in {"deleted", "permanently_deleted"} else EventKind.CHANGE,
            occurred=time_of(message.get("time")),
            dedupe_key=id_of(message.get("id"), "id"),
            fields={ours: text_of(detail[name]) for name, ours in FIELDS.items() if name in detail},
        )
    ]
