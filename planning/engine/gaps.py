"""Gaps of a supply plan: where it falls short, where more is wanted than there is, what is too much.

Each gap is a run of consecutive months of one item or one resource, with the money at stake. Its
key names it across solves: kind, what, where and the first month.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planning.engine.supply.problem import Floats, Problem

COVER_MONTHS = 3
SMALL = 0.5  # of a unit: less is rounding


@dataclass(frozen=True)
class Found:
    """A gap: its kind, the row of the item or resource, its months by number, how much of what.

    `quantity` is in units; of an overload in capacity units. `money` is in the currency of the
    prices: a shortage's revenue that comes late or never, the revenue that an overload's missing
    capacity holds up, what an excess has cost.
    """

    kind: str
    row: int
    first: int
    last: int
    quantity: float
    money: float


def wanted_make(problem: Problem) -> Floats:
    """What would be made if all demand were met when it is asked for, (items, months), in units.

    Opening stock is used first; capacity and stock targets are left aside.
    """
    owed = problem.products.opening_backlog - problem.products.opening_stock
    total = np.cumsum(problem.demand, axis=1) + owed[:, None]
    met = np.maximum(total, 0.0)
    return np.diff(met, axis=1, prepend=0.0)


def shortages(backlog: Floats, lost: Floats, price: Floats) -> list[Found]:
    """Runs of months in which an item is owed or lost: the peak owed and all that is lost.

    Arrays are (items, months); `price` is money per unit.
    """
    found = []
    for row, first, last in _runs((backlog > SMALL) | (lost > SMALL)):
        months = slice(first, last + 1)
        peak = int(np.argmax(backlog[row, months])) + first
        late = backlog[row, peak] * price[row, peak]
        never = lost[row, months] @ price[row, months]
        quantity = backlog[row, peak] + lost[row, months].sum()
        found.append(Found("shortage", row, first, last, float(quantity), float(late + never)))
    return found


def overloads(wanted: Floats, capacity: Floats, worth: Floats) -> list[Found]:
    """Runs of months in which a resource is wanted for more than regular and overtime hours.

    Arrays are (resources, months) in capacity units; `worth` is the revenue made with one of them.
    """
    over = np.maximum(wanted - capacity, 0.0)
    found = []
    for row, first, last in _runs(over > np.maximum(capacity, 1.0) * 1e-3):
        months = slice(first, last + 1)
        money = over[row, months] @ worth[row, months]
        found.append(Found("overload", row, first, last, float(over[row, months].sum()), float(money)))
    return found


def excesses(stock: Floats, target: Floats, demand: Floats, cost: Floats, months: int) -> list[Found]:
    """Runs of months that end with more stock than the target and the demand of the next `months`.

    Arrays are (items, months). Beyond the horizon demand is that of its last months. Money is the
    cost of what is too much at the worst.
    """
    over = np.maximum(stock - target - following_demand(demand, months), 0.0)
    found = []
    for row, first, last in _runs(over > SMALL):
        peak = first + int(np.argmax(over[row, first : last + 1]))
        quantity = over[row, peak]
        found.append(Found("excess", row, first, last, float(quantity), float(quantity * cost[row, peak])))
    return found


def following_demand(demand: Floats, months: int) -> Floats:
    """The demand of the next `months` after each month, (items, months)."""
    width = demand.shape[1]
    beyond = np.repeat(demand[:, -months:].mean(axis=1, keepdims=True), months, axis=1)
    total = np.cumsum(np.concatenate([demand, beyond], axis=1), axis=1)
    return total[:, months:] - total[:, :width]


def days_of_cover(stock: Floats, demand: Floats, *, days: float = 30.4) -> Floats:
    """How many days the stock at the end of each month lasts, by the next three months' demand.

    (items, months); infinite where nothing is asked for.
    """
    pace = following_demand(demand, COVER_MONTHS) / (COVER_MONTHS * days)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(pace > 0, stock / pace, np.where(stock > 0, np.inf, 0.0))


def _runs(over: NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
    """Row, first and last column of each run of true cells."""
    edges = np.diff(np.pad(over.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    for (row, first), (_, after) in zip(starts, ends, strict=True):
        yield int(row), int(first), int(after) - 1
