"""What the services of the first two stages ask before they write."""

from core.errors import Reason, Refused
from planning.models import Cycle, StageName
from planning.selectors.addresses import cycle_path


def locked_in(cycle: Cycle, stage: StageName) -> Cycle:
    """The cycle as it is now, locked; one writer at a time. Raises Refused in any other stage.

    Call it inside the transaction that writes.
    """
    rows = Cycle.objects.select_related("forecast_run").select_for_update(of=("self",), no_key=True)
    fresh = rows.get(pk=cycle.pk)
    if fresh.stage != stage:
        text = (
            f"{fresh} is in {fresh.get_stage_display().lower()}; this belongs to {stage.label.lower()}. "
            "Reopen that stage first."
        )
        raise Refused(Reason(text, "wrong_stage", url=cycle_path(fresh)))
    return fresh
