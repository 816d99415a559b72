"""The VP's dashboard: the plan against everything, its outlook, risks, decisions, cycle, accuracy."""

from typing import Any

from dashboards.selectors.cycle_needs import approvals_waiting, decisions_waiting, own_tasks, top_risks
from dashboards.selectors.pay import pay_waiting
from dashboards.views.board import Board
from dashboards.views.charts import accuracy_chart, bridge_chart, plan_chart
from dashboards.views.figures import comparison_table, plan_figures


def context_of(board: Board) -> dict[str, Any]:
    person, cycle, seen = board.person, board.cycle, board.comparison
    context: dict[str, Any] = {
        "needs": [
            approvals_waiting(person),
            pay_waiting(person),
            decisions_waiting(person, cycle),
            own_tasks(person),
        ],
        "risks": top_risks(person, cycle),
        "accuracy": accuracy_chart(board.trend),
    }
    if seen is None:
        return context
    costs = board.shows_costs
    return context | {
        "figures": plan_figures(seen, board.trend, shows_costs=costs),
        "plan": plan_chart(seen, board.shares),
        "compared": comparison_table(seen, shows_costs=costs),
        "bridge": bridge_chart(seen),
    }
