"""The guard of superseding: only a released revision ends the plan it revises."""

from collections.abc import Callable

from core.errors import Reason
from planning.models import Cycle, StageName
from planning.selectors.addresses import cycle_path


def revision_released(cycle: Cycle) -> list[Reason]:
    """A revision of the plan is released."""
    revision = cycle.revisions.exclude(stage=StageName.ABANDONED).first()
    if revision is None:
        text = f"{cycle} has no revision. Open one, and release it."
        return [Reason(text, "no_revision", url=cycle_path(cycle))]
    if revision.stage != StageName.RELEASED:
        text = f"{revision} is not released yet."
        return [Reason(text, "revision_not_released", url=cycle_path(revision))]
    return []


GUARDS: dict[str, Callable[[Cycle], list[Reason]]] = {"revision_released": revision_released}
