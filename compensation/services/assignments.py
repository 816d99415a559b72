"""Who is on a plan on which days: roles, single reps, and reps with own terms."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from compensation.models import PayPlan, PayRole, PlanAssignment, PlanVersion, VersionState
from compensation.selectors.plans import OPEN, faults_of_own_terms
from compensation.services.pay_rules import (
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

OWN = frozenset({"target_incentive", "changes", "is_off"})


@transaction.atomic
def put_on_plan(
    *,
    actor: Person | None,
    plan: PayPlan,
    first: dt.date,
    last: dt.date | None = None,
    role: PayRole | None = None,
    rep: Rep | None = None,
    target_incentive: Decimal | None = None,
    changes: Mapping[str, Any] | None = None,
    is_off: bool = False,
    reason: str = "",
) -> PlanAssignment:
    """Put a role or a rep on a plan, from a day on. A rep may have an own target incentive, `changes` laid
    over the terms, or be off the plan that the role is on.

    Raises Invalid by field, for changes with which the terms cannot be read, and without a reason for own
    terms; Denied for the own pay.
    """
    may_set_pay_of(actor, rep)
    row = PlanAssignment(
        plan=plan,
        role=role,
        rep=rep,
        days=days_between(first, last),
        target_incentive=target_incentive,
        changes=dict(changes or {}),
        is_off=is_off,
        reason=reason.strip(),
    )
    _refuse_unfit(row)
    reason_for_closed(first, reason)
    return create_row(actor=actor, row=row, verb="put on a plan", reason=row.reason)


@transaction.atomic
def change_assignment(
    *, actor: Person | None, row: PlanAssignment, revision: int, changes: dict[str, Any]
) -> PlanAssignment:
    """Change days (`first`, `last`), own target, own terms, `is_off` or the reason.

    Raises Conflict on a stale revision, Invalid by field, Denied.
    """
    may_set_pay_of(actor, row.rep)
    days = days_between(changes.get("first", row.days.lower), changes.get("last", last_of(row.days)))
    wanted = {name: value for name, value in changes.items() if name in OWN}
    if "changes" in wanted:
        wanted["changes"] = dict(wanted["changes"] or {})
    reason = str(changes.get("reason", row.reason)).strip()
    _refuse_unfit(_as_wanted(row, wanted | {"days": days, "reason": reason}))
    since = changed_since(row, wanted, days)
    if since is not None:
        reason_for_closed(since, reason)
    wanted |= {"days": days, "reason": reason}
    verb = "days or terms on a plan changed"
    return change_row(actor=actor, row=row, revision=revision, changes=wanted, verb=verb, reason=reason)


@transaction.atomic
def take_off_plan(*, actor: Person | None, row: PlanAssignment, revision: int, reason: str = "") -> None:
    """Take back days on a plan that have not begun. Raises Conflict, Invalid once they have, Denied."""
    may_set_pay_of(actor, row.rep)
    fresh = change_row(actor=actor, row=row, revision=revision, changes={}, verb="taken off a plan")
    if fresh.days.lower <= timezone.localdate():
        text = "These days have begun. End them with a last day instead: what was stays known."
        raise Invalid(Reason(text, "begun"))
    before = {"plan": fresh.plan, "role": fresh.role, "rep": fresh.rep, "days": fresh.days}
    record(actor=actor, verb="taken off a plan", subject=fresh, before=before, reason=reason)
    fresh.delete()


def _as_wanted(row: PlanAssignment, wanted: dict[str, Any]) -> PlanAssignment:
    names = ("plan", "role", "rep", "days", "target_incentive", "changes", "is_off", "reason")
    return PlanAssignment(**{name: getattr(row, name) for name in names} | wanted)


def _refuse_unfit(row: PlanAssignment) -> None:
    """Raises Invalid with every reason why the row does not fit its plan."""
    reasons = []
    if (row.role is None) == (row.rep is None):
        reasons.append(Reason("Choose either a role or a rep.", "invalid", "rep"))
    own = bool(row.changes) or row.target_incentive is not None or row.is_off
    if own and row.rep is None:
        text = "Terms of one's own belong to a rep, not to a role."
        reasons.append(Reason(text, "invalid", "target_incentive"))
    if own and not row.reason:
        reasons.append(Reason("Say why this rep has other terms.", "reason_missing", "reason"))
    if row.is_off and (row.changes or row.target_incentive is not None):
        text = "Who is not on the plan has no terms of it. Leave target and terms empty."
        reasons.append(Reason(text, "invalid", "is_off"))
    reasons += _unreadable(row)
    if reasons:
        raise Invalid(*reasons)


def _unreadable(row: PlanAssignment) -> list[Reason]:
    """What is wrong with own terms, laid over every version that they meet."""
    if not row.changes:
        return []
    if not isinstance(row.changes, Mapping):
        return [Reason("Write own terms as names and values.", "invalid", "changes")]
    return [
        Reason(f"With {version}: {fault}", "unreadable", "changes")
        for version in _met(row)
        for fault in faults_of_own_terms(version.terms, row.changes)
    ]


def _met(row: PlanAssignment) -> list[PlanVersion]:
    """The versions in force on the row's days; without one, the one that is being written."""
    versions = PlanVersion.objects.filter(plan=row.plan).select_related("plan")
    met = list(versions.filter(state=VersionState.APPROVED, days__overlap=row.days))
    return met or list(versions.filter(state__in=OPEN))
