"""Every write of accounts and reps."""

from typing import Any, TypeVar

from django.db import transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason
from core.models import Person
from crm.models import Account, Rep
from crm.selectors.accounts import VISIBLE, accounts_below, reps_below

Row = TypeVar("Row", Account, Rep)
EDIT = "crm.edit"
UPWARDS: dict[type, tuple[str, Any]] = {
    Account: ("parent", accounts_below),
    Rep: ("manager", reps_below),
}


@transaction.atomic
def create_crm_row(
    *, actor: Person | None, model: type[Row], values: dict[str, Any], reason: str = ""
) -> Row:
    """Add an account or a rep. Raises Invalid by field, Denied outside the actor's rights or scope."""
    require(actor, EDIT)
    name = model._meta.verbose_name
    row = create_row(actor=actor, row=model(**values), verb=f"{name} added", reason=reason)
    _refuse_out_of_scope(actor, row)
    return row


@transaction.atomic
def change_crm_row(
    *, actor: Person | None, row: Row, revision: int, changes: dict[str, Any], reason: str = ""
) -> Row:
    """Change an account or a rep. Raises Conflict on a stale revision, Invalid by field, Denied."""
    require(actor, EDIT)
    _refuse_own_branch(row, changes)
    verb = f"{row._meta.verbose_name} changed"
    saved = change_row(actor=actor, row=row, revision=revision, changes=changes, verb=verb, reason=reason)
    _refuse_out_of_scope(actor, saved)
    return saved


def _refuse_own_branch(row: Row, changes: dict[str, Any]) -> None:
    field, below = UPWARDS[type(row)]
    above = changes.get(field)
    if above is not None and below([row.pk]).filter(pk=above.pk).exists():
        text = f"{row} cannot stand below itself. Choose a {field} outside of its own branch."
        raise Invalid(Reason(text, "own_branch", field))


def _refuse_out_of_scope(actor: Person | None, row: Row) -> None:
    if not VISIBLE[type(row)](actor).filter(pk=row.pk).exists():
        raise Denied(f"{row} would lie outside of your scope. Choose a market of your own.")
