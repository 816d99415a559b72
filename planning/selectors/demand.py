"""Stage 2: what the consensus is made from."""

from typing import Any

from django.db.models import Count, Sum

from planning.models import Cycle, DemandVersion
from planning.selectors import data

WORDS = {
    "freeze": "the data was frozen again",
    "forecast_run": "the forecast was run again",
    "inputs": "inputs changed",
    "events": "events changed",
    "streams": "streams or their weights changed",
}


def version_of(cycle: Cycle) -> DemandVersion | None:
    """The newest frozen consensus of the cycle."""
    return cycle.demand_versions.first()


def made_from(cycle: Cycle) -> dict[str, Any]:
    """What a demand version frozen now would be made from: keys and revisions."""
    freeze = data.freeze_of(cycle)
    return {
        "freeze": freeze.pk if freeze else None,
        "forecast_run": cycle.forecast_run_id,
        "inputs": _revisions(cycle.inputs),
        "events": _revisions(cycle.demand_events),
        "streams": _revisions(cycle.streams),
    }


def was_made_from(cycle: Cycle) -> dict[str, Any] | None:
    """What the cycle's frozen version was made from; None before there is one."""
    version = version_of(cycle)
    return None if version is None else version.made_from


def _revisions(rows: Any) -> list[int]:
    """How many rows, and the sum of their revisions: any edit changes it."""
    found = rows.aggregate(rows=Count("pk"), revisions=Sum("revision"))
    return [found["rows"], found["revisions"] or 0]
