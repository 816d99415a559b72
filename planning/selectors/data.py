"""Stage 1: what the data of a cycle was made from, and what it would be made from today."""

from typing import Any

from django.db.models import Max

from gathering.models import ImportRun, ImportState
from planning.models import Cycle, DataFreeze

WORDS = {
    "imports": "data was imported after the freeze",
    "forecast_run": "the forecast was run again",
}


def last_imports() -> dict[str, int]:
    """The newest committed import of each dataset, by id."""
    rows = ImportRun.objects.filter(state=ImportState.COMMITTED).order_by().values("dataset")
    return {row["dataset"]: row["last"] for row in rows.annotate(last=Max("pk"))}


def freeze_of(cycle: Cycle) -> DataFreeze | None:
    """The newest freeze of the cycle's data."""
    return cycle.freezes.first()


def made_from(cycle: Cycle) -> dict[str, Any]:
    """What a freeze made now would hold."""
    return {"imports": last_imports()}


def was_made_from(cycle: Cycle) -> dict[str, Any] | None:
    """What the cycle's freeze holds; None before there is one."""
    freeze = freeze_of(cycle)
    return None if freeze is None else {"imports": freeze.content["imports"]}
