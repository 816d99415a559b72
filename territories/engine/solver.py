"""Handing a grid, or some of its columns, to HiGHS: the linear relaxation and the whole-number programme.

min Σ c[g,r] x[g,r]   with   Σ_r x[g,r] = 1 for each group,   A x ≤ b for the limits   (generalised
assignment; Martello and Toth, Knapsack Problems, 1990, chapter 7, with lower limits and several measures).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp

from territories.engine.grid import Grid
from territories.engine.problem import Bools, Floats, Ints

SIMPLEX_UP_TO = 20_000  # columns; above, the interior point method is three times as fast
INFEASIBLE = 2
LEAST_TIME = 0.1  # seconds: the solver takes 0 for no limit


@dataclass(frozen=True)
class Row:
    """A row of the limits: which limit, which rep, and the sign (−1 for a lower limit, turned round)."""

    limit: int
    rep: int
    sign: int


@dataclass(frozen=True)
class Model:
    """Columns: the allowed (group, rep) pairs, then `extra` continuous ones. most: matrix × x ≤ at_most."""

    group: Ints
    rep: Ints
    cost: Floats
    most: sparse.csr_array
    at_most: Floats
    rows: tuple[Row, ...]
    groups: int
    extra: int = 0

    def only(self, columns: Bools) -> "Model":
        """Of the pairs just these; the extra columns stay."""
        kept = np.concatenate([columns, np.ones(self.extra, dtype=bool)])
        matrix = sparse.csr_array(self.most.tocsc()[:, np.flatnonzero(kept)])
        return Model(
            self.group[columns], self.rep[columns], self.cost[kept], matrix,
            self.at_most, self.rows, self.groups, self.extra,
        )  # fmt: skip

    def one_each(self) -> sparse.csr_array:
        """The rows that give every group one rep."""
        size = len(self.group)
        cells = (np.ones(size), (self.group, np.arange(size)))
        return sparse.csr_array(cells, shape=(self.groups, size + self.extra))

    def owners(self, x: Floats) -> Ints:
        """(groups,): the rep with the most of each group; the first of equals."""
        part = np.full((self.groups, int(self.rep.max()) + 1), -1.0)
        part[self.group, self.rep] = x[: len(self.group)]
        return part.argmax(axis=1)


@dataclass(frozen=True)
class Answer:
    """x of a model or nothing, a lower bound of the cost, and whether the solver ended before its time.
    reduced (columns,): of a relaxation, how much dearer a plan becomes with the pair in it, at least; prices
    (groups,): what it charges for giving each group a rep."""

    x: Floats | None
    bound: float
    finished: bool
    reduced: Floats | None = None
    prices: Floats | None = None


def model_of(grid: Grid) -> Model:
    """All allowed pairs of a grid, and a row for every limit that is finite."""
    group, rep = np.nonzero(grid.allowed)
    parts, most, rows = [], [], []
    for number, limit in enumerate(grid.limits):
        loads = limit.loads[group, rep]
        by_rep = sparse.csr_array((loads, (rep, np.arange(len(rep)))), shape=(grid.shape[1], len(rep)))
        for sign, ends in ((1, limit.upper), (-1, -limit.lower)):
            reps = np.flatnonzero(np.isfinite(ends))
            parts.append(by_rep[reps] * sign)
            most.append(ends[reps])
            rows += [Row(number, int(one), sign) for one in reps]
    matrix = sparse.vstack(parts) if parts else sparse.csr_array((0, len(group)))
    at_most = np.concatenate(most) if most else np.empty(0)
    cost = grid.cost[group, rep]
    return Model(group, rep, cost, sparse.csr_array(matrix), at_most, tuple(rows), grid.shape[0])


def relaxed(model: Model, time_limit: float) -> Answer:
    """The linear relaxation. bound is inf when it has no solution, −inf when the time was too short."""
    simplex = len(model.group) <= SIMPLEX_UP_TO
    found = linprog(
        model.cost,
        A_ub=model.most if model.rows else None,
        b_ub=model.at_most if model.rows else None,
        A_eq=model.one_each(),
        b_eq=np.ones(model.groups),
        bounds=(0, None),
        method="highs-ds" if simplex else "highs-ipm",
        options={"time_limit": max(time_limit, LEAST_TIME)},
    )
    if found.status == INFEASIBLE:
        return Answer(None, np.inf, True)
    if found.x is None or found.status != 0:
        return Answer(None, -np.inf, False)
    reduced = found.lower.marginals[: len(model.group)]
    return Answer(found.x, float(found.fun), True, reduced, found.eqlin.marginals)


def whole(model: Model, *, time_limit: float, gap: float, nodes: int | None = None) -> Answer:
    """The whole-number programme, ended at a relative gap, a number of nodes or the time limit."""
    size, extra = len(model.group), model.extra
    upper = np.concatenate([np.ones(size), np.full(extra, np.inf)])
    rows = [LinearConstraint(model.one_each(), 1, 1)]
    if model.rows:
        rows.append(LinearConstraint(model.most, -np.inf, model.at_most))
    options = {"time_limit": max(time_limit, LEAST_TIME), "mip_rel_gap": gap}
    found = milp(
        model.cost,
        integrality=np.concatenate([np.ones(size), np.zeros(extra)]),
        bounds=Bounds(0, upper),
        constraints=rows,
        options=options if nodes is None else options | {"node_limit": nodes},
    )
    return _whole(found)


def _whole(found: OptimizeResult) -> Answer:
    if found.status == INFEASIBLE:
        return Answer(None, np.inf, True)
    bound = getattr(found, "mip_dual_bound", None)
    return Answer(found.x, -np.inf if bound is None else float(bound), found.status == 0)
