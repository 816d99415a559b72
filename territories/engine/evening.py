"""A plan that breaks limits, made to break them less: groups handed over and exchanged while that helps.

What is made small is the sum of squares of what each rep is beyond a limit, as a part of it: who is far off
comes first, and what is within its limits may move freely within them.
"""

from dataclasses import dataclass

import numpy as np

from territories.engine.grid import Grid, Limit
from territories.engine.problem import Floats, Ints

PASSES, MOST_LOOKS = (2, 20), 6_000  # passes over the groups; together so many looks: a few seconds
MOST_OTHERS = 400  # groups that one may be exchanged with: of more, every second, third … one
WORTH = 1e-12  # a change that mends less is rounding


@dataclass
class Evening:
    """A plan being evened: owner (groups,), and what each rep has of each limit, (limits, reps)."""

    grid: Grid
    owner: Ints

    def __post_init__(self) -> None:
        self.totals = np.array([self.grid.totals(limit, self.owner) for limit in self.grid.limits])

    def worse(self, place: int, rep: Ints | int, added: Floats | float) -> Floats:
        """By how much the squares of a limit grow when reps get so much more (or less) of its load."""
        limit, total = self.grid.limits[place], self.totals[place]
        return _square(limit, rep, total[rep] + added) - _square(limit, rep, total[rep])

    def shift(self, group: int) -> bool:
        """Hand the group to the rep where that mends most."""
        mine, reps = int(self.owner[group]), np.arange(self.grid.shape[1])
        change = np.where(self.grid.allowed[group] & (reps != mine), 0.0, np.inf)
        for place, limit in enumerate(self.grid.limits):
            change += self.worse(place, mine, -limit.loads[group, mine])
            change += self.worse(place, reps, limit.loads[group])
        best = int(change.argmin())
        return self._given(change[best], ((group, best),))

    def swap(self, group: int) -> bool:
        """Exchange the group with the one where that mends most."""
        mine, theirs, grid = int(self.owner[group]), self.owner, self.grid
        able = (theirs != mine) & grid.allowed[:, mine] & grid.allowed[group, theirs]
        others = np.flatnonzero(able)
        every = -(-len(others) // MOST_OTHERS)
        others = others[group % max(every, 1) :: max(every, 1)]
        if not len(others):
            return False
        change, reps = np.zeros(len(others)), theirs[others]
        for place, limit in enumerate(grid.limits):
            change += self.worse(place, mine, limit.loads[others, mine] - limit.loads[group, mine])
            change += self.worse(place, reps, limit.loads[group, reps] - limit.loads[others, reps])
        best = int(change.argmin())
        other = int(others[best])
        return self._given(change[best], ((group, int(theirs[other])), (other, mine)))

    def _given(self, change: float, moves: tuple[tuple[int, int], ...]) -> bool:
        """Make the moves where they mend something, and keep the totals right."""
        if change >= -WORTH:
            return False
        for group, rep in moves:
            before = self.owner[group]
            for place, limit in enumerate(self.grid.limits):
                self.totals[place][before] -= limit.loads[group, before]
                self.totals[place][rep] += limit.loads[group, rep]
            self.owner[group] = rep
        return True


def evened(grid: Grid, owner: Ints) -> Ints:
    """A plan, owner (groups,), that breaks the limits no more than the one given, usually far less."""
    work = Evening(grid, owner.copy())
    for _ in range(int(np.clip(MOST_LOOKS // len(owner), *PASSES))):
        if not sum(work.shift(group) + work.swap(group) for group in range(len(owner))):
            break
    return work.owner


def _square(limit: Limit, rep: Ints | int, total: Floats | float) -> Floats:
    """What totals are beyond a limit, as a part of its size, squared."""
    over = np.maximum(np.maximum(total - limit.upper[rep], limit.lower[rep] - total), 0.0)
    size = np.where(limit.scale[rep] > 0, limit.scale[rep], 1.0)
    return np.asarray((over / size) ** 2)
