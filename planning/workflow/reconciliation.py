"""The guards of stage 4, reconciliation: each gives every reason why its stage cannot be signed yet."""

from collections.abc import Callable

from core.errors import Reason
from planning.models import Cycle
from planning.selectors.addresses import cycle_path
from planning.selectors.contradictions import contradictions_of
from planning.workflow.supply import scenario_chosen, scenarios_compared, supply_fresh

NAMED = 5


def gaps_decided(cycle: Cycle) -> list[Reason]:
    """Every contradiction above the threshold is decided, or handed to the executives."""
    address = cycle_path(cycle, "reconciliation") + "#contradictions"
    waiting = [row for row in contradictions_of(cycle) if not row.is_settled]
    reasons = [
        Reason(f"Not decided yet: {row.title}.", "gap_undecided", url=address) for row in waiting[:NAMED]
    ]
    if len(waiting) > NAMED:
        text = f"{len(waiting) - NAMED} more contradictions are not decided yet."
        reasons.append(Reason(text, "gap_undecided", url=address))
    return [*reasons, *_open_questions(cycle)]


def _open_questions(cycle: Cycle) -> list[Reason]:
    """What people raised by hand is decided as well, unless it is the executives' to decide."""
    rows = cycle.decisions.filter(gap="", decided="", asks_executives=False)
    address = cycle_path(cycle, "reconciliation")
    return [Reason(f"Not decided yet: {row.title}.", "decision_open", url=address) for row in rows]


GUARDS: dict[str, Callable[[Cycle], list[Reason]]] = {
    "supply_fresh": supply_fresh,
    "scenarios_compared": scenarios_compared,
    "scenario_chosen": scenario_chosen,
    "gaps_decided": gaps_decided,
}
