"""The analyst's dashboard: the work queue, accuracy and bias by family, runs, the data's quality."""

from typing import Any

from core.listing import Column, Empty
from core.pages import plain_table
from dashboards.selectors.accuracy import Measured
from dashboards.selectors.cycle_needs import (
    exceptions_waiting,
    families_needing_attention,
    inputs_without_reason,
    own_tasks,
)
from dashboards.selectors.needs import analyst_needs, board_of
from dashboards.selectors.pay import pay_waiting
from dashboards.selectors.runs import latest_runs
from dashboards.views.board import Board
from dashboards.views.charts import accuracy_chart
from dashboards.views.everyone import figures_of
from dashboards.views.figures import accuracy_figure, signed

FAMILY_COLUMNS = [
    Column("name", "Family", lambda row: row["name"]),
    Column("units", "Sold", lambda row: row["units"], "quantity"),
    Column("wape", "WAPE", lambda row: row["wape"], "percent", help="Absolute errors by what was sold."),
    Column("bias", "Bias", lambda row: signed(row["bias"]), help="Plan less sales; plus is too much."),
]
RUN_COLUMNS = [
    Column("name", "Run", link=lambda run: run.url),
    Column("state", "State", lambda run: _state(run), "badge", tone=lambda run: run.tone),
    Column("began", "Began", kind="time"),
]
NO_RUNS = Empty("Nothing ran yet", "Forecasts, supply plans and imports are listed here with their progress.")
NOT_MEASURED = Empty(
    "Nothing measured yet", "Stage 1 of the next cycle compares the last plan with what was sold."
)
SHOWN_FAMILIES = 12


def context_of(board: Board) -> dict[str, Any]:
    person, cycle = board.person, board.cycle
    needs = [
        own_tasks(person),
        pay_waiting(person),
        families_needing_attention(person, cycle),
        exceptions_waiting(person, cycle),
        inputs_without_reason(person, cycle),
        *analyst_needs(person),
    ]
    last = board.trend[-1] if board.trend else None
    figures = [accuracy_figure(board.trend), *figures_of(None, board_of(person), needs)]
    return {
        "needs": needs,
        "figures": [one for one in figures if one],
        "accuracy": accuracy_chart(board.trend),
        "measured": last,
        "families": _families(last),
        "runs": plain_table(latest_runs(person), RUN_COLUMNS, caption="Latest runs", empty=NO_RUNS),
    }


def _families(last: Measured | None) -> dict[str, Any]:
    """The families with the most units in error first."""
    rows = [row for row in (last.families if last else []) if row["wape"] is not None]
    worst = sorted(rows, key=lambda row: -row["wape"] * row["units"])[:SHOWN_FAMILIES]
    return plain_table(worst, FAMILY_COLUMNS, caption="Accuracy and bias by family", empty=NOT_MEASURED)


def _state(run: Any) -> str:
    return f"{run.state}, {run.percent} %" if run.percent is not None else run.state
