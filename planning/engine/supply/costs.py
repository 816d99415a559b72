"""What a plan's money pays for, as a bookkeeper would list it."""

import numpy as np

from planning.engine.supply.problem import Problem
from planning.engine.supply.solution import Solution

KINDS = (
    "material",
    "regular time",
    "overtime",
    "outsourcing",
    "holding",
    "backlog",
    "lost sales",
    "below target",
    "hiring",
    "layoffs",
    "value left",
)


def costs_by_kind(problem: Problem, plan: Solution) -> dict[str, float]:
    """The plan's cost by KINDS; they add up to `plan.cost`.

    Regular time is paid for each worker, or for each unit of capacity used where a resource has no
    workers; overtime for each unit of it.
    """
    products, resources = problem.products, problem.resources
    by_use = np.where(resources.with_workers, 0.0, resources.regular_cost)
    regular = (by_use[:, None] * (plan.load - plan.overtime)).sum()
    regular += (resources.worker_cost[:, None] * plan.workers).sum()
    material = np.where(np.isfinite(products.make_cost), products.make_cost, 0.0)
    listed = (
        float((material[:, None] * plan.make).sum()),
        float(regular),
        float((resources.overtime_cost[:, None] * plan.overtime).sum()),
        plan.costs["buy"],
        plan.costs["stock"],
        plan.costs["backlog"],
        plan.costs["lost"],
        plan.costs["below_target"],
        plan.costs["hired"],
        plan.costs["laid_off"],
        plan.costs["ending_value"],
    )
    return dict(zip(KINDS, listed, strict=True))
