"""Why a supply problem has no plan: which group of its limits cannot be kept."""

from dataclasses import replace
from typing import Any

import numpy as np

from planning.engine.supply.problem import Floats, Problem, Products, Resources
from planning.engine.supply.solve import Infeasible, solve

MOST_NAMED = 5
SMALL = 1e-6


def why_infeasible(problem: Problem, make: Floats | None = None) -> list[str]:
    """Sentences, each naming a group of limits: opening backlog, demand, or ending stock.

    Finds how little demand must be given up, without cost, for the rest to be possible.
    """
    relaxed = _without_costs(problem)
    try:
        plan = solve(relaxed, make=make)
    except Infeasible:
        return _of_the_start(problem, make)
    if plan.lost.sum() > SMALL:
        return _of_demand(problem, plan.lost)
    return [
        f"{name}: the ending stock of {wanted:g} cannot be reached; {left:g} are left at most. "
        "Lower ending_stock, or give more capacity or outsourcing."
        for name, wanted, left in _short_at_the_end(problem, relaxed, make)
    ]


def _without_costs(problem: Problem) -> Problem:
    """The same limits, but demand may be lost at a price and nothing else costs anything."""
    free: dict[str, Any] = {name: _free(getattr(problem.products, name)) for name in COSTS_OF_PRODUCTS}
    one = np.ones(len(problem.products.ids))
    free |= {"lost_cost": one, "ending_stock": 0 * one, "ending_value": 0 * one, "short_cost": 0 * one}
    products: Products = replace(problem.products, **free)
    none = np.zeros(len(problem.resources.ids))
    idle: dict[str, Any] = dict.fromkeys(COSTS_OF_RESOURCES, none)
    resources: Resources = replace(problem.resources, **idle)
    return replace(problem, products=products, resources=resources)


COSTS_OF_PRODUCTS = ("make_cost", "buy_cost", "holding_cost", "backlog_cost")
COSTS_OF_RESOURCES = ("regular_cost", "overtime_cost", "worker_cost", "hire_cost", "layoff_cost")


def _free(cost: Floats) -> Floats:
    return np.where(np.isfinite(cost), 0.0, np.inf)


def _of_the_start(problem: Problem, make: Floats | None) -> list[str]:
    owing = [
        name
        for name, owed in zip(problem.products.ids, problem.products.opening_backlog, strict=True)
        if owed > 0
    ]
    if make is not None and not owing:
        return ["The given plan makes more than the capacity of a month. Lower it, or raise the capacity."]
    return [
        f"{name}: what is owed at the start cannot be delivered by the end. Allow ending_backlog, "
        "or give more capacity or outsourcing."
        for name in owing[:MOST_NAMED]
    ]


def _of_demand(problem: Problem, lost: Floats) -> list[str]:
    missing = lost.sum(axis=1)
    worst = [row for row in np.argsort(-missing)[:MOST_NAMED] if missing[row] > SMALL]
    return [
        f"{problem.products.ids[row]}: {missing[row]:,.6g} units of demand up to "
        f"{problem.months[int(np.flatnonzero(lost[row] > SMALL)[-1])]} cannot be met within capacity, "
        "overtime, outsourcing and backlog. Raise one of them, or allow lost sales with a lost_cost."
        for row in worst
    ]


def _short_at_the_end(
    problem: Problem, relaxed: Problem, make: Floats | None
) -> list[tuple[str, float, float]]:
    """Items, wanted and possible ending stock, where all stock that is possible is built up."""
    items = len(problem.products.ids)
    building = replace(
        relaxed,
        products=replace(
            relaxed.products,
            lost_cost=np.full(items, 10.0),
            short_cost=np.ones(items),
        ),
        target_stock=np.concatenate(
            [np.zeros((items, len(problem.months) - 1)), problem.products.ending_stock[:, None]], axis=1
        ),
    )
    left = solve(building, make=make).stock[:, -1]
    return [
        (name, float(wanted), float(there))
        for name, wanted, there in zip(problem.products.ids, problem.products.ending_stock, left, strict=True)
        if there < wanted - SMALL
    ][:MOST_NAMED]
