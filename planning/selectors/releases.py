"""Stage 5: the released plan, and what it is made from."""

from typing import Any

from django.db.models import QuerySet, Sum

from catalog.selectors import reach_of
from core.errors import Denied
from core.models import Person
from planning.models import Cycle, Release, ReleasedTotal, ReleasedValue
from planning.selectors import demand, supply
from planning.selectors.reach_ids import reach_ids_of
from planning.selectors.verification import Verification, verify

__all__ = [
    "Verification",
    "made_from",
    "months_of",
    "refuse_part_of",
    "release_of",
    "releases_visible_to",
    "totals_of",
    "values_visible_to",
    "verify",
    "was_made_from",
]

WORDS = {
    "version": "the demand was frozen again",
    "supply_run": "the supply plan was solved again",
}


def release_of(cycle: Cycle) -> Release | None:
    """The cycle's released plan, without its content, which is large."""
    return Release.objects.defer("content").select_related("run").filter(cycle=cycle).first()


def made_from(cycle: Cycle) -> dict[str, Any]:
    """What a release now would hold, or what the release that there is holds."""
    release = release_of(cycle)
    if release is not None:  # what is released does not change any more
        return {"version": release.run.version_id, "supply_run": release.run_id}
    version, run = demand.version_of(cycle), supply.run_of(cycle)
    return {"version": version.pk if version else None, "supply_run": run.pk if run else None}


def was_made_from(cycle: Cycle) -> dict[str, Any] | None:
    """What was released; None before that."""
    release = release_of(cycle)
    return None if release is None else {"version": release.run.version_id, "supply_run": release.run_id}


def releases_visible_to(user: Person | None) -> QuerySet[Release]:
    """Every released plan, the newest first, without its content; its numbers are read in scope."""
    rows = Release.objects.defer("content").order_by("-released")
    return rows.select_related("cycle", "run__scenario", "released_by")


def values_visible_to(user: Person | None, release: Release | None = None) -> QuerySet[ReleasedValue]:
    """Released values by demand unit and month in the reader's scope, of one release or of all."""
    reach = reach_of(user)
    rows = ReleasedValue.objects.filter(
        reach.of_family("demand_unit__product__family"), reach.of_market("demand_unit__market")
    )
    rows = rows.filter(release=release) if release is not None else rows
    return rows.select_related("demand_unit__product__family", "demand_unit__market")


def totals_of(user: Person | None, release: Release) -> QuerySet[ReleasedTotal]:
    """A released plan by family, market and month in the reader's scope."""
    reach = reach_of(user)
    return ReleasedTotal.objects.filter(reach.of_family("family"), reach.of_market("market"), release=release)


def months_of(user: Person | None, release: Release) -> QuerySet[Any, Any]:
    """A released plan by month: units, revenue and cost."""
    rows = totals_of(user, release).order_by("month").values("month")
    names = ("baseline", "consensus", "supplied", "demand_revenue", "revenue", "cost")
    return rows.annotate(**{f"sum_{name}": Sum(name) for name in names})


def refuse_part_of(user: Person | None) -> None:
    """Files and content hold the whole plan. Raises Denied for whoever sees only a part of it."""
    if user is not None and not reach_ids_of(user).is_everything:
        text = "This file holds the whole plan, and your scope is a part of it. Export the list instead."
        raise Denied(text)
