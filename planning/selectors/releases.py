"""Stage 5: the released plan, and what it is made from."""

from typing import Any

from planning.models import Cycle, Release
from planning.selectors import demand, supply

WORDS = {
    "version": "the demand was frozen again",
    "supply_run": "the supply plan was solved again",
}


def release_of(cycle: Cycle) -> Release | None:
    """The cycle's released plan."""
    return Release.objects.filter(cycle=cycle).first()


def made_from(cycle: Cycle) -> dict[str, Any]:
    release = release_of(cycle)
    if release is not None:  # what is released does not change any more
        return {"version": release.run.version_id, "supply_run": release.run_id}
    version, run = demand.version_of(cycle), supply.run_of(cycle)
    return {"version": version.pk if version else None, "supply_run": run.pk if run else None}


def was_made_from(cycle: Cycle) -> dict[str, Any] | None:
    release = release_of(cycle)
    return None if release is None else {"version": release.run.version_id, "supply_run": release.run_id}
