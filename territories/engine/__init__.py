"""Territory plans: who gets which account, at what cost, how balanced, and what stands in the way.

Read in this order: problem, distances, grid, solver, search, knapsack, lagrangian, exact, optimum, plan,
assignment, balance, relaxation. Nothing is imported here: quotas need no solver, and it takes a second.
"""

VERSION = 2
