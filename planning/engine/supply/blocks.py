"""Cutting a supply problem into parts that share no resource, and putting their plans together.

Products of different plants compete for nothing: each plant's programme is solved by itself, which
is faster than all at once and gives the same cost.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from planning.engine.supply.problem import Floats, Problem, Products, Resources
from planning.engine.supply.solution import Solution
from planning.engine.supply.solve import solve

Places = NDArray[np.int64]
Group = TypeVar("Group", Products, Resources)
OF_ITEMS = ("make", "buy", "stock", "backlog", "lost", "below_target", "demand_price")
OF_RESOURCES = ("load", "overtime", "capacity", "workers", "hired", "laid_off", "capacity_price")


@dataclass(frozen=True)
class Block:
    """The positions of some items and of every resource that they use."""

    items: Places
    resources: Places


def blocks_of(problem: Problem) -> list[Block]:
    """The parts of a problem that share no resource. Items without any resource are one part."""
    items = len(problem.products.ids)
    used = sparse.csr_array(problem.use > 0)
    graph = sparse.block_array([[None, used.T], [used, None]]) if len(problem.resources.ids) else None
    if graph is None:
        return [Block(np.arange(items), np.arange(0))]
    count, label = connected_components(sparse.csr_array(graph), directed=False)
    alone = ~(problem.use > 0).any(axis=0)
    label[:items][alone] = count
    found = [
        Block(np.flatnonzero(label[:items] == part), np.flatnonzero(label[items:] == part))
        for part in range(count + 1)
    ]
    return [block for block in found if len(block.items) or len(block.resources)]


def part_of(problem: Problem, block: Block) -> Problem:
    """The problem of one block alone."""
    return replace(
        problem,
        products=_some(problem.products, block.items, len(problem.products.ids)),
        resources=_some(problem.resources, block.resources, len(problem.resources.ids)),
        demand=problem.demand[block.items],
        target_stock=problem.target_stock[block.items],
        use=problem.use[np.ix_(block.resources, block.items)],
    )


def _some(group: Group, places: Places, size: int) -> Group:
    """The group's rows at the places; a single value stands for all rows."""
    kept: dict[str, Any] = {}
    for column in fields(group):
        if column.name != "ids":
            values: Any = getattr(group, column.name)
            kept[column.name] = np.broadcast_to(values, (size, *values.shape[1:]))[places]
    return type(group)(ids=tuple(group.ids[place] for place in places), **kept)


def solve_by_blocks(
    problem: Problem, *, before_each: Callable[[int, int], None] | None = None, time_limit: float = 60.0
) -> Solution:
    """The same plan as `solve`, block by block. `before_each(number, of)` may raise to stop."""
    blocks = blocks_of(problem)
    solved = []
    for number, block in enumerate(blocks):
        if before_each is not None:
            before_each(number, len(blocks))
        solved.append(solve(part_of(problem, block), time_limit=time_limit))
    return _together(problem, list(zip(blocks, solved, strict=True)))


def _together(problem: Problem, parts: list[tuple[Block, Solution]]) -> Solution:
    months = len(problem.months)
    arrays = dict(_filled(OF_ITEMS, parts, len(problem.products.ids), months, "items"))
    arrays |= dict(_filled(OF_RESOURCES, parts, len(problem.resources.ids), months, "resources"))
    names = dict.fromkeys(name for _, solution in parts for name in solution.costs)
    return Solution(
        **arrays,
        cost=sum(solution.cost for _, solution in parts),
        costs={name: sum(solution.costs.get(name, 0.0) for _, solution in parts) for name in names},
        gap=max((solution.gap for _, solution in parts), default=0.0),
    )


def _filled(
    names: tuple[str, ...], parts: list[tuple[Block, Solution]], rows: int, months: int, places: str
) -> Iterator[tuple[str, Floats]]:
    for name in names:
        whole = np.zeros((rows, months))
        for block, solution in parts:
            whole[getattr(block, places)] = getattr(solution, name)
        yield name, whole
