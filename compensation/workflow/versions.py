"""How a plan's version moves: the guards of the move table, and the one way to move.

An approved version is in force from its first month until the next approved one begins. Approving cuts the
version before; withdrawing one that has not begun gives those days back.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils import timezone

from catalog.engine.months import add_months
from catalog.engine.moves import Move
from catalog.workflow import Guard, Workflow
from compensation.engine.moves import VERSION_MOVES
from compensation.models import PayPlan, PlanAssignment, PlanVersion, VersionState
from compensation.selectors.addresses import assignment_path, pay_plan_path, plan_version_path
from compensation.selectors.members import members
from compensation.selectors.plans import faults_of_own_terms, faults_of_terms, last_closed_month
from core.errors import Reason
from core.events import record
from core.models import Person

YEAR = 12


def reads(version: PlanVersion, actor: Person | None) -> list[Reason]:
    """The terms read, and with them everybody's own terms."""
    url = plan_version_path(version.pk)
    if faults := faults_of_terms(version.terms):
        return [Reason(f"The terms cannot be read. {fault}", "unreadable", url=url) for fault in faults]
    rows = _own_terms(version).select_related("rep")
    return [
        Reason(f"The own terms of {row.rep}: {fault}", "unreadable", url=assignment_path(row.pk))
        for row in rows
        for fault in faults_of_own_terms(version.terms, row.changes)
    ]


def _own_terms(version: PlanVersion) -> Any:
    rows = PlanAssignment.objects.filter(plan=version.plan_id, days__overlap=DateRange(version.starts, None))
    return rows.exclude(changes={})


def has_people(version: PlanVersion, actor: Person | None) -> list[Reason]:
    """Somebody is on the plan once the version begins."""
    if _people(version):
        return []
    begin = f"{version.starts:%B %Y}"
    text = f"Nobody is on this plan from {begin} on. Put a role that somebody has, or a rep, on it."
    return [Reason(text, "nobody", url=pay_plan_path(version.plan_id) + "#who-is-on-it")]


def _people(version: PlanVersion) -> Any:
    """Who is on the plan in the version's first year, by rep."""
    last = add_months(version.starts, YEAR) - dt.timedelta(days=1)
    return members(version.plan, version.starts, last)


def starts_in_an_open_month(version: PlanVersion, actor: Person | None) -> list[Reason]:
    """A version begins in a month whose pay is not locked."""
    closed = last_closed_month(version.starts)
    if closed is None:
        return []
    text = f"The pay of {closed:%B %Y} is locked. Begin in {add_months(closed, 1):%B %Y} or later."
    return [Reason(text, "month_closed", "starts", url=plan_version_path(version.pk))]


def not_own(version: PlanVersion, actor: Person | None) -> list[Reason]:
    """Neither the submitter nor somebody who is paid by the plan approves it."""
    if actor is None:
        return []
    if actor.pk == version.submitted_by_id:
        return [Reason("You submitted this plan yourself. A colleague approves it.", "own_plan")]
    rep = getattr(actor, "rep", None)
    if rep is None or rep.pk not in _people(version):
        return []
    return [Reason("You are paid by this plan yourself. A colleague approves it.", "own_plan")]


def not_begun(version: PlanVersion, actor: Person | None) -> list[Reason]:
    """Only a version that has not begun is withdrawn."""
    if version.starts > timezone.localdate() and last_closed_month(version.starts) is None:
        return []
    text = f"It is in force since {version.starts:%B %Y}. Make a new version that begins later."
    return [Reason(text, "begun", url=reverse("compensation:plan", args=[version.plan_id]))]


GUARDS: dict[str, Guard] = {
    guard.__name__: guard for guard in (reads, has_people, starts_in_an_open_month, not_own, not_begun)
}


VERSIONS = Workflow(VERSION_MOVES, GUARDS, "plan")


@transaction.atomic
def perform(
    *, version: PlanVersion, name: str, actor: Person | None, reason: str = "", revision: int | None = None
) -> PlanVersion:
    """Make one move, or refuse it with every reason at once and change nothing.

    Raises Refused, Conflict on a stale revision, or Denied where the actor's role may not.
    """
    PayPlan.objects.select_for_update().get(pk=version.plan_id)  # one at a time: days must not overlap
    row = PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").get(pk=version.pk)
    move = VERSIONS.allowed(row, name, actor, reason=reason, revision=revision)
    days = row.days
    VERSIONS.store(row, move, _signing(move, actor) | _days(row, move), actor, reason)
    if move.name == "withdraw":
        _give_back(row, days, actor)
    return row


def _signing(move: Move, actor: Person | None) -> dict[str, Any]:
    """Who submitted and who approved; forgotten when the version becomes a draft again."""
    now = timezone.now()
    if move.target == VersionState.DRAFT:
        return {"submitted_by": None, "submitted": None}
    if move.name == "submit":
        return {"submitted_by": actor, "submitted": now}
    return {"approved_by": actor, "approved": now} if move.name == "approve" else {}


def _days(row: PlanVersion, move: Move) -> dict[str, Any]:
    if move.name == "withdraw":
        return {"days": None}
    if move.name != "approve":
        return {}
    others = PlanVersion.objects.filter(plan=row.plan_id, days__isnull=False)
    later = others.filter(days__startswith__gt=row.starts).order_by("days").first()
    for before in others.filter(days__overlap=DateRange(row.starts, later.days.lower if later else None)):
        lower = before.days.lower
        _set_days(before, DateRange(lower, row.starts) if lower < row.starts else None)
    return {"days": DateRange(row.starts, later.days.lower if later else None)}


def _set_days(version: PlanVersion, days: DateRange | None, actor: Person | None = None) -> None:
    """A version of the same first month that another one replaces is in force on no day."""
    was = version.days
    version.days = days
    version.revision += 1
    version.save(update_fields=["days", "revision"])
    record(
        actor=actor,
        verb="plan: days in force",
        subject=version,
        before={"days": was},
        after={"days": days},
    )


def _give_back(row: PlanVersion, days: DateRange | None, actor: Person | None) -> None:
    """The days of a version that is withdrawn go to the one it replaced, else to the one it cut."""
    if days is None:
        return
    approved = PlanVersion.objects.filter(plan=row.plan_id, state=VersionState.APPROVED)
    replaced = approved.filter(days=None, starts=row.starts).order_by("-approved").first()
    cut = approved.filter(days__endswith=row.starts).first()
    if replaced is not None:
        _set_days(replaced, days, actor)
    elif cut is not None:
        _set_days(cut, DateRange(cut.days.lower, days.upper), actor)
