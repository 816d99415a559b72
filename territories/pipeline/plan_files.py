"""A territory plan → assignment.csv, moves.csv, balance.csv and summary.json."""

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from territories.engine import VERSION
from territories.engine.balance import Balance, balance_of
from territories.engine.grid import TOLERANCE
from territories.engine.plan import Plan
from territories.engine.problem import NOBODY, Floats, summed_by

BALANCE = ["measure", "rep", "before", "total", "target", "index", "at_least", "at_most", "kept"]


def plan_files(plan: Plan) -> dict[str, str]:
    """The text of each file."""
    return {
        "assignment.csv": _text(["account", "rep", "cost", "moved"], _assignment(plan)),
        "moves.csv": _text(["account", "from", "to", "value", "penalty"], _moves(plan)),
        "balance.csv": _text(BALANCE, _balance(plan)),
        "summary.json": json.dumps(summary(plan), indent=2, ensure_ascii=False) + "\n",
    }


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Whole or not at all: all beside their places first, then into them. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = {name: folder / f".{name}.{os.getpid()}" for name in files}
    try:
        for name, text in files.items():
            beside[name].write_text(text, encoding="utf-8")
        for name, made in beside.items():
            made.replace(folder / name)
    finally:
        for made in beside.values():
            made.unlink(missing_ok=True)


def summary(plan: Plan) -> dict[str, Any]:
    """What the plan costs, how sure that is, how much it moves and how even it is."""
    problem = plan.problem
    value = problem.accounts.value
    return {
        "objective": plan.objective,
        "bound": plan.bound if np.isfinite(plan.bound) else None,
        "gap": plan.gap if np.isfinite(plan.gap) else None,
        "ending": plan.ending.value,
        "seed": plan.seed,
        "seconds": round(plan.seconds, 3),
        "engine_version": VERSION,
        "accounts": len(problem.accounts.ids),
        "reps": len(problem.reps.ids),
        "cost": plan.cost,
        "move_penalties": plan.objective - plan.cost,
        "moves": len(plan.moved),
        "value_moved": float(value[plan.moved].sum()),
        "value_moved_share": float(value[plan.moved].sum() / value.sum()) if value.sum() else 0.0,
        "relaxations": list(plan.relaxations),
        "balance": {
            measure.name: {"tolerance": measure.tolerance}
            | _figures(balance_of(plan.totals(measure.amounts), problem.target(measure)))
            for measure in problem.measures
        },
    }


def _figures(balance: Balance) -> dict[str, float | None]:
    deviation = balance.max_deviation if np.isfinite(balance.max_deviation) else None
    return {"max_deviation": deviation, "cv": balance.cv, "gini": balance.gini}


def _assignment(plan: Plan) -> Iterator[list[object]]:
    problem, moved = plan.problem, set(plan.moved.tolist())
    for place, rep in enumerate(plan.owner):
        cost = _number(problem.cost[place, rep])
        yield [problem.accounts.ids[place], problem.reps.ids[rep], cost, "yes" if place in moved else "no"]


def _moves(plan: Plan) -> Iterator[list[object]]:
    accounts, reps = plan.problem.accounts, plan.problem.reps.ids
    for place in plan.moved:
        value = accounts.value[place]
        ends = reps[accounts.current[place]], reps[plan.owner[place]]
        yield [accounts.ids[place], *ends, _number(value), _number(value * plan.problem.move_penalty)]


def _balance(plan: Plan) -> Iterator[list[object]]:
    """Each measure by rep, then the number of accounts and the capacity."""
    problem, count = plan.problem, len(plan.problem.reps.ids)
    for measure in problem.measures:
        target = problem.target(measure)
        lower, upper = target * (1 - measure.tolerance), target * (1 + measure.tolerance)
        before, after = _before(plan, measure.amounts), plan.totals(measure.amounts)
        yield from _rows(plan, measure.name, (before, after, target, lower, upper))
    ones, none = np.ones(len(plan.owner)), np.full(count, np.nan)
    totals = _before(plan, ones), plan.totals(ones)
    yield from _rows(plan, "accounts", (*totals, none, none, problem.reps.most_accounts))
    if problem.capacity:
        loads = problem.capacity.loads[np.arange(len(plan.owner)), plan.owner]
        yield from _rows(plan, "capacity", (none, plan.totals(loads), none, none, problem.capacity.most))


def _before(plan: Plan, amounts: Floats) -> Floats:
    """(reps,): the sums by today's owner, NaN when nobody owns anything."""
    current = plan.problem.accounts.current
    owned, count = current != NOBODY, len(plan.problem.reps.ids)
    if not owned.any():
        return np.full(count, np.nan)
    return summed_by(current[owned], amounts[owned], count)


def _rows(plan: Plan, name: str, numbers: tuple[Floats, ...]) -> Iterator[list[object]]:
    for rep, cells in zip(plan.problem.reps.ids, zip(*numbers, strict=True), strict=True):
        before, total, target, lower, upper = cells
        slack = TOLERANCE * max(1.0, abs(target) if np.isfinite(target) else abs(total))
        kept = not (total < lower - slack or total > upper + slack)
        index = 100 * total / target if target > 0 else np.nan
        figures = [_number(one) for one in (before, total, target, index, lower, upper)]
        yield [name, rep, *figures, "yes" if kept else "no"]


def _number(value: float) -> str:
    """Empty when there is none."""
    return f"{value:.10g}" if np.isfinite(value) else ""


def _text(head: list[str], rows: Iterable[list[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()
