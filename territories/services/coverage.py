"""Who plays which role in which territory, from which day to which: given, changed, ended."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason
from core.events import record
from core.models import Person
from core.services.notifications import notify
from crm.models import Rep
from crm.selectors.accounts import reps_visible_to
from territories.models import CoverageRole, ModelState, Territory, TerritoryRep
from territories.pipeline.assignments import settle
from territories.selectors.addresses import coverage_path
from territories.selectors.coverage import last_day
from territories.selectors.models import territories_visible_to

PLAN = "territories.plan"
ONE_DAY = dt.timedelta(days=1)


@transaction.atomic
def give_role(
    *,
    actor: Person | None,
    territory: Territory,
    role: CoverageRole,
    rep: Rep,
    first: dt.date,
    last: dt.date | None = None,
    share: Decimal | int = 1,
    reason: str = "",
) -> TerritoryRep:
    """Let a rep play a role in a territory from `first` up to and with `last`; without it until the next
    change that is entered already. Who had the role until then ends the day before.

    Raises Invalid by field, Denied outside the actor's scope, Refused where two territories would give
    an account two reps in the role.
    """
    may_cover(actor, territory, rep)
    refuse_role(territory, role)
    _refuse_inactive(rep)
    days = days_between(first, last)
    refuse_days(territory, days)
    _need_reason(territory, first, reason)
    Territory.objects.select_for_update(no_key=True).get(pk=territory.pk)
    row = TerritoryRep(territory=territory, role=role, rep=rep, share=share)
    row.days = days if last else DateRange(first, _next_change(territory, role, first))
    if (same := _same(row)) is not None:
        return same
    _make_room(actor, row, reason)
    saved = create_row(actor=actor, row=row, verb="rep given a territory", reason=reason)
    settled(territory)
    _tell(actor, saved)
    return saved


@transaction.atomic
def change_role(
    *, actor: Person | None, row: TerritoryRep, revision: int, changes: dict[str, Any], reason: str = ""
) -> TerritoryRep:
    """Change share or days (`first`, `last`) of a role that a rep has. Other reps' days are left alone.

    Raises Conflict on a stale revision, Invalid by field, Denied, Refused.
    """
    may_cover(actor, row.territory, row.rep)
    days = days_between(changes.get("first", row.days.lower), changes.get("last", last_day(row)))
    wanted: dict[str, Any] = {"days": days}
    if "share" in changes:
        wanted["share"] = changes["share"]
    refuse_days(row.territory, days)
    _need_reason(row.territory, _first_changed(row, wanted), reason)
    saved = change_row(
        actor=actor, row=row, revision=revision, changes=wanted, verb="territory role changed", reason=reason
    )
    settled(row.territory)
    return saved


@transaction.atomic
def end_role(
    *, actor: Person | None, row: TerritoryRep, revision: int, last: dt.date, reason: str = ""
) -> TerritoryRep:
    """Let a rep's role in a territory end with the day `last`: from the next day on it is vacant, or the
    next rep's. Raises Conflict, Invalid, Denied."""
    if row.days.upper is not None and last >= row.days.upper:
        text = f"The role ends on {last_day(row):%d %b %Y} already. Choose a day before that."
        raise Invalid(Reason(text, "invalid", "last"))
    return change_role(actor=actor, row=row, revision=revision, changes={"last": last}, reason=reason)


@transaction.atomic
def remove_role(*, actor: Person | None, row: TerritoryRep, revision: int, reason: str = "") -> None:
    """Take back a role that has not begun yet. Raises Conflict, Invalid once it has begun, Denied."""
    may_cover(actor, row.territory, row.rep)
    fresh = change_row(actor=actor, row=row, revision=revision, changes={}, verb="territory role removed")
    if fresh.days.lower <= timezone.localdate() and _in_force(row.territory):
        raise Invalid(Reason("The role has begun. End it with a day instead: what was stays known.", "begun"))
    _delete(actor, fresh, reason)
    settled(row.territory)


def may_cover(actor: Person | None, territory: Territory, rep: Rep | None = None) -> None:
    """Raises Denied unless the actor plans territories, sees this one, and sees the rep."""
    require(actor, PLAN)
    if not territories_visible_to(actor).filter(pk=territory.pk).exists():
        raise Denied(f"{territory} is outside of your scope. Choose a territory of your own team.")
    if rep is not None and not reps_visible_to(actor).filter(pk=rep.pk).exists():
        raise Denied(f"{rep} is outside of your scope. Choose a rep of your own team.")


def refuse_role(territory: Territory, role: CoverageRole) -> None:
    """Raises Invalid for a role that is given up, or that the territory does not have."""
    if not role.is_active:
        raise Invalid(Reason(f"{role.name} is no longer used. Choose another role.", "inactive", "role"))
    if territory.role is not None and territory.role != role:
        text = f"{territory.name} is for {territory.role.name} only. Give the rep that role."
        raise Invalid(Reason(text, "other_role", "role"))


