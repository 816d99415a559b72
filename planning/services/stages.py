"""Who owns a stage of a cycle, and by when it is due."""

from typing import Any

from django.db import transaction

from core.access import require
from core.editing import change_row
from core.errors import Reason, Refused
from core.models import Person
from core.services.notifications import notify
from planning.engine.moves import STAGES
from planning.models import Cycle, Stage
from planning.selectors.addresses import cycle_path


def refuse_over(cycle: Cycle) -> None:
    """Raise Refused once the cycle is released, superseded or abandoned."""
    if cycle.stage not in STAGES:
        text = f"{cycle} is {cycle.get_stage_display().lower()} and stays as it is. Revise it to change it."
        raise Refused(Reason(text, "cycle_over", url=cycle_path(cycle)))


@transaction.atomic
def change_stage(*, actor: Person | None, stage: Stage, revision: int, changes: dict[str, Any]) -> Stage:
    """Change a stage's owner, due day or note. Raises Conflict after somebody else's save."""
    require(actor, "cycle.plan")
    refuse_over(stage.cycle)
    fresh = change_row(actor=actor, row=stage, revision=revision, changes=changes, verb="stage planned")
    if fresh.owner_id != stage.owner_id:
        title = f"{fresh} is yours, due {fresh.due.day} {fresh.due:%b}."
        notify(people=[fresh.owner], title=title, url=cycle_path(fresh.cycle, fresh.name))
    return fresh
