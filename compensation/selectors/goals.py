"""Goals documents: which versions a rep reads, who accepted them, and what somebody may see of it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from compensation.models import PlanAcceptance, PlanAssignment, PlanVersion, Position, VersionState
from compensation.selectors.members import members
from compensation.selectors.scope import reps_paid_visible_to
from core.models import Person
from crm.models import Rep


@dataclass(frozen=True)
class Due:
    """A version that holds now or later, and the day whose people and terms its document is about."""

    version: PlanVersion
    day: dt.date


def due_versions(today: dt.date | None = None) -> list[Due]:
    """The versions in force today and those that are approved and begin later, by name of the plan."""
    day = today or timezone.localdate()
    rows = PlanVersion.objects.filter(state=VersionState.APPROVED, days__isnull=False)
    rows = rows.filter(Q(days__endswith=None) | Q(days__endswith__gt=day)).select_related("plan__owner")
    return [Due(row, max(day, row.days.lower)) for row in rows.order_by("plan__name", "number")]


def due_for(rep: Rep, today: dt.date | None = None) -> list[Due]:
    """Those of the plans that a rep is on."""
    roles = Position.objects.filter(rep=rep).order_by().values("role")
    plans = PlanAssignment.objects.filter(Q(rep=rep) | Q(role__in=roles)).order_by().values("plan")
    mine = set(plans.values_list("plan", flat=True))
    return [
        one
        for one in due_versions(today)
        if one.version.plan_id in mine and rep.pk in members(one.version.plan, one.day, one.day)
    ]


def due_people(due: Due, user: Person | None) -> list[Rep]:
    """The active reps on a version whose pay somebody may see, by name."""
    on_plan = members(due.version.plan, due.day, due.day)
    rows = reps_paid_visible_to(user).filter(pk__in=on_plan, is_active=True)
    return list(rows.select_related("person").order_by("name"))


def acceptances_visible_to(user: Person | None) -> QuerySet[PlanAcceptance]:
    """The acceptances of reps whose pay somebody may see."""
    rows = PlanAcceptance.objects.select_related("version__plan", "rep", "accepted_by")
    return rows.filter(rep__in=reps_paid_visible_to(user).order_by().values("pk"))


def newest_acceptances(
    versions: Iterable[PlanVersion], reps: Iterable[Rep]
) -> dict[tuple[int, int], PlanAcceptance]:
    """The newest acceptance by (version, rep)."""
    rows = PlanAcceptance.objects.filter(version__in=list(versions), rep__in=list(reps))
    return {(row.version_id, row.rep_id): row for row in rows.order_by("accepted")}


def rep_of(person: Person | None) -> Rep | None:
    """The rep that somebody is."""
    return Rep.objects.filter(person=person).first() if person is not None else None
