"""Standing in: a rep covers a role in a territory for some days, and who has the role keeps it."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.events import record
from core.models import Person
from core.services.notifications import notify
from crm.models import Absence, Rep
from territories.models import Cover, CoverageRole, RoleKind, Territory, TerritoryRep
from territories.selectors.addresses import cover_path
from territories.selectors.coverage import last_day
from territories.selectors.covers import in_words
from territories.services.coverage import days_between, may_cover, refuse_days, refuse_role


@transaction.atomic
def stand_in(
    *,
    actor: Person | None,
    territory: Territory,
    role: CoverageRole,
    rep: Rep,
    first: dt.date,
    last: dt.date | None = None,
    reason: str,
) -> Cover:
    """Let a rep stand in for a role in a territory; tells the stand-in, who has the role, and managers.

    Raises Invalid by field: for a rep who is away then, has the role already or is not active; for days
    that somebody else covers. Denied outside the actor's scope.
    """
    may_cover(actor, territory, rep)
    refuse_role(territory, role)
    days = days_between(first, last)
    refuse_days(territory, days)
    row = Cover(territory=territory, role=role, rep=rep, days=days, reason=_given(reason))
    _refuse_unfit(row)
    saved = create_row(actor=actor, row=row, verb="cover added", reason=row.reason)
    _tell(actor, saved, in_words(saved))
    return saved


@transaction.atomic
def change_cover(*, actor: Person | None, row: Cover, revision: int, changes: dict[str, Any]) -> Cover:
    """Change who stands in, the days (`first`, `last`) or the reason. Raises Conflict, Invalid, Denied."""
    rep = changes.get("rep", row.rep)
    may_cover(actor, row.territory, rep)
    days = days_between(changes.get("first", row.days.lower), changes.get("last", last_day(row)))
    refuse_days(row.territory, days)
    reason = _given(changes.get("reason", row.reason))
    wanted = {"rep": rep, "days": days, "reason": reason}
    _refuse_unfit(Cover(territory=row.territory, role=row.role, **wanted))
    saved = change_row(
        actor=actor, row=row, revision=revision, changes=wanted, verb="cover changed", reason=reason
    )
    if saved.revision != row.revision:
        _tell(actor, saved, in_words(saved))
    return saved


@transaction.atomic
def end_cover(*, actor: Person | None, row: Cover, revision: int, last: dt.date) -> Cover:
    """Let a cover end with the day `last`; tells those who were told of it. Raises Conflict, Invalid."""
    if row.days.upper is not None and last >= row.days.upper:
        text = f"The cover ends on {last_day(row):%d %b %Y} already. Choose a day before that."
        raise Invalid(Reason(text, "invalid", "last"))
    return change_cover(actor=actor, row=row, revision=revision, changes={"last": last})


@transaction.atomic
def remove_cover(*, actor: Person | None, row: Cover, revision: int, reason: str = "") -> None:
    """Take back a cover that has not begun. Raises Conflict, Invalid once it has begun, Denied."""
    may_cover(actor, row.territory)
    fresh = change_row(actor=actor, row=row, revision=revision, changes={}, verb="cover removed")
    if fresh.days.lower <= timezone.localdate():
        raise Invalid(
            Reason("The cover has begun. End it with a day instead: what was stays known.", "begun")
        )
    _tell(actor, fresh, f"No longer: {in_words(fresh)}", url="")
    before = {"rep": fresh.rep, "days": fresh.days, "reason": fresh.reason}
    record(actor=actor, verb="cover removed", subject=fresh, before=before, reason=reason)
    fresh.delete()


def _given(reason: str) -> str:
    if not reason.strip():
        raise Invalid(
            Reason("Say why somebody stands in: holidays, illness, a vacancy.", "required", "reason")
        )
    return reason.strip()


def _refuse_unfit(row: Cover) -> None:
    """Raises Invalid with every reason why this rep cannot stand in on these days."""
    reasons = []
    if not row.rep.is_active:
        reasons.append(f"{row.rep} is not active. Choose another rep.")
    away = Absence.objects.filter(rep=row.rep, days__overlap=row.days).order_by("days").first()
    if away is not None:
        span = f"{away.days.lower:%d %b %Y} to {last_day(away):%d %b %Y}" if away.days.upper else "some days"
        reasons.append(f"{row.rep} is away on {span}. Choose another rep or other days.")
    if _held(row).filter(rep=row.rep).exists():
        reasons.append(f"{row.rep} has this role on some of these days. Choose somebody else.")
    if reasons:
        raise Invalid(*(Reason(text, "unfit", "rep") for text in reasons))


def _held(row: Cover) -> Any:
    rows = TerritoryRep.objects.filter(territory=row.territory, role=row.role, days__overlap=row.days)
    return rows.select_related("rep__person", "rep__manager__person")


def _tell(actor: Person | None, row: Cover, title: str, url: str | None = None) -> None:
    """The stand-in, who has the role, the stand-in's manager and the territory's managers."""
    held = list(_held(row))
    managers = TerritoryRep.objects.filter(
        territory=row.territory, role__kind=RoleKind.MANAGER, days__overlap=row.days
    ).select_related("rep__person")
    reps = [row.rep, row.rep.manager, *(r for one in held for r in (one.rep, one.rep.manager))]
    reps += [one.rep for one in managers]
    people = {rep.person for rep in reps if rep is not None and rep.person is not None} - {actor}
    notify(
        people=[person for person in people if person is not None],
        title=f"{row.territory.name}: {title}",
        text=row.reason,
        url=cover_path(row) if url is None else url,
    )
