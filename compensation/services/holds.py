"""Holding pay back, and letting it go."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from compensation.models import CreditHold
from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason, Refused
from core.models import Person
from crm.models import Deal, Rep

CREDIT, ALL = "pay.credit", Decimal(100)


@transaction.atomic
def put_hold(
    *,
    actor: Person | None,
    deal: Deal | None = None,
    rep: Rep | None = None,
    component: str = "",
    percent: Decimal = ALL,
    since: dt.date | None = None,
    reason: str,
) -> CreditHold:
    """Hold pay back of a deal, of a rep, or of a rep for a deal; of one component or of all. It is calculated
    and shown, but not paid until it is released. Raises Invalid by field, Refused for the same once more."""
    require(actor, CREDIT)
    row = CreditHold(
        deal=deal,
        rep=rep,
        component=component.strip(),
        percent=percent,
        since=since or timezone.localdate(),
        reason=_given(reason),
        held_by=actor,
    )
    if deal is None and rep is None:
        raise Invalid(Reason("Choose a deal, a rep, or both.", "required", "deal"))
    _refuse_twice(row)
    return create_row(actor=actor, row=row, verb="pay held", reason=row.reason)


@transaction.atomic
def change_hold(
    *, actor: Person | None, row: CreditHold, revision: int, changes: dict[str, Any]
) -> CreditHold:
    """Change component, percent, first day or reason of a hold that is not released. Raises Invalid by field,
    Conflict, Refused once it is released."""
    require(actor, CREDIT)
    fresh = CreditHold.objects.select_for_update(of=("self",)).get(pk=row.pk)
    _refuse_released(fresh)
    if "reason" in changes:
        changes = changes | {"reason": _given(changes["reason"])}
    return change_row(
        actor=actor,
        row=row,
        revision=revision,
        changes=changes,
        verb="hold changed",
        reason=str(changes.get("reason", "")),
    )


@transaction.atomic
def release_hold(
    *, actor: Person | None, row: CreditHold, revision: int, released: dt.date | None = None, reason: str
) -> CreditHold:
    """Let go what a hold keeps back: it is paid with the month of the day. Raises Invalid by field, Conflict,
    Refused once it is released."""
    require(actor, CREDIT)
    fresh = CreditHold.objects.select_for_update(of=("self",)).get(pk=row.pk)
    _refuse_released(fresh)
    day = released or timezone.localdate()
    if day < fresh.since:
        text = f"The hold begins on {fresh.since:%d %b %Y}. Release it on that day or later."
        raise Invalid(Reason(text, "early", "released"))
    changes = {"released": day, "released_by": actor, "release_reason": _given(reason, "reason")}
    return change_row(
        actor=actor, row=row, revision=revision, changes=changes, verb="hold released", reason=reason
    )


@transaction.atomic
def release_holds(
    *, actor: Person | None, rows: Sequence[CreditHold], released: dt.date | None = None, reason: str
) -> int:
    """Let several holds go at once, all of them or none; says how many. Raises as release_hold, with the
    reasons of all."""
    require(actor, CREDIT)
    if not rows:
        raise Invalid(Reason("Choose at least one hold.", "required", "holds"))
    reasons: list[Reason] = []
    for row in rows:
        try:
            release_hold(actor=actor, row=row, revision=row.revision, released=released, reason=reason)
        except Refused as refusal:
            reasons += refusal.reasons
    if reasons:
        raise Refused(*dict.fromkeys(reasons))
    return len(rows)


def _refuse_twice(row: CreditHold) -> None:
    """A double click holds pay once: one at a time for each deal or rep."""
    about = row.deal or row.rep
    if about is not None:
        type(about)._default_manager.select_for_update(of=("self",), no_key=True).get(pk=about.pk)
    names = ("deal", "rep", "component", "percent", "since", "reason", "held_by")
    same = {name: getattr(row, name) for name in names} | {"released": None}
    if CreditHold.objects.filter(**same).exists():
        text = "The same is held already, for the same reason. Release that hold, or say another reason."
        raise Refused(Reason(text, "twice", "reason"))


def _given(reason: str, field: str = "reason") -> str:
    if not reason.strip():
        raise Invalid(Reason("Say why.", "required", field))
    return reason.strip()


def _refuse_released(row: CreditHold) -> None:
    if row.released is not None:
        text = f"This hold was released on {row.released:%d %b %Y}. Put a new one."
        raise Refused(Reason(text, "released"))
