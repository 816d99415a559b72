"""Stage 4: what the reconciled plan is made from."""

from typing import Any

from planning.models import Cycle
from planning.selectors import supply

WORDS = {
    "supply_run": "the supply plan was solved again",
    "chosen": "another scenario was chosen",
    "decisions": "decisions changed",
}


def made_from(cycle: Cycle) -> dict[str, Any]:
    """What a signature now would stand on: supply run, scenario chosen, and what was decided."""
    run = supply.run_of(cycle)
    chosen = cycle.scenarios.filter(is_chosen=True).first()
    # What executives decide belongs to stage 5: it must not make this stage's artefact stale.
    decided = cycle.decisions.filter(asks_executives=False).exclude(decided="").order_by("pk")
    return {
        "supply_run": run.pk if run else None,
        "chosen": chosen.pk if chosen else None,
        "decisions": [[decision.pk, decision.decided] for decision in decided],
    }


def was_made_from(cycle: Cycle) -> dict[str, Any] | None:
    """What the stage was signed on; None before that."""
    stage = cycle.stages.filter(name="reconciliation").exclude(signed=None).first()
    return None if stage is None else stage.made_from
