"""Who stands in for whom, who is away without anybody standing in, and what a page says about it."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from django.utils import timezone

from core.models import Person
from crm.models import Absence, Rep
from crm.selectors.accounts import own_reps
from territories.models import Assignment, Cover, CoverageRole, ModelState, Territory
from territories.selectors.coverage import last_day
from territories.selectors.models import territories_visible_to

AHEAD = 60  # days of absences that are looked at


def covers_visible_to(user: Person | None) -> QuerySet[Cover]:
    """Who stands in, in the territories that a person may see, and where they stand in themselves."""
    rows = Cover.objects.select_related("territory__model", "rep__person", "role")
    own = own_reps(user)
    if own is None:
        return rows
    seen = territories_visible_to(user).order_by().values("pk")
    return rows.filter(territory__in=seen) | rows.filter(rep__in=own.values("pk"))


def covers_of(territories: Collection[int], day: dt.date | None = None) -> QuerySet[Cover]:
    """Who stands in for these territories on a day or later."""
    today = day or timezone.localdate()
    rows = Cover.objects.filter(territory__in=territories).filter(days__overlap=DateRange(today, None))
    return rows.select_related("rep", "role").order_by("days")


def in_words(cover: Cover) -> str:
    """“Stand-in: Ann until 14 Mar 2026”, with the first day of one to come."""
    last = last_day(cover)
    begins = f"from {cover.days.lower:%d %b %Y} " if cover.days.lower > timezone.localdate() else ""
    until = f"until {last:%d %b %Y}" if last else "until further notice"
    return f"Stand-in as {cover.role.name}: {cover.rep.name} {begins}{until}"


def covers_of_account(account_id: int, day: dt.date | None = None) -> list[Cover]:
    """Who stands in for an account's reps on a day or later: by the territories that assign it then."""
    today = day or timezone.localdate()
    rows = Assignment.objects.filter(account=account_id).filter(days__overlap=DateRange(today, None))
    roles = set(rows.values_list("territory_id", "role_id"))
    found = covers_of({territory for territory, _ in roles}, today)
    return [cover for cover in found if (cover.territory_id, cover.role_id) in roles]


@dataclass(frozen=True)
class Uncovered:
    """Days on which a rep is away and nobody stands in for a role of theirs."""

    absence: Absence
    territory: Territory
    role: CoverageRole
    rep: Rep
    first: dt.date
    last: dt.date
    accounts: int


UNCOVERED = """
    WITH away AS (
        SELECT absence.id AS absence_id, tr.territory_id, tr.role_id, tr.rep_id,
            absence.days * tr.days * daterange(%(today)s, %(until)s) AS days
        FROM crm_absence absence
        JOIN territories_territoryrep tr ON tr.rep_id = absence.rep_id AND tr.days && absence.days
        JOIN territories_territory t ON t.id = tr.territory_id
        JOIN territories_territorymodel model ON model.id = t.model_id AND model.state = %(active)s
        WHERE tr.territory_id = ANY(%(territories)s) AND absence.days && daterange(%(today)s, %(until)s)
    ), gaps AS (
        SELECT away.*, unnest(datemultirange(away.days) - COALESCE((
            SELECT range_agg(cover.days) FROM territories_cover cover
            WHERE cover.territory_id = away.territory_id AND cover.role_id = away.role_id
        ), datemultirange())) AS gap
        FROM away WHERE NOT isempty(away.days)
    )
    SELECT absence_id, territory_id, role_id, rep_id, lower(gap), upper(gap) - 1, (
        SELECT count(*) FROM territories_placement p
        WHERE p.territory_id = gaps.territory_id AND p.days @> lower(gap))
    FROM gaps ORDER BY lower(gap), territory_id, role_id"""


def uncovered(user: Person | None, today: dt.date | None = None) -> list[Uncovered]:
    """Who is away from today on, within AHEAD days, with nobody standing in."""
    day = today or timezone.localdate()
    territories = {row.pk: row for row in territories_visible_to(user).filter(model__state=ModelState.ACTIVE)}
    values: dict[str, Any] = {
        "active": ModelState.ACTIVE.value,
        "today": day,
        "until": day + dt.timedelta(days=AHEAD),
        "territories": list(territories),
    }
    with connection.cursor() as cursor:
        cursor.execute(UNCOVERED, values)
        found = cursor.fetchall()
    absences = Absence.objects.in_bulk([row[0] for row in found])
    roles, reps = CoverageRole.objects.in_bulk(), Rep.objects.in_bulk({row[3] for row in found})
    return [
        Uncovered(absences[absence], territories[territory], roles[role], reps[rep], first, last, accounts)
        for absence, territory, role, rep, first, last, accounts in found
    ]
