"""Every read of teams: reps who are looked at together, with the days on which they belong to them."""

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone

from core.models import Person
from crm.models import Rep, Team, TeamMembership
from crm.selectors.accounts import reps_visible_to


def teams_visible_to(user: Person | None) -> QuerySet[Team]:
    """Every team: who leads it is no secret. Members are narrowed by `memberships_visible_to`."""
    return Team.objects.select_related("leader")


def memberships_visible_to(user: Person | None) -> QuerySet[TeamMembership]:
    """The memberships of the reps that a person may see."""
    reps = reps_visible_to(user).order_by().values("pk")
    return TeamMembership.objects.filter(rep__in=reps).select_related("team", "rep")


def last_day(row: TeamMembership) -> dt.date | None:
    """The last day of a membership; None where it is open."""
    return row.days.upper - dt.timedelta(days=1) if row.days.upper else None


def members_of(team: Team, day: dt.date | None = None) -> QuerySet[Rep]:
    """The reps who belong to a team on a day; without a day: today."""
    day = day or timezone.localdate()
    return Rep.objects.filter(memberships__team=team, memberships__days__contains=day)


def team_on(rep: Rep, day: dt.date | None = None) -> Team | None:
    """The team a rep belongs to on a day; without a day: today."""
    day = day or timezone.localdate()
    return Team.objects.filter(memberships__rep=rep, memberships__days__contains=day).first()
