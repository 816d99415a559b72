"""Ticking off what a person should have looked at."""

from core.roles import Role
from planning.headless.run import Run
from planning.models import ChecklistItem
from planning.services.checklists import tick_item


def tick_all(run: Run) -> None:
    """Tick the required points of the stage that the cycle is in; each is noted."""
    stage = run.cycle.stage
    items = ChecklistItem.objects.filter(
        stage__cycle=run.cycle, stage__name=stage, done=None, is_required=True
    )
    for item in items.select_related("stage__cycle", "stage__owner"):
        run.accept(stage, f"Ticked off: {item.text}.", "Nobody looked at it in a headless cycle.")
        tick_item(actor=run.people[Role.MANAGER], item=item, revision=item.revision, done=True)
