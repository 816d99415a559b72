"""Local search: single groups handed over and pairs exchanged, while the plan gets cheaper.

The shift and swap neighbourhoods of M. Yagiura, T. Ibaraki and F. Glover, An ejection chain approach for the
generalized assignment problem, INFORMS Journal on Computing 16 (2004), 133–151.
"""

from dataclasses import dataclass

import numpy as np

from territories.engine.grid import Grid
from territories.engine.problem import Bools, Floats, Ints

MOST_PASSES = 20
WORTH = 1e-9  # a change that saves less is rounding


@dataclass
class Search:
    """A plan being improved: owner (groups,), totals and limits (kinds of limit, reps)."""

    grid: Grid
    owner: Ints

    def __post_init__(self) -> None:
        grid = self.grid
        self.cost = np.where(grid.allowed, grid.cost, np.inf)
        self.groups = np.arange(len(self.owner))
        self.totals = np.array([grid.totals(limit, self.owner) for limit in grid.limits])
        self.lower = [limit.lower - limit.slack() for limit in grid.limits]
        self.upper = [limit.upper + limit.slack() for limit in grid.limits]

    def fits(self, place: int, rep: Ints | int, added: Floats | float) -> Bools:
        """Whether reps keep limit `place` with so much more (or less) of its load."""
        total = self.totals[place][rep] + added
        return (total >= self.lower[place][rep]) & (total <= self.upper[place][rep])

    def give(self, group: int, rep: int) -> None:
        """Hand a group to a rep and keep the totals of every limit right."""
        before = self.owner[group]
        for place, limit in enumerate(self.grid.limits):
            self.totals[place][before] -= limit.loads[group, before]
            self.totals[place][rep] += limit.loads[group, rep]
        self.owner[group] = rep

    def shift(self, group: int) -> bool:
        """Hand the group to the cheapest rep that can take it, when that is cheaper than today's."""
        mine, reps = int(self.owner[group]), np.arange(self.grid.shape[1])
        able = self.cost[group] < self.cost[group, mine] - WORTH
        for place, limit in enumerate(self.grid.limits):
            if not able.any():
                return False
            able &= self.fits(place, mine, -limit.loads[group, mine])
            able &= self.fits(place, reps, limit.loads[group])
        if not able.any():
            return False
        self.give(group, int(np.where(able, self.cost[group], np.inf).argmin()))
        return True

    def swap(self, group: int) -> bool:
        """Exchange the group with the one that saves most."""
        mine, theirs = int(self.owner[group]), self.owner
        today = self.cost[group, mine] + self.cost[self.groups, theirs]
        saved = today - self.cost[group, theirs] - self.cost[self.groups, mine]
        others = np.flatnonzero((saved > WORTH) & (theirs != mine))
        for place, limit in enumerate(self.grid.limits):
            reps = theirs[others]
            gained = limit.loads[others, mine] - limit.loads[group, mine]
            given = limit.loads[group, reps] - limit.loads[others, reps]
            others = others[self.fits(place, mine, gained) & self.fits(place, reps, given)]
        if not len(others):
            return False
        other = int(others[saved[others].argmax()])
        rep = int(self.owner[other])
        self.give(group, rep)
        self.give(other, mine)
        return True


def improved(grid: Grid, owner: Ints, seed: int) -> Ints:
    """A plan at least as good, owner (groups,); the seed orders the groups looked at."""
    search, chance = Search(grid, owner.copy()), np.random.default_rng(seed)
    for _ in range(MOST_PASSES):
        order = chance.permutation(len(owner))
        changes = sum(search.shift(int(group)) + search.swap(int(group)) for group in order)
        if not changes:
            break
    return search.owner if grid.keeps(search.owner) else owner
