"""What goes into the supply plan."""

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Products:
    """One entry per item, which is a product at a site: arrays of shape (items,), in units and
    money per unit. `inf` in a cost forbids what it is the cost of.

    make_cost: material and other cost of a unit made, without the resources' time.
    buy_cost: all-in cost of a unit outsourced. buy_limit: most units outsourced in a month.
    holding_cost: of a unit in stock at the end of a month. backlog_cost: of a unit owed at the end
    of a month. lost_cost: of a unit never delivered. short_cost: of a unit below the target stock.
    ending_value: what a unit left at the end of the last month is worth; without it a plan sells its
    stock out before the horizon ends.
    """

    ids: tuple[str, ...]
    make_cost: Floats
    buy_cost: Floats
    buy_limit: Floats
    holding_cost: Floats
    backlog_cost: Floats
    lost_cost: Floats
    short_cost: Floats
    opening_stock: Floats
    opening_backlog: Floats
    ending_stock: Floats
    ending_backlog: Floats
    ending_value: Floats = field(default_factory=lambda: np.zeros(1))


@dataclass(frozen=True)
class Resources:
    """Arrays of shape (resources,) and, for capacity, (resources, months), in capacity units.

    A resource with workers has `hours_per_worker` > 0: its regular capacity is workers × hours,
    paid per worker whether used or not, and its overtime is limited per worker. Any other resource
    has the given regular and overtime capacity and is paid per unit used.
    """

    ids: tuple[str, ...]
    regular: Floats
    overtime: Floats
    regular_cost: Floats
    overtime_cost: Floats
    hours_per_worker: Floats
    overtime_per_worker: Floats
    opening_workers: Floats
    worker_cost: Floats
    hire_cost: Floats
    layoff_cost: Floats

    @property
    def with_workers(self) -> NDArray[np.bool_]:
        """Which resources have as much time as their workers bring, (resources,)."""
        return self.hours_per_worker > 0


@dataclass(frozen=True)
class Problem:
    """A supply problem over months.

    demand and target_stock: (items, months) in units. use: (resources, items), capacity units that
    one unit made takes. Raises ValueError with every disagreement in shapes or signs at once.
    """

    months: tuple[str, ...]
    products: Products
    resources: Resources
    demand: Floats
    target_stock: Floats
    use: Floats

    def __post_init__(self) -> None:
        wrong = [*self._wrong_shapes(), *self._negative()]
        if wrong:
            raise ValueError(" ".join(wrong))

    def _wrong_shapes(self) -> list[str]:
        items, months, kinds = len(self.products.ids), len(self.months), len(self.resources.ids)
        expected = {
            "demand": (self.demand, (items, months)),
            "target_stock": (self.target_stock, (items, months)),
            "use": (self.use, (kinds, items)),
            "regular": (self.resources.regular, (kinds, months)),
            "overtime": (self.resources.overtime, (kinds, months)),
        }
        return [
            f"{name} has shape {array.shape}; expected {shape}."
            for name, (array, shape) in expected.items()
            if array.shape != shape
        ]

    def _negative(self) -> list[str]:
        groups = {"demand": self.demand, "target_stock": self.target_stock, "use": self.use}
        groups |= _arrays(self.products) | _arrays(self.resources)
        return [f"{name} has a negative or missing value." for name, array in groups.items() if _bad(array)]


def _arrays(group: Products | Resources) -> dict[str, Floats]:
    return {f.name: getattr(group, f.name) for f in fields(group) if f.name != "ids"}


def _bad(array: Floats) -> bool:
    return bool(np.isnan(array).any() or (array < 0).any())
