"""Every write of teams and of who belongs to them, day by day."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason
from core.models import Person
from crm.models import Rep, Team, TeamMembership
from crm.selectors.accounts import reps_visible_to

MANAGE = "teams.manage"


@transaction.atomic
def create_team(*, actor: Person | None, values: dict[str, Any], reason: str = "") -> Team:
    """Add a team. Raises Invalid by field, Denied for a leader out of the actor's scope."""
    require(actor, MANAGE)
    _refuse_out_of_scope(actor, values.get("leader"))
    return create_row(actor=actor, row=Team(**values), verb="team added", reason=reason)


@transaction.atomic
def change_team(
    *, actor: Person | None, row: Team, revision: int, changes: dict[str, Any], reason: str = ""
) -> Team:
    """Change a team. Raises Conflict on a stale revision, Invalid by field, Denied."""
    require(actor, MANAGE)
    _refuse_out_of_scope(actor, changes.get("leader"))
    return change_row(
        actor=actor, row=row, revision=revision, changes=changes, verb="team changed", reason=reason
    )


@transaction.atomic
def put_into_team(
    *, actor: Person | None, team: Team, rep: Rep, first: dt.date, last: dt.date | None = None
) -> TeamMembership:
    """Put a rep into a team from `first` up to and with `last`; without it the membership stays open.

    A membership that lasts into these days ends the day before. Raises Invalid where a later one is in
    the way or the days run backwards, Denied for a rep out of the actor's scope.
    """
    require(actor, MANAGE)
    _refuse_out_of_scope(actor, rep)
    days = _days(first, last)
    Rep.objects.select_for_update().get(pk=rep.pk)
    for earlier in TeamMembership.objects.filter(rep=rep, days__overlap=days, days__startswith__lt=first):
        _shorten(actor, earlier, first)
    row = TeamMembership(team=team, rep=rep, days=days)
    return create_row(actor=actor, row=row, verb="rep put into a team")


@transaction.atomic
def end_membership(
    *, actor: Person | None, row: TeamMembership, revision: int, last: dt.date
) -> TeamMembership:
    """Let a membership end with the day `last`. Raises Conflict, Invalid, Denied."""
    require(actor, MANAGE)
    _refuse_out_of_scope(actor, row.rep)
    days = _days(row.days.lower, last)
    return change_row(
        actor=actor, row=row, revision=revision, changes={"days": days}, verb="team membership ended"
    )


def _shorten(actor: Person | None, row: TeamMembership, first: dt.date) -> None:
    days = DateRange(row.days.lower, first)
    change_row(
        actor=actor,
        row=row,
        revision=row.revision,
        changes={"days": days},
        verb="team membership ended",
        reason="Another team follows",
    )


def _days(first: dt.date | None, last: dt.date | None) -> DateRange:
    if first and last and last < first:
        raise Invalid(Reason("The last day is before the first. Mend one of the two.", "invalid", "last"))
    return DateRange(first, last + dt.timedelta(days=1) if last else None)


def _refuse_out_of_scope(actor: Person | None, rep: Rep | None) -> None:
    if rep is not None and not reps_visible_to(actor).filter(pk=rep.pk).exists():
        raise Denied(f"{rep} is outside of your scope. Choose a rep of your own team.")
