"""Salesforce: outbound messages (SOAP) and change events (JSON through the standard door).

Outbound messages are not signed. What proves the sender is the secret address, and the organisation
that must be on the endpoint's list; the session id is never read. The answer must be an Ack after
the messages are stored, or Salesforce sends them again for 24 hours.
"""

import datetime as dt
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from crm.engine.webhooks.arriving import Arrival, Rejected, Secret, Unreadable, json_of
from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.signing import first_match
from crm.engine.webhooks.values import dict_of, id_of, list_of, text_of, time_of

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
MOST = 100
HEADER = "ChangeEventHeader"
ENTITIES = {"Opportunity": "deal", "Account": "account", "Contact": "contact", "Lead": "lead"}
FIELDS = {
    "Name": "name",
    "Amount": "amount",
    "CurrencyIsoCode": "currency",
    "StageName": "stage",
    "OwnerId": "owner",
    "AccountId": "account",
    "CloseDate": "expected_close",
    "Probability": "probability",
    "NextStep": "next_step",
}
ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>'
    "</notificationsResponse></soapenv:Body></soapenv:Envelope>"
)


def verify(arrival: Arrival, secrets: list[Secret], now: dt.datetime) -> Secret:
    """The organisation that sent it, if it is on the endpoint's list (the secrets are its ids)."""
    try:
        sender = _text(_notifications(arrival.body), f"{OUTBOUND}OrganizationId")
    except Unreadable as error:
        raise Rejected(str(error)) from error
    return first_match(secrets, sender.encode(), lambda secret: secret.text.encode())


def parse(body: bytes) -> list[Event]:
    """One event for each notification of the envelope; JSON bodies are change events."""
    if body.lstrip()[:1] in (b"{", b"["):
        return change_events(body)
    found = _notifications(body).findall(f"{OUTBOUND}Notification")
    if len(found) > MOST:
        raise Unreadable(f"There are more than {MOST} notifications.")
    return [_notified(one) for one in found]


def _notifications(body: bytes) -> Element:
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable("The body is not the XML of an outbound message.") from error
    found = root.find(f"{SOAP}Body/{OUTBOUND}notifications")
    if found is None:
        raise Unreadable("The envelope holds no notifications.")
    return found


def _notified(notification: Element) -> Event:
    record = notification.find(f"{OUTBOUND}sObject")
    if record is None:
        raise Unreadable("A notification has no sObject.")
    values = {
        child.tag.rpartition("}")[2]: "" if child.get(NIL) == "true" else text_of(child.text)
        for child in record
    }
    changed = values.get("SystemModstamp") or values.get("LastModifiedDate")
    key = id_of(_text(notification, f"{OUTBOUND}Id"), "Id")
    kind = (record.get(TYPE) or "").rpartition(":")[2]
    return Event(
        entity=ENTITIES.get(kind, kind.lower()),
        external_id=id_of(values.get("Id"), "sObject Id"),
        kind=EventKind.CHANGE if changed else EventKind.FETCH,
        occurred=time_of(changed) if changed else dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
        dedupe_key=key,
        fields={ours: values[name] for name, ours in FIELDS.items() if name in values},
    )


def _text(node: Element, path: str) -> str:
    found = node.find(path)
    return text_of(found.text) if found is not None else ""


def change_events(body: bytes) -> list[Event]:
    """Events of Change Data Capture, as a platform's relay posts them, one or a list."""
    message = json_of(body)
    messages = list_of(message, "The body", 1000) if isinstance(message, list) else [message]
    return [event for one in messages for event in changes_of(dict_of(one, "The body"))]


def is_change_event(message: dict[str, Any]) -> bool:
    """Whether a message is one of Change Data Capture, wherever its relay put it."""
    return any(isinstance(one, dict) and HEADER in one for one in _contents(message))


def _contents(message: dict[str, Any]) -> tuple[Any, ...]:
    return (message.get("payload"), message.get("detail"), message)


def changes_of(message: dict[str, Any]) -> list[Event]:
    """One event for each record of a change event."""
    content = dict_of(next(filter(None, _contents(message)), {}), "payload")
    header = dict_of(content.get(HEADER), HEADER)
    kind = CHANGES.get(text_of(header.get("changeType")), EventKind.FETCH)
    fields = {ours: text_of(content[name]) for name, ours in FIELDS.items() if content.get(name) is not None}
    fields |= {
        FIELDS.get(name, name): ""
        for name in map(text_of, list_of(header.get("nulledFields") or [], "nulledFields"))
    }
    order = header.get("commitNumber") or 0
    return [
        Event(
            entity=ENTITIES.get(text_of(header.get("entityName")), text_of(header.get("entityName")).lower()),
            external_id=id_of(key, "a record id"),
            kind=kind,
            occurred=time_of(header.get("commitTimestamp")),
            version=order if isinstance(order, int) and 0 <= order < 2**62 else 0,
            dedupe_key=f"{text_of(header.get('transactionKey'))}:{text_of(header.get('sequenceNumber'))}:{text_of(key)}",
            fields=fields if kind is EventKind.CHANGE else {},
        )
        for key in list_of(header.get("recordIds"), "recordIds", 1000)
    ]


CHANGES = {
    "CREATE": EventKind.CHANGE,
    "UPDATE": EventKind.CHANGE,
    "DELETE": EventKind.DELETE,
    "UNDELETE": EventKind.RESTORE,
}
