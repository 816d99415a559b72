"""A plan → plan.csv, resources.csv, costs.csv, summary.json."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from planning.engine.supply import Solution
from planning.engine.supply.costs import costs_by_kind
from planning.engine.supply.problem import Floats
from planning.pipeline.supply_files.reading import Task

PLAN = ("make", "buy", "stock", "backlog", "lost", "below_target", "demand_price")
RESOURCES = ("load", "capacity", "overtime", "workers", "hired", "laid_off", "capacity_price")


def write_plan(folder: Path, task: Task, plan: Solution, *, whole_numbers: bool, seconds: float) -> None:
    """Write the four files; the folder is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    problem = task.problem
    amounts = {"demand": problem.demand, "target": problem.target_stock} | _of(plan, PLAN)
    _write(
        folder / "plan.csv", ["product", "month", *amounts], _cells(problem.products.ids, problem, amounts)
    )
    loads = _of(plan, RESOURCES)
    _write(
        folder / "resources.csv", ["resource", "month", *loads], _cells(problem.resources.ids, problem, loads)
    )
    costs = costs_by_kind(problem, plan)
    _write(folder / "costs.csv", ["kind", "cost"], [[kind, _clean(cost)] for kind, cost in costs.items()])
    summary = _summary(task, plan, costs) | {"whole_numbers": whole_numbers, "seconds": round(seconds, 3)}
    text = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
    (folder / "summary.json").write_text(text, encoding="utf-8")


def _of(plan: Solution, names: Iterable[str]) -> dict[str, Floats]:
    """The plan's arrays; shadow prices are empty for a plan of whole numbers."""
    found = {name: getattr(plan, name) for name in names}
    return {name: array for name, array in found.items() if array.size}


def _cells(ids: tuple[str, ...], problem: Any, amounts: dict[str, Floats]) -> Iterable[list[Any]]:
    for row, name in enumerate(ids):
        for place, month in enumerate(problem.months):
            yield [name, month, *(_clean(array[row, place]) for array in amounts.values())]


def _write(path: Path, heads: list[str], rows: Iterable[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows(rows)


def _clean(value: float) -> float:
    """Without the solver's noise: six places, no minus zero."""
    rounded = round(float(value), 6)
    return rounded if rounded else 0.0


def _summary(task: Task, plan: Solution, costs: dict[str, float]) -> dict[str, Any]:
    problem = task.problem
    supplied = problem.demand - plan.lost
    revenue = float((supplied.sum(axis=1) * task.price).sum())
    return {
        "status": "given plan" if task.make is not None else "optimal",
        "cost": round(plan.cost, 2),
        "costs": {kind: round(cost, 2) for kind, cost in costs.items() if abs(cost) > 5e-3},
        "revenue": round(revenue, 2),
        "margin": round(revenue - plan.cost, 2),
        "units": {
            name: _clean(array.sum())
            for name, array in (
                *(("demand", problem.demand), ("make", plan.make), ("buy", plan.buy), ("lost", plan.lost)),
                *(("ending_stock", plan.stock[:, -1]), ("ending_backlog", plan.backlog[:, -1])),
            )
        },
        "optimality_gap": _clean(plan.gap),
        "shadow_prices": _shadow_prices(task, plan),
    }


def _shadow_prices(task: Task, plan: Solution) -> list[dict[str, Any]]:
    """Where one more unit of regular capacity would save money, the dearest first."""
    ids, months = task.problem.resources.ids, task.problem.months
    places: Any = np.argwhere(plan.capacity_price > 1e-6) if plan.capacity_price.size else []
    found = [
        {"resource": ids[row], "month": months[place], "saves": _clean(plan.capacity_price[row, place])}
        for row, place in places
    ]
    return sorted(found, key=lambda one: -one["saves"])
