"""Every read of who has which role in which territory. Whoever only sells sees the territories in which
they or their team have a role."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from core.models import Person
from crm.selectors.accounts import own_reps
from territories.models import CoverageRole, ModelState, RoleKind, Territory, TerritoryRep
from territories.selectors.models import territories_visible_to

TODAY, COMING, OVER = "Today", "To come", "Over"


def last_day(row: Any) -> dt.date | None:
    """The last of a row's days; None where it is open."""
    return row.days.upper - dt.timedelta(days=1) if row.days.upper else None


def when(row: Any, today: dt.date | None = None) -> str:
    """Whether a row holds today, later, or no more."""
    day = today or timezone.localdate()
    if row.days.lower and row.days.lower > day:
        return COMING
    return OVER if row.days.upper and row.days.upper <= day else TODAY


def territory_reps_visible_to(user: Person | None) -> QuerySet[TerritoryRep]:
    """Who has which role in the territories that a person may see."""
    rows = TerritoryRep.objects.select_related("territory__model", "territory__role", "rep__person", "role")
    if own_reps(user) is None:
        return rows
    return rows.filter(territory__in=territories_visible_to(user).order_by().values("pk"))


def coverage_roles_visible_to(user: Person | None) -> QuerySet[CoverageRole]:
    """Every role: what they are called is no secret."""
    return CoverageRole.objects.all()


def roles_for(territory: Territory) -> QuerySet[CoverageRole]:
    """The roles that a rep may have in a territory: an overlay's own, or any."""
    rows = CoverageRole.objects.filter(is_active=True)
    return rows if territory.role_id is None else rows.filter(pk=territory.role_id)


@dataclass(frozen=True)
class Vacancy:
    """Days on which nobody has a role in a territory of the model in force. `last` is None for open days;
    `days_open` counts those up to today, 0 for what is still to come."""

    territory: Territory
    role: CoverageRole
    first: dt.date
    last: dt.date | None
    days_open: int
    accounts: int


# Which roles a territory needs: the one it is for (an overlay's, else the owner), and overlays that
# somebody had there; a manager may be that of the territory above. Days without a rep are gaps.
VACANCIES = """
    WITH needed AS (
        SELECT t.id AS territory_id, COALESCE(t.role_id, owner.id) AS role_id, model.days
        FROM territories_territory t
        JOIN territories_territorymodel model ON model.id = t.model_id AND model.state = %(active)s
        LEFT JOIN territories_coveragerole owner ON owner.kind = %(owner)s
        UNION
        SELECT tr.territory_id, tr.role_id, model.days
        FROM territories_territoryrep tr JOIN territories_territory t ON t.id = tr.territory_id
        JOIN territories_territorymodel model ON model.id = t.model_id AND model.state = %(active)s
        JOIN territories_coveragerole role ON role.id = tr.role_id
            AND role.kind = %(overlay)s AND role.is_active
    ), gaps AS (
        SELECT needed.territory_id, needed.role_id, unnest(datemultirange(needed.days) - COALESCE((
            SELECT range_agg(tr.days) FROM territories_territoryrep tr
            WHERE tr.territory_id = needed.territory_id AND tr.role_id = needed.role_id
        ), datemultirange())) AS days
        FROM needed
    )
    SELECT gaps.territory_id, gaps.role_id, lower(gaps.days), upper(gaps.days), (
        SELECT count(*) FROM territories_placement p
        WHERE p.territory_id = gaps.territory_id AND p.days @> GREATEST(lower(gaps.days), %(today)s::date)
    ) AS accounts
    FROM gaps
    WHERE (upper(gaps.days) IS NULL OR upper(gaps.days) > %(today)s)
        AND gaps.territory_id = ANY(%(territories)s)
    ORDER BY lower(gaps.days), gaps.territory_id"""


def vacancies(user: Person | None, today: dt.date | None = None) -> list[Vacancy]:
    """Roles without a rep, today or from a coming day on, in territories that a person may see and that
    hold accounts or nothing below them."""
    day = today or timezone.localdate()
    rows = territories_visible_to(user).filter(model__state=ModelState.ACTIVE)
    territories = {row.pk: row for row in rows.prefetch_related("children")}
    roles = CoverageRole.objects.in_bulk()
    values: dict[str, Any] = {
        "active": ModelState.ACTIVE.value,
        "owner": RoleKind.OWNER.value,
        "overlay": RoleKind.OVERLAY.value,
        "today": day,
        "territories": list(territories),
    }
    with connection.cursor() as cursor:
        cursor.execute(VACANCIES, values)
        found = cursor.fetchall()
    return [
        Vacancy(
            territories[territory],
            roles[role],
            first,
            after - dt.timedelta(days=1) if after else None,
            max(0, (day - first).days),
            accounts,
        )
        for territory, role, first, after, accounts in found
        if role and (accounts or not territories[territory].children.all())
    ]
