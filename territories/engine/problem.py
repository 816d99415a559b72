"""What goes into a territory plan: accounts, reps, what an assignment costs, and its limits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NOBODY = -1


@dataclass(frozen=True)
class Accounts:
    """Arrays of shape (accounts,).

    value: in money per year, what a move is weighed by. current: the place of the owner among the reps,
    NOBODY without one. locked: stays with its owner. family: accounts of one name go to one rep; "" is alone.
    """

    ids: tuple[str, ...]
    value: Floats
    current: Ints
    locked: Bools
    family: tuple[str, ...]


@dataclass(frozen=True)
class Reps:
    """Arrays of shape (reps,). share: of a full territory, 1 for most, 0.5 for half a job. most_accounts:
    inf for no limit."""

    ids: tuple[str, ...]
    share: Floats
    most_accounts: Floats


@dataclass(frozen=True)
class Measure:
    """Something to be spread evenly: amounts (accounts,) ≥ 0, tolerance 0.05 for ±5 % of each rep's part."""

    name: str
    amounts: Floats
    tolerance: float


@dataclass(frozen=True)
class Capacity:
    """loads (accounts, reps): what an account takes of a rep. most (reps,): what the rep has, inf for no
    limit."""

    loads: Floats
    most: Floats


@dataclass(frozen=True)
class Problem:
    """A territory problem. cost and eligible: (accounts, reps); cost in money, distance or time.

    move_penalty: cost of a moved account per unit of its value. Raises ValueError with every disagreement
    in shapes, signs and locks at once.
    """

    accounts: Accounts
    reps: Reps
    cost: Floats
    eligible: Bools
    measures: tuple[Measure, ...] = ()
    capacity: Capacity | None = None
    move_penalty: float = 0.0

    def __post_init__(self) -> None:
        faults = [*self._shape_faults()]
        if not faults:
            faults = [*self._number_faults(), *self._lock_faults()]
        if faults:
            raise ValueError("\n".join(faults))

    def _shape_faults(self) -> list[str]:
        one, both = (len(self.accounts.ids),), (len(self.accounts.ids), len(self.reps.ids))
        expected = {
            "value": (self.accounts.value, one),
            "current": (self.accounts.current, one),
            "locked": (self.accounts.locked, one),
            "family": (np.array(self.accounts.family), one),
            "share": (self.reps.share, both[1:]),
            "most_accounts": (self.reps.most_accounts, both[1:]),
            "cost": (self.cost, both),
            "eligible": (self.eligible, both),
        }
        expected |= {measure.name: (measure.amounts, one) for measure in self.measures}
        if self.capacity:
            expected |= {"loads": (self.capacity.loads, both), "most": (self.capacity.most, both[1:])}
        faults = [
            f"{name} has the shape {array.shape}, not {shape}."
            for name, (array, shape) in expected.items()
            if array.shape != shape
        ]
        return faults if min(both) else ["There must be an account and a rep.", *faults]

    def _number_faults(self) -> list[str]:
        positive = {"value": self.accounts.value, "share": self.reps.share}
        positive |= {measure.name: measure.amounts for measure in self.measures}
        if self.capacity:
            positive["loads"] = self.capacity.loads
        faults = [
            f"{name} must be finite and not negative." for name, array in positive.items() if _bad(array)
        ]
        if not np.isfinite(self.cost[self.eligible]).all():
            faults.append("cost must be finite wherever a rep is eligible.")
        if not (np.isfinite(self.move_penalty) and self.move_penalty >= 0):
            faults.append("move_penalty must be finite and not negative.")
        if self.measures and not self.reps.share.sum() > 0:
            faults.append("The reps' shares must add up to more than 0.")
        faults += [
            f"The tolerance of {m.name} must not be negative." for m in self.measures if m.tolerance < 0
        ]
        return faults

    def _lock_faults(self) -> list[str]:
        current, locked = self.accounts.current, self.accounts.locked
        if ((current < NOBODY) | (current >= len(self.reps.ids))).any():
            return ["current must name a rep by its place, or nobody."]
        return [
            f"{self.accounts.ids[place]} is locked but has no owner to stay with."
            for place in np.flatnonzero(locked & (current == NOBODY))
        ]

    @property
    def full_cost(self) -> Floats:
        """(accounts, reps): the cost, with the penalty where an account would leave its owner."""
        current = self.accounts.current
        leaves = (current[:, None] != np.arange(len(self.reps.ids))) & (current != NOBODY)[:, None]
        return self.cost + self.move_penalty * self.accounts.value[:, None] * leaves

    def target(self, measure: Measure) -> Floats:
        """(reps,): each rep's part of a measure's total, by share."""
        return measure.amounts.sum() * self.reps.share / self.reps.share.sum()


def summed_by(owner: Ints, amounts: Floats, reps: int) -> Floats:
    """(reps,): the sum of amounts by owner, both (accounts,)."""
    return np.bincount(owner, weights=amounts, minlength=reps).astype(np.float64)


def _bad(array: Floats) -> bool:
    return not (np.isfinite(array).all() and (array >= 0).all())
