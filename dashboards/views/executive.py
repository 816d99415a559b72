"""The executive's dashboard: what to sign, what to decide, the plan, and how the last one went."""

from typing import Any

from core.formats import show
from dashboards.selectors.cycle_needs import approvals_waiting, decisions_waiting
from dashboards.selectors.last_plan import LastPlan, last_plan_of
from dashboards.views.board import Board
from dashboards.views.charts import plan_chart
from dashboards.views.figures import plan_figures, signed

SHOWN_FIGURES = 3


def context_of(board: Board) -> dict[str, Any]:
    person, cycle, seen = board.person, board.cycle, board.comparison
    context: dict[str, Any] = {
        "needs": [approvals_waiting(person), decisions_waiting(person, cycle, of_executives=True)],
        "last": _how_it_went(last_plan_of(person)),
    }
    if seen is None:
        return context
    figures = plan_figures(seen, [], shows_costs=board.shows_costs)
    return context | {"figures": figures[:SHOWN_FIGURES], "plan": plan_chart(seen, board.shares)}


def _how_it_went(last: LastPlan | None) -> dict[str, Any] | None:
    """The last released plan in words: what was planned for the months that are over, and what came."""
    if last is None:
        return None
    return {
        "name": str(last.cycle),
        "url": last.url,
        "months": [
            {
                "month": month.month,
                "planned": show(month.planned, "quantity")[0],
                "sold": show(month.sold, "quantity")[0],
                "change": signed(month.change),
                "tone": "quiet" if month.change is None else "good" if abs(month.change) < 0.05 else "warn",
            }
            for month in last.months
        ],
    }
