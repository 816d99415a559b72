"""The supply plan as a linear programme: what to make, buy, keep and owe, at the least cost.

    solution = solve(problem)                    # continuous
    solution = solve(problem, whole_numbers=True)  # workers, hires and layoffs are whole
    solution = solve_by_blocks(problem)          # the same, each plant by itself: for big problems

Chopra & Meindl, Supply Chain Management, chapter "Aggregate planning", is the model; products share
resources, and each product may be kept at several sites.
"""

from planning.engine.supply.blocks import blocks_of, solve_by_blocks
from planning.engine.supply.diagnosis import why_infeasible
from planning.engine.supply.problem import Problem, Products, Resources
from planning.engine.supply.solution import Solution
from planning.engine.supply.solve import Infeasible, NotSolved, solve

__all__ = [
    "Infeasible",
    "NotSolved",
    "Problem",
    "Products",
    "Resources",
    "Solution",
    "blocks_of",
    "solve",
    "solve_by_blocks",
    "why_infeasible",
]
