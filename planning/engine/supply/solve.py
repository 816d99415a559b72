"""Building the matrices of the linear programme and handing them to HiGHS.

Variables, each a block of (rows × months):
  make, buy, stock, backlog, lost, below (target)      items × months
  overtime, workers, hired, laid_off                   resources × months
Rows:
  balance    stock[t] − backlog[t] = stock[t−1] − backlog[t−1] + make + buy + lost − demand
  capacity   Σ use × make ≤ regular + workers × hours + overtime
  overtime   overtime ≤ limit + workers × overtime per worker
  workforce  workers[t] = workers[t−1] + hired − laid_off
  target     stock + below ≥ target stock
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp

from planning.engine.supply.problem import Floats, Problem
from planning.engine.supply.solution import Solution

ITEM_BLOCKS = ("make", "buy", "stock", "backlog", "lost", "below_target")
RESOURCE_BLOCKS = ("overtime", "workers", "hired", "laid_off")
WHOLE = {"workers", "hired", "laid_off"}


class Infeasible(Exception):
    """No plan meets the demand under these limits. Says which limits to look at."""


class NotSolved(Exception):
    """The solver gave up. Says why."""


@dataclass(frozen=True)
class Layout:
    """Where each block of variables begins."""

    items: int
    resources: int
    months: int

    def size(self, block: str) -> int:
        """How many variables a block has: rows × months."""
        return (self.items if block in ITEM_BLOCKS else self.resources) * self.months

    @property
    def starts(self) -> dict[str, int]:
        """By block the place of its first variable, in the order of the module's table."""
        ends = np.cumsum([0, *(self.size(block) for block in (*ITEM_BLOCKS, *RESOURCE_BLOCKS))])
        return dict(zip((*ITEM_BLOCKS, *RESOURCE_BLOCKS), map(int, ends), strict=False))

    @property
    def width(self) -> int:
        """How many variables there are."""
        return sum(self.size(block) for block in (*ITEM_BLOCKS, *RESOURCE_BLOCKS))

    def rows(self, **blocks: sparse.sparray) -> sparse.csr_array:
        """One group of constraint rows from the blocks it touches; the others are zero."""
        height = next(iter(blocks.values())).shape[0]
        parts = [
            blocks.get(name, sparse.csr_array((height, self.size(name))))
            for name in (*ITEM_BLOCKS, *RESOURCE_BLOCKS)
        ]
        return sparse.csr_array(sparse.hstack(parts))

    def split(self, x: Floats) -> dict[str, Floats]:
        """The solution vector, block by block, each as (rows, months)."""
        starts = self.starts
        return {
            name: x[start : start + self.size(name)].reshape(-1, self.months)
            for name, start in starts.items()
        }


def solve(
    problem: Problem,
    *,
    whole_numbers: bool = False,
    make: Floats | None = None,
    time_limit: float = 60.0,
) -> Solution:
    """The cheapest plan; with `make`, (items, months) in units, the cheapest that makes just that.

    Raises Infeasible with a sentence when there is none, NotSolved when the solver gives up.
    """
    layout = Layout(len(problem.products.ids), len(problem.resources.ids), len(problem.months))
    cost, lower, upper = _cost(problem), np.zeros(layout.width), _upper(problem, layout)
    if make is not None:
        lower[: make.size] = upper[: make.size] = make.ravel()  # make is the first block
    equal, equal_to = _equalities(problem, layout)
    most, at_most = _inequalities(problem, layout)
    if whole_numbers:
        found = milp(
            cost,
            integrality=_integrality(layout),
            bounds=Bounds(lower, upper),
            constraints=[
                LinearConstraint(equal, equal_to, equal_to),
                LinearConstraint(most, -np.inf, at_most),
            ],
            options={"time_limit": time_limit, "mip_rel_gap": 1e-6},
        )
    else:
        found = linprog(
            cost,
            A_ub=most,
            b_ub=at_most,
            A_eq=equal,
            b_eq=equal_to,
            bounds=np.column_stack([lower, upper]),
            method="highs",
            options={"time_limit": time_limit},
        )
    if found.x is None:
        raise _failure(found.status, time_limit)
    return _solution(problem, layout, found)


def _failure(status: int, time_limit: float) -> Exception:
    """What HiGHS's status means: 1 out of time, 2 infeasible, 3 unbounded."""
    if status == 1:
        return NotSolved(f"No plan was found within {time_limit:.0f} seconds. Solve fewer products at once.")
    if status == 3:
        return NotSolved(
            "The costs reward making without end: a thing left over is worth more than it costs."
        )
    return Infeasible(
        "No plan meets the demand: capacity, outsourcing and backlog limits are too tight together. "
        "Allow lost sales or backlog, or raise a limit."
    )


def _cost(problem: Problem) -> Floats:
    return np.concatenate([block.ravel() for block in _unit_costs(problem).values()])


def _unit_costs(problem: Problem) -> dict[str, Floats]:
    """Cost per unit of each variable, (rows, months). Forbidden things cost 0 and are bounded at 0."""
    products, resources, months = problem.products, problem.resources, len(problem.months)
    paid_by_use = np.where(resources.with_workers, 0.0, resources.regular_cost)
    made = products.make_cost + problem.use.T @ paid_by_use
    extra = resources.overtime_cost - paid_by_use
    columns = {
        "make": made,
        "buy": products.buy_cost,
        "stock": products.holding_cost,
        "backlog": products.backlog_cost,
        "lost": products.lost_cost,
        "below_target": products.short_cost,
        "overtime": extra,
        "workers": resources.worker_cost,
        "hired": resources.hire_cost,
        "laid_off": resources.layoff_cost,
    }
    costs = {
        name: np.repeat(np.where(np.isfinite(column), column, 0.0)[:, None], months, axis=1)
        for name, column in columns.items()
    }
    costs["stock"][:, -1:] -= products.ending_value[:, None]
    return costs


