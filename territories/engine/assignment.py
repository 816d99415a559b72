"""Who gets which account: the cheapest plan that keeps every limit, or what stands in its way."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from territories.engine.grid import Grid, grid_of
from territories.engine.optimum import Climb, Impossible, climb
from territories.engine.plan import Plan, Progress, Settings
from territories.engine.problem import Ints, Problem
from territories.engine.relaxation import Relaxation, smallest_relaxation, without_a_rep

AFTER_RELAXING = 0.4  # of the time left, for the search within the relaxed limits
AFTER_DOUBT = 0.1  # the same, when there turns out to be a plan within the limits
LEAST_TIME = 0.1
STOPPED = "The search was stopped before it found a plan."


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
    """
    return _Search(settings, clock, progress).plan(problem)


def assign_relaxed(
    problem: Problem, settings: Settings, clock: Callable[[], float], progress: Progress | None = None
) -> Plan:
    """As `assign`, with the smallest relaxation of the limits where it takes one: the plan names it.

    Raises Infeasible when no limit helps: a lock, a family or eligibility is in the way.
    """
    search = _Search(settings, clock, progress)
    try:
        return search.plan(problem, kept=AFTER_RELAXING)
    except Infeasible as error:
        relaxation = error.relaxation
        if relaxation.problem is None:
            raise
    grid = grid_of(relaxation.problem)
    plan = search.finished(relaxation.problem, grid, search.climb(grid, relaxation.owner))
    return replace(plan, relaxations=relaxation.sentences)


class _Search:
    """What is done within one time limit, and how much of it is left."""

    def __init__(self, settings: Settings, clock: Callable[[], float], progress: Progress | None) -> None:
        self.settings, self.clock, self.progress = settings, clock, progress
        self.begun = clock()

    @property
    def seconds(self) -> float:
        return self.clock() - self.begun

    @property
    def left(self) -> float:
        return max(self.settings.time_limit - self.seconds, LEAST_TIME)

    def plan(self, problem: Problem, kept: float = AFTER_DOUBT) -> Plan:
        """The best plan. kept: the part of the time left not for finding what stands in the way."""
        grid = grid_of(problem)
        if alone := without_a_rep(problem, grid):
            raise Infeasible(Relaxation(alone))
        try:
            return self.finished(problem, grid, self.climb(grid))
        except Impossible as error:
            if error.stopped:
                raise Infeasible(Relaxation((STOPPED,), least=False)) from error
            relaxation = smallest_relaxation(problem, grid, self.left * (1 - kept))
            if relaxation.owner is None or not grid.keeps(relaxation.owner):
                raise Infeasible(relaxation) from error
        return self.finished(problem, grid, self.climb(grid, relaxation.owner))

    def climb(self, grid: Grid, start: Ints | None = None) -> Climb:
        return climb(grid, replace(self.settings, time_limit=self.left), self.clock, start, self.progress)

    def finished(self, problem: Problem, grid: Grid, found: Climb) -> Plan:
        """The plan of what was climbed to, with an owner for each account instead of each group."""
        owner = np.asarray(found.owner)[grid.group_of]
        return Plan(
            problem, owner, found.objective, found.bound, self.seconds, self.settings.seed, found.ending
        )
