"""The guard of every stage: what must have been looked at was looked at."""

from collections.abc import Callable

from django.urls import reverse

from core.errors import Reason
from planning.models import ChecklistItem, Cycle


def checklist_done(cycle: Cycle) -> list[Reason]:
    """Every required point of the stage's checklist is ticked off."""
    items = ChecklistItem.objects.filter(
        stage__cycle=cycle, stage__name=cycle.stage, is_required=True, done=None
    )
    address = reverse("planning:cycle", args=[cycle.pk]) + "#checklist"
    return [Reason(f"Not ticked off yet: {item.text}.", "checklist_open", url=address) for item in items]


GUARDS: dict[str, Callable[[Cycle], list[Reason]]] = {"checklist_done": checklist_done}
