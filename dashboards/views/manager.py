"""The manager's dashboard: the cycle's board in short, exceptions, reviews, gaps, the team."""

from typing import Any

from core.listing import Column, Empty
from core.pages import plain_table
from dashboards.selectors.cycle_needs import (
    decisions_waiting,
    exceptions_waiting,
    families_to_review,
    gaps_without_action,
    own_tasks,
    streams_open,
)
from dashboards.selectors.pay import pay_waiting
from dashboards.selectors.team import team_of
from dashboards.views.board import Board
from dashboards.views.figures import plan_figures
from dashboards.views.stages import stage_table

TEAM_COLUMNS = [
    Column("name", "Person"),
    Column("stages", "Stages to sign"),
    Column("tasks", "Open tasks", kind="quantity"),
    Column("overdue", "Overdue", kind="quantity"),
]
READS = (exceptions_waiting, families_to_review, gaps_without_action, decisions_waiting)
NOBODY = Empty("Nobody has anything to do", "Tasks and stages of the cycle are listed here by their owners.")


def context_of(board: Board) -> dict[str, Any]:
    person, cycle, in_cycle = board.person, board.cycle, board.in_cycle
    members = team_of(person, cycle, in_cycle.stages)
    context: dict[str, Any] = {
        "needs": [
            own_tasks(person),
            pay_waiting(person),
            *(read(person, cycle) for read in READS),
            streams_open(cycle),
        ],
        "stages": stage_table(in_cycle),
        "team": plain_table(members, TEAM_COLUMNS, caption="The team in this cycle", empty=NOBODY),
    }
    if board.comparison is None:
        return context
    return context | {"figures": plan_figures(board.comparison, board.trend, shows_costs=board.shows_costs)}
