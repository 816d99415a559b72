"""From the facts and a frozen demand to a stored supply plan.

    built = build(scenario)            # what the programme is made of, with warnings in words
    solve_run(run)                     # load, build, solve, store: used by the job and headless

`build` decides what the facts mean (docs/supply.md says it for planners): which site makes what,
whose stock counts where, what a unit costs to make, keep, owe and lose.
"""

from planning.pipeline.supply.building import Built, build
from planning.pipeline.supply.solving import ENGINE_VERSION, inputs_of, solve_run

__all__ = ["ENGINE_VERSION", "Built", "build", "inputs_of", "solve_run"]
