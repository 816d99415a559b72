"""The problem as the solver sees it: groups × reps, the limits as rows, families joined, locks applied."""

from dataclasses import dataclass

import numpy as np

from territories.engine.problem import Bools, Floats, Ints, Problem, summed_by

TOLERANCE = 1e-7  # of a limit's size: what counts as kept


@dataclass(frozen=True)
class Limit:
    """One kind of limit: loads (groups, reps), and what each rep must have at least and at most, (reps,).

    scale (reps,): what a relative change of the limit is counted in. measure: it is a balance.
    """

    name: str
    loads: Floats
    lower: Floats
    upper: Floats
    scale: Floats
    measure: bool = False

    def slack(self) -> Floats:
        """(reps,): the rounding that is forgiven."""
        return TOLERANCE * np.maximum(1.0, self.scale)


@dataclass(frozen=True)
class Grid:
    """group_of (accounts,): the group of each account. cost and allowed: (groups, reps)."""

    group_of: Ints
    cost: Floats
    allowed: Bools
    limits: tuple[Limit, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Groups, reps."""
        return self.cost.shape

    @property
    def whole_costs(self) -> bool:
        """All costs are whole numbers: a cheaper plan is cheaper by 1 at least."""
        costs = self.cost[self.allowed]
        return bool((costs == np.round(costs)).all())

    def cost_of(self, owner: Ints) -> float:
        """The cost of a plan, owner (groups,)."""
        return float(self.cost[np.arange(len(owner)), owner].sum())

    def totals(self, limit: Limit, owner: Ints) -> Floats:
        """(reps,): what each rep has of a limit's load."""
        taken = limit.loads[np.arange(len(owner)), owner]
        return summed_by(owner, taken, self.shape[1])

    def keeps(self, owner: Ints) -> bool:
        """Every group is where it may be, and every limit is kept."""
        if not self.allowed[np.arange(len(owner)), owner].all():
            return False
        for limit in self.limits:
            totals, slack = self.totals(limit, owner), limit.slack()
            if ((totals < limit.lower - slack) | (totals > limit.upper + slack)).any():
                return False
        return True

    def part(self, groups: Ints, reps: Ints) -> "Grid":
        """Just these groups and reps; the groups are all that the reps have."""
        both = np.ix_(groups, reps)
        limits = tuple(
            Limit(one.name, one.loads[both], one.lower[reps], one.upper[reps], one.scale[reps], one.measure)
            for one in self.limits
        )
        return Grid(np.arange(len(groups)), self.cost[both], self.allowed[both], limits)


def grid_of(problem: Problem) -> Grid:
    """Families as one, locked accounts only where they are."""
    group_of = _groups(problem.accounts.family)
    allowed = problem.eligible.copy()
    locked = np.flatnonzero(problem.accounts.locked)
    stays = np.zeros_like(allowed)
    stays[locked, problem.accounts.current[locked]] = True
    allowed[locked] = stays[locked]  # a lock is stronger than eligibility: it is where the account is today
    groups = int(group_of.max()) + 1
    together = np.ones((groups, allowed.shape[1]), dtype=bool)
    np.logical_and.at(together, group_of, allowed)
    cost = _summed(np.where(together[group_of], problem.full_cost, 0.0), group_of, groups)
    return Grid(group_of, cost, together, _limits(problem, group_of, groups))


def _groups(family: tuple[str, ...]) -> Ints:
    """(accounts,): numbers of groups, in the order of their first accounts."""
    seen: dict[tuple[str, int], int] = {}
    keys = ((name, -1 if name else place) for place, name in enumerate(family))
    return np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=np.int64)


def _summed(rows: Floats, group_of: Ints, groups: int) -> Floats:
    total = np.zeros((groups, *rows.shape[1:]))
    np.add.at(total, group_of, rows)
    return total


def _limits(problem: Problem, group_of: Ints, groups: int) -> tuple[Limit, ...]:
    reps = len(problem.reps.ids)
    found = []
    for measure in problem.measures:
        target = problem.target(measure)
        amounts = _summed(measure.amounts, group_of, groups)
        loads = np.broadcast_to(amounts[:, None], (groups, reps))
        lower, upper = target * (1 - measure.tolerance), target * (1 + measure.tolerance)
        found.append(Limit(measure.name, loads, lower, upper, target, measure=True))
    none = np.full(reps, -np.inf)
    if problem.capacity:
        loads, most = _summed(problem.capacity.loads, group_of, groups), problem.capacity.most
        found.append(Limit("capacity", loads, none, most, _size(most)))
    if np.isfinite(problem.reps.most_accounts).any():
        counts = np.bincount(group_of, minlength=groups).astype(float)
        most = problem.reps.most_accounts
        loads = np.broadcast_to(counts[:, None], (groups, reps))
        found.append(Limit("accounts", loads, none, most, _size(most)))
    return tuple(found)


def _size(most: Floats) -> Floats:
    return np.where(np.isfinite(most), np.maximum(most, 1.0), 1.0)
