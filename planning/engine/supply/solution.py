"""What comes out of the supply plan."""

from dataclasses import dataclass

from planning.engine.supply.problem import Floats


@dataclass(frozen=True)
class Solution:
    """The plan. Units by (items, months), capacity and workers by (resources, months).

    `costs` splits `cost` by what it pays for. `demand_price` is what one more unit of demand would
    cost, and `capacity_price` what one more unit of regular capacity would save (shadow prices;
    empty for whole numbers, which have none). `gap` is the solver's relative optimality gap.
    """

    make: Floats
    buy: Floats
    stock: Floats
    backlog: Floats
    lost: Floats
    below_target: Floats
    load: Floats
    overtime: Floats
    capacity: Floats
    workers: Floats
    hired: Floats
    laid_off: Floats
    cost: float
    costs: dict[str, float]
    demand_price: Floats
    capacity_price: Floats
    gap: float
