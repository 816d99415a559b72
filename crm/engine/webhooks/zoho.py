"""Zoho CRM notifications: the channel's token comes back in the body; one message names many records."""

import datetime as dt
from typing import Any

from crm.engine.webhooks.arriving import Arrival, Rejected, Secret, Unreadable, json_of
from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.signing import first_match
from crm.engine.webhooks.values import dict_of, id_of, list_of, text_of, time_of

ENTITIES = {"Deals": "deal", "Accounts": "account", "Contacts": "contact", "Leads": "lead"}
FIELDS = {
    "Deal_Name": "name",
    "Account_Name": "account",
    "Amount": "amount",
    "Currency": "currency",
    "Stage": "stage",
    "Owner": "owner",
    "Closing_Date": "expected_close",
    "Probability": "probability",
    "Next_Step": "next_step",
    "Pipeline": "pipeline",
}
KINDS = {
    "insert": EventKind.CHANGE,
    "update": EventKind.CHANGE,
    "delete": EventKind.DELETE,
    "undelete": EventKind.RESTORE,
}


def verify(arrival: Arrival, secrets: list[Secret], now: dt.datetime) -> Secret:
    """The token that came back. Raises Rejected: a body that cannot be read proves nothing."""
    try:
        token = text_of(dict_of(json_of(arrival.body), "The body").get("token"))
    except Unreadable as error:
        raise Rejected(str(error)) from error
    if not token:
        raise Rejected("The token is missing.")
    return first_match(secrets, token.encode(), lambda secret: secret.text.encode())


def parse(body: bytes) -> list[Event]:
    """One event for each record; where the values were not sent the record is to be fetched."""
    message = dict_of(json_of(body), "The body")
    module, operation = text_of(message.get("module")), text_of(message.get("operation"))
    occurred = time_of(message.get("server_time"))
    values = _values(message)
    return [
        _event(module, operation, occurred, id_of(key, "an id"), values)
        for key in list_of(message.get("ids"), "ids", 1000)
    ]


def _values(message: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rows = list_of(message.get("affected_values") or [], "affected_values", 1000)
    entries = [dict_of(row, "affected_values") for row in rows]
    return {text_of(row.get("record_id")): dict_of(row.get("values") or {}, "values") for row in entries}


def _event(
    module: str, operation: str, occurred: dt.datetime, key: str, values: dict[str, dict[str, Any]]
) -> Event:
    kind = KINDS.get(operation, EventKind.FETCH)
    if kind is EventKind.CHANGE and not values.get(key):
        kind = EventKind.FETCH
    row = values.get(key, {}) if kind is EventKind.CHANGE else {}
    return Event(
        entity=ENTITIES.get(module, module.lower()),
        external_id=key,
        kind=kind,
        occurred=occurred,
        dedupe_key=f"{module}:{key}:{operation}:{int(occurred.timestamp() * 1000)}",
        fields={FIELDS.get(name, name): _value(value) for name, value in row.items()},
    )


def _value(value: Any) -> str:
    """Lookups are objects with an id, pick lists plain text."""
    if isinstance(value, dict):
        return text_of(value.get("id", value.get("name")))
    return "; ".join(text_of(one) for one in value) if isinstance(value, list) else text_of(value)
