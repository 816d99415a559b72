"""What comes out of the optimiser."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from territories.engine.problem import NOBODY, Floats, Ints, Problem, summed_by

# Objective (inf before the first plan), bound (−inf before the first) and seconds so far → whether to stop.
Progress = Callable[[float, float, float], bool]


class Ending(StrEnum):
    """Why it ended: proven the cheapest, close enough, searched through, or out of time (also: stopped)."""

    OPTIMAL = "optimal"
    GAP = "gap reached"
    SEARCHED = "searched through"
    TIME = "time limit"


@dataclass(frozen=True)
class Settings:
    """time_limit in seconds. seed orders the local search. gap: stop when so near the bound, 0.01 for 1 %.

    The same problem, settings and seed give the same plan, unless the ending is the time limit.
    """

    time_limit: float = 60.0
    seed: int = 0
    gap: float = 0.0


@dataclass(frozen=True)
class Plan:
    """owner (accounts,): the place of each account's rep. objective includes the penalties for moves; no plan
    can cost less than bound. seconds: what it took."""

    problem: Problem
    owner: Ints
    objective: float
    bound: float
    seconds: float
    seed: int
    ending: Ending
    relaxations: tuple[str, ...] = ()

    @property
    def gap(self) -> float:
        """(objective − bound) / |objective|: how much cheaper a plan could be at most."""
        return relative_gap(self.objective, self.bound)

    @property
    def moved(self) -> Ints:
        """The places of the accounts that change from one owner to another."""
        current = self.problem.accounts.current
        return np.flatnonzero((current != NOBODY) & (current != self.owner))

    @property
    def cost(self) -> float:
        """Without the penalties for moves."""
        return float(self.problem.cost[np.arange(len(self.owner)), self.owner].sum())

    def totals(self, amounts: Floats) -> Floats:
        """(reps,): the sum of amounts (accounts,) by owner."""
        return summed_by(self.owner, amounts, len(self.problem.reps.ids))


def relative_gap(objective: float, bound: float) -> float:
    """0 when the bound is reached, inf without a bound."""
    above = max(objective - bound, 0.0)
    return above / abs(objective) if objective else (0.0 if above == 0 else float("inf"))
