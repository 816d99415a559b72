"""Who gets which account: the cheapest plan that keeps every limit, or what stands in its way."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from territories.engine.grid import Grid, grid_of
from territories.engine.optimum import Climb, Impossible, climb
from territories.engine.plan import Plan, Progress, Settings
from territories.engine.problem import Problem
from territories.engine.relaxation import Relaxation, smallest_relaxation, without_a_rep


class Infeasible(Exception):
    """No plan keeps the limits. `relaxation` says what would have to change."""

    def __init__(self, relaxation: Relaxation) -> None:
        super().__init__("\n".join(relaxation.sentences))
        self.relaxation = relaxation


def assign(
    problem: Problem, settings: Settings, clock: Callable[[], float], progress: Progress | None = None
) -> Plan:
    """The best plan found in the time. clock: seconds, from anywhere on. Raises Infeasible.

    progress hears of every step and may stop the search: the plan is then the best so far.
    What stands in the way of a problem without a plan may take the time limit once more.
    """
    begun, grid = clock(), grid_of(problem)
    if alone := without_a_rep(problem, grid):
        raise Infeasible(Relaxation(alone))
    try:
        found = climb(grid, settings, clock, progress=progress)
    except Impossible as error:
        relaxation = smallest_relaxation(problem, grid, settings.time_limit)
        if relaxation.owner is None or not grid.keeps(relaxation.owner):
            raise Infeasible(relaxation) from error
        found = climb(grid, settings, clock, relaxation.owner, progress)
    return _plan(problem, grid, found, clock() - begun)


def assign_relaxed(
    problem: Problem, settings: Settings, clock: Callable[[], float], progress: Progress | None = None
) -> Plan:
    """As `assign`, with the smallest relaxation of the limits where it takes one: the plan names it.

    Raises Infeasible when no limit helps: a lock, a family or eligibility is in the way.
    """
    begun = clock()
    try:
        return assign(problem, settings, clock, progress)
    except Infeasible as error:
        relaxation = error.relaxation
        if relaxation.problem is None:
            raise
    grid = grid_of(relaxation.problem)
    found = climb(grid, settings, clock, relaxation.owner, progress)
    plan = _plan(relaxation.problem, grid, found, clock() - begun)
    return replace(plan, relaxations=relaxation.sentences)


def _plan(problem: Problem, grid: Grid, found: Climb, seconds: float) -> Plan:
    owner = np.asarray(found.owner)[grid.group_of]
    return Plan(problem, owner, found.objective, found.bound, seconds, found.settings.seed, found.ending)