def refuse_days(territory: Territory, days: DateRange) -> None:
    """Raises Invalid for days on which the territory's model is not in force."""
    force = territory.model.days
    if force is None:
        return
    if force.lower and days.lower < force.lower:
        text = f"{territory.model.name} is in force from {force.lower:%d %b %Y}. Choose a day from then on."
        raise Invalid(Reason(text, "outside", "first"))
    if force.upper and (days.lower >= force.upper or (days.upper or dt.date.max) > force.upper):
        text = f"{territory.model.name} is in force until {force.upper - ONE_DAY:%d %b %Y}. End by then."
        raise Invalid(Reason(text, "outside", "first" if days.lower >= force.upper else "last"))


def days_between(first: dt.date, last: dt.date | None) -> DateRange:
    """From the first day up to and with the last. Raises Invalid for days that run backwards."""
    if last is not None and last < first:
        raise Invalid(Reason("The last day is before the first. Mend one of the two.", "invalid", "last"))
    return DateRange(first, last + ONE_DAY if last else None)


def settled(territory: Territory) -> None:
    """Make what follows from the territory's reps anew, where its model is or was in force."""
    if _in_force(territory):
        settle(territories=[territory.pk])


def _in_force(territory: Territory) -> bool:
    return territory.model.state != ModelState.PLANNING


def _refuse_inactive(rep: Rep) -> None:
    if not rep.is_active:
        raise Invalid(Reason(f"{rep.name} is not active. Choose another rep.", "inactive", "rep"))


def _need_reason(territory: Territory, first: dt.date | None, reason: str) -> None:
    """Days that are over are history: they are corrected, with a reason that stays beside them."""
    if first is not None and first < timezone.localdate() and _in_force(territory) and not reason.strip():
        text = "This changes days that are over. Say why: the reason is kept with the correction."
        raise Invalid(Reason(text, "reason", "reason"))


def _first_changed(row: TerritoryRep, wanted: dict[str, Any]) -> dt.date | None:
    """The first day of which something is said that was not said before; None for no change."""
    old, new = row.days, wanted["days"]
    if wanted.get("share", row.share) != row.share or old.lower != new.lower:
        return min(old.lower, new.lower)
    if old.upper == new.upper:
        return None
    return min(day for day in (old.upper, new.upper) if day is not None)


def _rows_of(row: TerritoryRep) -> Any:
    return TerritoryRep.objects.filter(territory=row.territory, role=row.role)


def _next_change(territory: Territory, role: CoverageRole, first: dt.date) -> dt.date | None:
    """The first day after `first` of which somebody said who has the role, or that it ends."""
    rows = TerritoryRep.objects.filter(territory=territory, role=role)
    starts = [row.days.lower for row in rows.filter(days__startswith__gt=first)]
    holder = rows.filter(days__contains=first).first()
    ends = [holder.days.upper] if holder is not None and holder.days.upper else []
    return min([*starts, *ends], default=None)


def _same(row: TerritoryRep) -> TerritoryRep | None:
    """The row that says so already."""
    found: TerritoryRep | None = _rows_of(row).filter(days=row.days, rep=row.rep, share=row.share).first()
    return found


def _make_room(actor: Person | None, new: TerritoryRep, reason: str) -> None:
    """Cut what others have on the new row's days; what they have before and after stays theirs."""
    why = reason or f"{new.rep} follows"
    for row in _rows_of(new).filter(days__overlap=new.days).order_by("days"):
        rest = _after(row, new.days)
        if row.days.lower < new.days.lower:
            _move(actor, row, DateRange(row.days.lower, new.days.lower), why)
            if rest:
                again = TerritoryRep(
                    territory=row.territory, role=row.role, rep=row.rep, share=row.share, days=rest
                )
                create_row(actor=actor, row=again, verb="rep given a territory", reason=why)
        elif rest:
            _move(actor, row, rest, why)
        else:
            _delete(actor, row, why)


def _after(row: TerritoryRep, days: DateRange) -> DateRange | None:
    if days.upper is None or (row.days.upper is not None and row.days.upper <= days.upper):
        return None
    return DateRange(days.upper, row.days.upper)


def _move(actor: Person | None, row: TerritoryRep, days: DateRange, why: str) -> None:
    change_row(
        actor=actor,
        row=row,
        revision=row.revision,
        changes={"days": days},
        verb="territory role changed",
        reason=why,
    )


def _delete(actor: Person | None, row: TerritoryRep, why: str) -> None:
    before = {"rep": row.rep, "role": row.role, "days": row.days, "share": row.share}
    record(actor=actor, verb="territory role removed", subject=row, before=before, reason=why)
    row.delete()


def _tell(actor: Person | None, row: TerritoryRep) -> None:
    person = row.rep.person
    if person is None or person == actor or not _in_force(row.territory):
        return
    notify(
        people=[person],
        title=f"You are {row.role.name} of {row.territory.name} from {row.days.lower:%d %b %Y}",
        text="Your accounts there follow on that day.",
        url=coverage_path(row),
    )
