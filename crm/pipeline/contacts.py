"""Contacts as CRMs tell of them: a name and how to reach the person, nothing more.

A contact stands here once its account and a name or address are known. One that is deleted there is
forgotten here, with what the CRM had told.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from crm.engine.webhooks.events import Event
from crm.engine.webhooks.records import RecordState
from crm.models import Account, Contact, OutsideRecord
from crm.pipeline.names import Names
from crm.pipeline.outside import ACCOUNT, Folded, Shape, fold_events, is_gone, names_of, told
from crm.pipeline.settling import Settled

LENGTHS = {"name": 120, "email": 254, "phone": 40, "job_title": 120}
PERSONAL = {"first_name", "last_name", *LENGTHS}
SHAPE = Shape(
    "contact",
    {
        **dict.fromkeys(("name", "fullname"), "name"),
        **dict.fromkeys(("firstname",), "first_name"),
        **dict.fromkeys(("lastname",), "last_name"),
        **dict.fromkeys(("email", "emailaddress", "primaryemail"), "email"),
        **dict.fromkeys(("phone", "phonenumber", "mobilephone"), "phone"),
        **dict.fromkeys(("jobtitle", "title"), "job_title"),
        **dict.fromkeys(("account", "accountid", "associatedcompanyid", "orgid", "leadid"), "account"),
    },
    references={"account": ACCOUNT},
)


def apply_contact_events(source: str, events: Sequence[Event]) -> list[Settled]:
    """Apply events of one CRM to its contacts, and say of each what became of it, in their order.

    Runs inside the caller's transaction.
    """
    folded = fold_events(source, SHAPE, events)
    accounts = names_of(source, SHAPE, [told(state) for state in folded.states.values()])
    for key, state in folded.states.items():
        if is_gone(state):
            _forget(folded, key)
        else:
            _write(folded.records[key], state, accounts)
    folded.store()
    return folded.settled


def _write(record: OutsideRecord, state: RecordState, accounts: Names) -> None:
    values = told(state)
    account = accounts.find(ACCOUNT, values.get("account", ""))
    wanted = _columns(values)
    if account is None or not wanted.get("name"):
        return
    contact = record.contact or _same(account, wanted.get("email", "")) or Contact()
    if wanted.get("email") and (twin := _same(account, wanted["email"])) not in (None, contact):
        contact = twin  # another record of the CRM is this very person
    contact.account = account
    for name, value in wanted.items():
        setattr(contact, name, value)
    contact.revision = contact.revision + 1 if contact.pk else 1
    contact.save()
    record.contact = contact


def _columns(values: dict[str, str]) -> dict[str, Any]:
    """What is told of the person by our columns; the name is put together where it comes in parts."""
    parts = " ".join(filter(None, (values.get("first_name"), values.get("last_name"))))
    name = values.get("name") or parts or values.get("email", "")
    told_of = {column: values[column] for column in LENGTHS if column in values} | {"name": name}
    return {column: value[: LENGTHS[column]] for column, value in told_of.items()}


def _same(account: Account, email: str) -> Contact | None:
    return Contact.objects.filter(account=account, email__iexact=email).first() if email else None


def _forget(folded: Folded, key: str) -> None:
    record, state = folded.records[key], folded.states[key]
    if (contact := record.contact) is not None:
        record.contact = None
        contact.delete()
    blank = {name: replace(one, value="") if name in PERSONAL else one for name, one in state.fields.items()}
    folded.states[key] = replace(state, fields=blank)
