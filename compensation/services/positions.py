"""Positions: which rep has which role on which days, with the yearly pay of the contract."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from compensation.models import PayRole, Position
from compensation.services.pay_rules import (
    DAY,
    changed_since,
    days_between,
    last_of,
    may_set_pay_of,
    reason_for_closed,
)
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.events import record
from core.models import Person
from crm.models import Rep

CHANGED = frozenset({"role", "base_salary", "target_incentive"})


@transaction.atomic
def give_position(
    *,
    actor: Person | None,
    rep: Rep,
    role: PayRole,
    first: dt.date,
    last: dt.date | None = None,
    reason: str = "",
    **pay: Any,
) -> Position:
    """Give a rep a role from a day on; the position held before ends the day before.

    pay: base_salary and target_incentive, a year's. Raises Invalid by field, Denied for the own pay.
    """
    may_set_pay_of(actor, rep)
    if not role.is_active:
        raise Invalid(Reason(f"{role} is no longer used. Choose another role.", "inactive", "role"))
    days = days_between(first, last)
    reason_for_closed(first, reason)
    _end_before(actor, rep, first, reason)
    row = Position(rep=rep, role=role, days=days, **pay)
    return create_row(actor=actor, row=row, verb="position given", reason=reason)


def _end_before(actor: Person | None, rep: Rep, first: dt.date, reason: str) -> None:
    held = Position.objects.filter(rep=rep, days__contains=first, days__endswith=None).first()
    if held is not None and held.days.lower < first:
        changes = {"days": days_between(held.days.lower, first - DAY)}
        verb = "position ended"
        change_row(actor=actor, row=held, revision=held.revision, changes=changes, verb=verb, reason=reason)


@transaction.atomic
def change_position(
    *, actor: Person | None, row: Position, revision: int, changes: dict[str, Any], reason: str = ""
) -> Position:
    """Change role, days (`first`, `last`) or pay. A change of locked months needs a reason.

    Raises Conflict on a stale revision, Invalid by field, Denied.
    """
    may_set_pay_of(actor, row.rep)
    wanted = {name: value for name, value in changes.items() if name in CHANGED}
    days = days_between(changes.get("first", row.days.lower), changes.get("last", last_of(row.days)))
    if (since := changed_since(row, wanted, days)) is not None:
        reason_for_closed(since, reason)
    verb = "position changed"
    wanted["days"] = days
    return change_row(actor=actor, row=row, revision=revision, changes=wanted, verb=verb, reason=reason)


@transaction.atomic
def remove_position(*, actor: Person | None, row: Position, revision: int, reason: str = "") -> None:
    """Take back a position that has not begun. Raises Conflict, Invalid once it has begun, Denied."""
    may_set_pay_of(actor, row.rep)
    fresh = change_row(actor=actor, row=row, revision=revision, changes={}, verb="position removed")
    if fresh.days.lower <= timezone.localdate():
        text = "The position has begun. End it with a last day instead: what was stays known."
        raise Invalid(Reason(text, "begun"))
    before = {"rep": fresh.rep, "role": fresh.role, "days": fresh.days}
    record(actor=actor, verb="position removed", subject=fresh, before=before, reason=reason)
    fresh.delete()
