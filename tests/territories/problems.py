"""Territory problems for the tests: random ones, small enough to be enumerated, and larger ones."""

from itertools import product
from typing import Any

import numpy as np

from territories.engine.assignment import assign
from territories.engine.plan import Plan, Settings
from territories.engine.problem import NOBODY, Accounts, Capacity, Measure, Problem, Reps


def stopped() -> float:
    """A clock that stands still: searches end by themselves."""
    return 0.0


def planned(problem: Problem, **settings: Any) -> Plan:
    return assign(problem, Settings(**({"time_limit": 5.0} | settings)), stopped)


def random_problem(
    accounts: int, reps: int, seed: int = 0, *, tolerance: float | None = None, **changes: Any
) -> Problem:
    """Accounts and reps on a square of 100 × 100, owned by the nearest; measures a and b when balanced."""
    chance = np.random.default_rng(seed)
    places, bases = chance.uniform(0, 100, (accounts, 2)), chance.uniform(0, 100, (reps, 2))
    distance = np.hypot(*np.moveaxis(places[:, None] - bases[None], -1, 0))
    amounts = chance.lognormal(0, 0.5, accounts), chance.uniform(0.5, 2, accounts)
    measures = tuple(
        Measure(name, amount, tolerance)
        for name, amount in zip("ab", amounts, strict=True)
        if tolerance is not None
    )
    people = Accounts(
        tuple(f"A{place}" for place in range(accounts)),
        np.ones(accounts),
        changes.pop("current", distance.argmin(axis=1)),
        changes.pop("locked", np.zeros(accounts, dtype=bool)),
        changes.pop("family", ("",) * accounts),
    )
    owners = Reps(
        tuple(f"R{place}" for place in range(reps)),
        np.ones(reps),
        changes.pop("most_accounts", np.full(reps, np.inf)),
    )
    eligible = changes.pop("eligible", np.ones((accounts, reps), dtype=bool))
    return Problem(people, owners, changes.pop("cost", distance), eligible, measures, **changes)


def plain_problem(jobs: int, agents: int, seed: int = 0) -> Problem:
    """A generalised assignment problem of the class C of the literature: whole costs and loads."""
    chance = np.random.default_rng(seed)
    loads = chance.integers(5, 26, (jobs, agents)).astype(float)
    cost = chance.integers(10, 51, (jobs, agents)).astype(float)
    most = np.floor(0.9 * loads.sum(axis=0) / agents)
    nobody = np.full(jobs, NOBODY)
    return random_problem(jobs, agents, cost=cost, current=nobody, capacity=Capacity(loads, most))


def enumerated(problem: Problem) -> float:
    """The cost of the cheapest plan, by looking at every one; inf without one."""
    accounts, reps = problem.cost.shape
    return min(
        (
            float(problem.full_cost[np.arange(accounts), owner].sum())
            for owner in map(np.array, product(range(reps), repeat=accounts))
            if keeps(problem, owner)
        ),
        default=float("inf"),
    )


def keeps(problem: Problem, owner: np.ndarray) -> bool:
    """Whether a plan keeps every limit: each counted here on its own, not as the engine does."""
    people, places = problem.accounts, np.arange(len(owner))
    if not problem.eligible[places, owner].all() or (owner != people.current)[people.locked].any():
        return False
    families = {(name, rep) for name, rep in zip(people.family, owner, strict=True) if name}
    if len(families) > len({name for name, _ in families}):
        return False
    return all(_rep_keeps(problem, owner, rep) for rep in range(len(problem.reps.ids)))


def _rep_keeps(problem: Problem, owner: np.ndarray, rep: int) -> bool:
    mine = owner == rep
    if mine.sum() > problem.reps.most_accounts[rep]:
        return False
    if problem.capacity and problem.capacity.loads[mine, rep].sum() > problem.capacity.most[rep] + 1e-6:
        return False
    for measure in problem.measures:
        part = measure.amounts.sum() / len(problem.reps.ids)
        if abs(measure.amounts[mine].sum() / part - 1) > measure.tolerance + 1e-6:
            return False
    return True
