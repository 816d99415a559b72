"""Territory plans: who gets which account, at what cost, how balanced, and what stands in the way.

Read in this order: problem, distances, grid, solver, search, knapsack, lagrangian, exact, optimum, plan,
assignment, balance, relaxation.
"""

from territories.engine.assignment import Infeasible, assign, assign_relaxed
from territories.engine.plan import Ending, Plan, Progress, Settings
from territories.engine.problem import NOBODY, Accounts, Capacity, Measure, Problem, Reps

VERSION = 2

__all__ = [
    "NOBODY",
    "VERSION",
    "Accounts",
    "Capacity",
    "Ending",
    "Infeasible",
    "Measure",
    "Plan",
    "Problem",
    "Progress",
    "Reps",
    "Settings",
    "assign",
    "assign_relaxed",
]
