"""Every write of contacts: whom to call at an account, and nothing beyond that."""

from typing import Any

from django.db import transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied
from core.events import record
from core.models import Person
from crm.models import Account, Contact
from crm.selectors.accounts import accounts_visible_to

EDIT = "crm.edit"


@transaction.atomic
def create_contact(*, actor: Person | None, values: dict[str, Any], reason: str = "") -> Contact:
    """Add a contact to an account. Raises Invalid by field, Denied for an account out of scope."""
    require(actor, EDIT)
    _refuse_out_of_scope(actor, values.get("account"))
    return create_row(actor=actor, row=Contact(**values), verb="contact added", reason=reason)


@transaction.atomic
def change_contact(
    *, actor: Person | None, row: Contact, revision: int, changes: dict[str, Any], reason: str = ""
) -> Contact:
    """Change a contact. Raises Conflict on a stale revision, Invalid by field, Denied."""
    require(actor, EDIT)
    _refuse_out_of_scope(actor, row.account)
    _refuse_out_of_scope(actor, changes.get("account"))
    return change_row(
        actor=actor, row=row, revision=revision, changes=changes, verb="contact changed", reason=reason
    )


@transaction.atomic
def remove_contact(*, actor: Person | None, row: Contact) -> None:
    """Forget a person: neither the history nor the log keeps who it was. Raises Denied."""
    require(actor, EDIT)
    _refuse_out_of_scope(actor, row.account)
    account = row.account
    row.delete()
    record(actor=actor, verb="contact removed", subject=account)


def _refuse_out_of_scope(actor: Person | None, account: Account | None) -> None:
    if account is not None and not accounts_visible_to(actor).filter(pk=account.pk).exists():
        raise Denied(f"{account} is outside of your scope.")
