"""Generalised assignment problems as they are published: the classes A to E, and files of the OR-Library.

The recipes: P. C. Chu and J. E. Beasley, A genetic algorithm for the generalised assignment problem,
Computers and Operations Research 24 (1997), 17–23 (A to D); M. Yagiura, T. Ibaraki and F. Glover, An ejection
chain approach for the generalized assignment problem, INFORMS Journal on Computing 16 (2004), 133–151 (E).
"""

from pathlib import Path

import numpy as np

from territories.engine.problem import NOBODY, Capacity, Problem
from tests.territories.problems import random_problem

PUBLISHED = Path(__file__).parent / "published"
BEST = {"d05100": 6353, "d10100": 6347}  # the proven least costs


def published(name: str) -> Problem:
    """An instance of the OR-Library: agents, jobs, costs by agent, loads by agent, capacities."""
    lines = (PUBLISHED / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    numbers = np.array(" ".join(line for line in lines if not line.startswith("#")).split(), dtype=float)
    agents, jobs = int(numbers[0]), int(numbers[1])
    table, most = numbers[2:-agents].reshape(2, agents, jobs), numbers[-agents:]
    return hard_problem(table[0].T, table[1].T, most)


def of_class(kind: str, jobs: int, agents: int, seed: int) -> Problem:
    """A random instance of a class, by its published recipe."""
    chance, shape = np.random.default_rng(seed), (jobs, agents)
    loads = chance.integers(5, 26, shape).astype(float)
    cost = chance.integers(10, 51, shape).astype(float)
    if kind in "AB":
        return hard_problem(cost, loads, np.floor(_roomy(cost, loads) * (0.7 if kind == "B" else 1.0)))
    if kind == "D":
        loads = chance.integers(1, 101, shape).astype(float)
        cost = 111 - loads + chance.integers(-10, 11, shape)
    if kind == "E":
        loads = np.floor(1 - 10 * np.log(1 - chance.random(shape)))
        cost = np.floor(1_000 / loads - 10 * chance.random(shape))
    return hard_problem(cost, loads, np.floor(0.8 * loads.sum(axis=0) / agents))


def _roomy(cost: np.ndarray, loads: np.ndarray) -> np.ndarray:
    jobs, agents = cost.shape
    cheapest = cost.argmin(axis=1)
    used = np.bincount(cheapest, weights=loads[np.arange(jobs), cheapest], minlength=agents)
    return np.full(agents, 0.6 * 15 * jobs / agents + 0.4 * used.max())


def hard_problem(cost: np.ndarray, loads: np.ndarray, most: np.ndarray) -> Problem:
    """Accounts without owners or places; cost and loads (accounts, reps), most (reps,)."""
    nobody = np.full(len(cost), NOBODY)
    return random_problem(*cost.shape, cost=cost, current=nobody, capacity=Capacity(loads, most))
