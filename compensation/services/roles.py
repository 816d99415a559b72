"""Pay roles: what people are hired as."""

from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from compensation.models import PayRole
from core.access import require
from core.editing import change_row, create_row
from core.errors import Reason, Refused
from core.models import Person

PLAN = "pay.plan"


@transaction.atomic
def add_pay_role(*, actor: Person | None, code: str, name: str) -> PayRole:
    """A role for plans. Raises Invalid by field, Denied."""
    require(actor, PLAN)
    return create_row(actor=actor, row=PayRole(code=code, name=name), verb="pay role added")


@transaction.atomic
def change_pay_role(
    *, actor: Person | None, role: PayRole, revision: int, changes: dict[str, Any]
) -> PayRole:
    """Rename a role, or say that it is no longer used.

    Raises Conflict on a stale revision, Invalid by field, Refused while somebody has the role, Denied.
    """
    require(actor, PLAN)
    wanted = {name: value for name, value in changes.items() if name in {"code", "name", "is_active"}}
    if wanted.get("is_active") is False and role.is_active:
        _refuse_needed(role)
    return change_row(actor=actor, row=role, revision=revision, changes=wanted, verb="pay role changed")


def _refuse_needed(role: PayRole) -> None:
    from_today = DateRange(timezone.localdate(), None)
    held = role.positions.filter(days__overlap=from_today).select_related("rep").first()
    if held is not None:
        text = f"{held.rep.name} has this role. End that first."
        raise Refused(Reason(text, "held", "is_active"))