def _upper(problem: Problem, layout: Layout) -> Floats:
    products, months = problem.products, layout.months
    allowed = {
        "make": np.isfinite(products.make_cost),
        "buy": np.isfinite(products.buy_cost),
        "backlog": np.isfinite(products.backlog_cost),
        "lost": np.isfinite(products.lost_cost),
    }
    limits = {
        name: np.where(yes, np.inf, 0.0)[:, None].repeat(months, axis=1) for name, yes in allowed.items()
    }
    limits["buy"] = np.minimum(limits["buy"], products.buy_limit[:, None])
    limits["lost"] = np.minimum(limits["lost"], problem.demand)
    limits["backlog"][:, -1] = np.minimum(limits["backlog"][:, -1], products.ending_backlog)
    for name in ("workers", "hired", "laid_off"):
        limits[name] = np.where(problem.resources.with_workers, np.inf, 0.0)[:, None].repeat(months, axis=1)
    blocks = (*ITEM_BLOCKS, *RESOURCE_BLOCKS)
    unlimited = {name: np.full((layout.size(name) // months, months), np.inf) for name in blocks}
    return np.concatenate([(unlimited | limits)[name].ravel() for name in blocks])


def _equalities(problem: Problem, layout: Layout) -> tuple[sparse.csr_array, Floats]:
    items, months, resources = layout.items, layout.months, layout.resources
    same_item, same_resource = sparse.eye_array(items * months), sparse.eye_array(resources * months)
    change = sparse.eye_array(months) - sparse.eye_array(months, k=-1)
    carried = sparse.kron(sparse.eye_array(items), change)
    balance = layout.rows(make=-same_item, buy=-same_item, lost=-same_item, stock=carried, backlog=-carried)
    workforce = layout.rows(
        workers=sparse.kron(sparse.eye_array(resources), change), hired=-same_resource, laid_off=same_resource
    )
    moved = -problem.demand.copy()
    moved[:, 0] += problem.products.opening_stock - problem.products.opening_backlog
    staff = np.zeros((resources, months))
    if months:
        staff[:, 0] = problem.resources.opening_workers * problem.resources.with_workers
    rows = sparse.csr_array(sparse.vstack([balance, workforce]))
    return rows, np.concatenate([moved.ravel(), staff.ravel()])


def _inequalities(problem: Problem, layout: Layout) -> tuple[sparse.csr_array, Floats]:
    resources, months = problem.resources, layout.months
    each_month = sparse.eye_array(months)
    time = sparse.eye_array(layout.resources * months)
    hours = sparse.kron(sparse.diags_array(resources.hours_per_worker), each_month)
    extra = sparse.kron(sparse.diags_array(resources.overtime_per_worker), each_month)
    capacity = layout.rows(make=sparse.kron(problem.use, each_month), overtime=-time, workers=-hours)
    overtime = layout.rows(overtime=time, workers=-extra)
    item = sparse.eye_array(layout.items * months)
    target = layout.rows(stock=-item, below_target=-item)
    last = sparse.kron(sparse.eye_array(layout.items), sparse.csr_array(np.eye(months)[-1:]))
    ending = layout.rows(stock=-last)
    rows = sparse.csr_array(sparse.vstack([capacity, overtime, target, ending]))
    limits = [
        resources.regular.ravel(),
        resources.overtime.ravel(),
        -problem.target_stock.ravel(),
        -problem.products.ending_stock,
    ]
    return rows, np.concatenate(limits)


def _integrality(layout: Layout) -> Floats:
    blocks = (*ITEM_BLOCKS, *RESOURCE_BLOCKS)
    return np.concatenate([np.full(layout.size(name), float(name in WHOLE)) for name in blocks])


def _costs(problem: Problem, unit_costs: dict[str, Floats], parts: dict[str, Floats]) -> dict[str, float]:
    """The cost by what it pays for; the value of what is left is told apart from keeping it."""
    costs = {name: float((unit_costs[name] * parts[name]).sum()) for name in unit_costs}
    left = float((parts["stock"][:, -1:].T * problem.products.ending_value).sum())
    return costs | {"stock": costs["stock"] + left, "ending_value": -left}


def _solution(problem: Problem, layout: Layout, found: OptimizeResult) -> Solution:
    parts = layout.split(np.maximum(found.x, 0.0))
    unit_costs = _unit_costs(problem)
    load = problem.use @ parts["make"]
    resources = problem.resources
    cells, times = layout.items * layout.months, layout.resources * layout.months
    continuous = hasattr(found, "eqlin")
    return Solution(
        **parts,
        load=load,
        capacity=resources.regular + parts["workers"] * resources.hours_per_worker[:, None],
        cost=float(found.fun),
        costs=_costs(problem, unit_costs, parts),
        demand_price=-found.eqlin.marginals[:cells].reshape(-1, layout.months)
        if continuous
        else np.empty((0, 0)),
        capacity_price=-found.ineqlin.marginals[:times].reshape(-1, layout.months)
        if continuous
        else np.empty((0, 0)),
        gap=float(getattr(found, "mip_gap", 0.0) or 0.0),
    )
