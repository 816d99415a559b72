"""The released plan as the target of quotas: what executives signed, and sales of the months before it."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from core.models import Person
from gathering.selectors.facts import sales_visible_to
from planning.models import Release, ReleasedTotal
from planning.selectors.reach_ids import reach_ids_of
from territories.selectors.targets import TargetPart

CENT = Decimal("0.01")


def plan_as_target(user: Person | None, months: list[dt.date]) -> list[TargetPart]:
    """Revenue by market and month, in base currency: of each month the newest release that plans it; sales
    less returns of the months before the newest release. Nothing for who sees only a part of the plan."""
    if not months or (user is not None and not reach_ids_of(user).is_everything):
        return []
    releases = list(Release.objects.defer("content").select_related("cycle").order_by("-released", "-pk"))
    if not releases:
        return []
    begins = releases[0].cycle.month
    over = [month for month in months if month < begins]
    sold = _sold(user, over) if over else []
    known = {part.month for part in sold}
    return [*sold, *_released(releases, [month for month in months if month not in known])]


def _sold(user: Person | None, months: list[dt.date]) -> list[TargetPart]:
    rows = (
        sales_visible_to(user)
        .filter(month__in=months)
        .order_by()
        .values("month", market=F("demand_unit__market"))
        .annotate(amount=Sum(F("revenue") - F("returned_revenue")))
    )
    return [
        TargetPart(row["month"], row["market"], row["amount"].quantize(CENT), "sales", "Sales")
        for row in rows
    ]


def _released(releases: list[Release], months: list[dt.date]) -> list[TargetPart]:
    rows: dict[int, list[Any]] = {}
    found = ReleasedTotal.objects.filter(month__in=months).order_by()
    for row in found.values("release", "month", "market").annotate(amount=Sum("revenue")):
        rows.setdefault(row["release"], []).append(row)
    newest: dict[dt.date, Release] = {}
    for release in releases:
        for month in {row["month"] for row in rows.get(release.pk, [])}:
            newest.setdefault(month, release)
    return [
        TargetPart(
            month=row["month"],
            market=row["market"],
            amount=Decimal(str(row["amount"])).quantize(CENT),
            kind="release",
            label=str(release),
            key=release.pk,
            fingerprint=release.content_hash,
        )
        for release in releases
        for row in rows.get(release.pk, [])
        if newest[row["month"]] is release
    ]
