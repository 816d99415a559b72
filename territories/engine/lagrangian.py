"""What a plan costs at least when capacity is the only limit: the Lagrangian relaxation, and its prices.

That every group has just one rep is left to prices: a group that nobody takes pays its price, one that
several take gets it back several times. What remains is a knapsack for each rep. M. L. Fisher, R. Jaikumar
and L. N. Van Wassenhove, A multiplier adjustment method for the generalized assignment problem, Management
Science 32 (1986), 1095–1103; the bound is that of column generation (M. Savelsbergh, Operations Research 45
(1997), 831–841), well above that of the linear relaxation.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import DTypeLike

from territories.engine.grid import TOLERANCE, Grid
from territories.engine.knapsack import Knapsacks
from territories.engine.problem import Bools, Floats, Ints

NEVER = 2**50  # dearer than any plan
FINEST, WIDEST, MOST_GROUPS = 1_000, 5_000, 400
UNITS = (1, 2, 4, 5, 10, 20, 50, 100)
PRICE_UP_TO = 8  # times the widest cost: a price above it is of no use
DEFLECTION, PATIENCE, SHRINK, LEAST_STEP = 0.5, 8, 0.7, 0.2


@dataclass(frozen=True)
class Whole:
    """A grid with one limit, in whole numbers.

    cost (groups, reps): in parts of 1 / scale, above what the cheapest rep of the group costs, (groups,).
    loads (groups, reps) and room (reps,): in parts of 1 / unit of the limit. step: costs differ by
    it at least. number: a type that no sum of costs overflows.
    """

    cost: Ints
    loads: Ints
    room: Ints
    allowed: Bools
    cheapest: Floats
    scale: int
    step: int
    number: DTypeLike

    def cost_of(self, owner: Ints) -> int:
        """Of a plan, owner (groups,)."""
        return int(self.cost[np.arange(len(owner)), owner].sum())

    def fits(self, owner: Ints) -> bool:
        """Whether no rep has more than there is room for; `owner`: the rep of each group."""
        used = np.bincount(owner, self.loads[np.arange(len(owner)), owner], minlength=len(self.room))
        return bool((used <= self.room).all())

    def in_money(self, cost: float) -> float:
        """A cost in the unit of the grid."""
        return float(self.cheapest.sum()) + cost / self.scale

    def in_parts(self, money: float) -> float:
        """A cost of the grid as it is counted here."""
        return (money - float(self.cheapest.sum())) * self.scale

    def prices(self, money: Floats) -> Ints:
        """(groups,): prices of the grid as they are counted here."""
        return np.round((money - self.cheapest) * self.scale).astype(np.int64)


def whole_numbers(grid: Grid) -> Whole | None:
    """The grid for the knapsacks; None when it has costs or limits that they do not suit."""
    if len(grid.limits) != 1 or grid.shape[0] > MOST_GROUPS or not grid.whole_costs:
        return None
    limit = grid.limits[0]
    unit = _unit(limit.loads)
    if limit.measure or np.isfinite(limit.lower).any() or unit is None:
        return None
    loads = np.round(limit.loads * unit).astype(np.int64)
    most = np.minimum(np.floor((limit.upper + limit.slack()) * unit), loads.sum(axis=0))
    if most.max() > WIDEST or most.min() < 0:
        return None
    cheapest = np.where(grid.allowed, grid.cost, np.inf).min(axis=1)
    above = np.where(grid.allowed, grid.cost - cheapest[:, None], 0.0)
    scale, number = _scale(above)
    cost = np.round(above * scale).astype(np.int64)
    return Whole(cost, loads, most.astype(np.int64), grid.allowed, cheapest, scale, scale, number)


def _unit(loads: Floats) -> int | None:
    """The part of 1 that all loads are whole multiples of, as its inverse."""
    near = (unit for unit in UNITS if np.abs(loads * unit - np.round(loads * unit)).max() < TOLERANCE)
    return next(near, None)


def _scale(above: Floats) -> tuple[int, DTypeLike]:
    """How finely costs are counted, and the type that holds their sums."""
    most = max(float(above.max()), 1.0) * len(above) * PRICE_UP_TO
    scale = int(min(FINEST, 2**28 / most))
    return (scale, np.int32) if scale >= FINEST / 50 else (FINEST, np.int64)


@dataclass(frozen=True)
class Relaxed:
    """Of each case: bound (cases,), what any plan costs at least; taken (cases, groups, reps), who takes what
    at these prices."""

    bound: Ints
    taken: Bools


@dataclass(frozen=True)
class _Cases:
    """Prices (cases, groups) and pairs (cases, groups, reps). sure: the pairs of groups with one rep left."""

    whole: Whole
    prices: Ints
    pairs: Bools

    @cached_property
    def lone(self) -> Bools:
        return self.pairs.sum(axis=2) == 1

    @cached_property
    def sure(self) -> Bools:
        return self.pairs & self.lone[:, :, None]

    @cached_property
    def room(self) -> Ints:
        """(cases, reps): what the sure pairs leave."""
        return self.whole.room - (self.sure * self.whole.loads).sum(axis=1)

    @property
    def hopeless(self) -> Bools:
        """(cases,): a group without a rep, or a rep with too much."""
        return np.logical_or((self.room < 0).any(axis=1), (self.pairs.sum(axis=2) == 0).any(axis=1))

    @property
    def fixed(self) -> Ints:
        """(cases,): the sure pairs' costs and the other groups' prices."""
        costs = (self.sure * self.whole.cost).sum(axis=(1, 2))
        return np.where(self.lone, 0, self.prices).sum(axis=1) + costs

    def knapsacks(self) -> Iterator[Knapsacks]:
        """Of each rep."""
        room, possible = np.maximum(self.room, 0), self.pairs & ~self.sure
        for rep, cost in enumerate(self.whole.cost.T):
            loads = self.whole.loads[:, rep]
            yield Knapsacks(self.prices - cost, possible[:, :, rep], loads, room[:, rep], self.whole.number)


def relaxed_at(whole: Whole, prices: Ints, pairs: Bools) -> Relaxed:
    """The relaxation at some prices, (cases, groups), for the plans of some pairs, (cases, groups, reps)."""
    cases = _Cases(whole, prices, pairs)
    bound, taken = cases.fixed, cases.sure.copy()
    for rep, one in enumerate(cases.knapsacks()):
        bound = bound - one.best
        taken[:, :, rep] |= one.taken()
    return Relaxed(np.where(cases.hopeless, NEVER, bound), taken)


def least_with_each(whole: Whole, prices: Ints, pairs: Bools) -> tuple[Ints, Ints]:
    """The bound, (cases,), and what a plan costs at least in which a rep has a group, (cases, groups, reps).

    The rep takes the group, all others leave it; NEVER where it is not among the pairs.
    """
    cases = _Cases(whole, prices, pairs)
    bound = cases.fixed
    dearer, left = np.zeros(pairs.shape, np.int64), np.zeros(pairs.shape, np.int64)
    for rep, one in enumerate(cases.knapsacks()):
        must, without = one.forced()
        bound = bound - one.best
        dearer[:, :, rep], left[:, :, rep] = one.best[:, None] - must, one.best[:, None] - without
    bound = np.where(cases.hopeless, NEVER, bound)
    left = np.where(pairs, left, 0)
    least = bound[:, None, None] + dearer + left.sum(axis=2, keepdims=True) - left
    least = np.where(cases.sure, bound[:, None, None], least)
    return bound, np.where(pairs, least, NEVER)


@dataclass(frozen=True)
class Ascent:
    """The best bounds found, (cases,), and the prices of each, (cases, groups); an owner (groups,) of each
    group when the relaxation happened to be a plan within the goal."""

    bound: Ints
    prices: Ints
    owner: Ints | None = None


@dataclass
class _Walk:
    """The prices on their way, and how each case is getting on."""

    prices: Ints
    best: Ascent
    length: Floats
    fails: Ints
    way: Floats

    def note(self, live: Ints, bound: Ints) -> None:
        """Keep the better bounds of the live nodes; a step that did not help for long becomes shorter."""
        better = bound > self.best.bound[live]
        self.best.bound[live[better]] = bound[better]
        self.best.prices[live[better]] = self.prices[live[better]]
        self.fails[live] = np.where(better, 0, self.fails[live] + 1)
        tired = live[self.fails[live] >= PATIENCE]
        self.length[tired] *= SHRINK
        self.fails[tired] = 0

    def step(self, live: Ints, missing: Ints, short: Floats, highest: int) -> None:
        """Move the prices of the live nodes against what is missing, along a deflected subgradient."""
        self.way[live] = way = missing + DEFLECTION * self.way[live]
        length = self.length[live] * short / np.maximum((way * way).sum(axis=1), 1.0)
        moved = np.round(self.prices[live] + length[:, None] * way).astype(np.int64)
        self.prices[live] = np.clip(moved, 0, highest)


def ascended(
    whole: Whole,
    start: Ints,
    pairs: Bools,
    goal: int,
    steps: int,
    *,
    target: int,
    stop: Callable[[], bool],
) -> Ascent:
    """Better prices than start, (cases, groups), by steps towards the target; cases above the goal rest.

    Deflected subgradients with Polyak's length of step: P. M. Camerini, L. Fratta and F. Maffioli, On
    improving relaxation methods by modified gradient techniques, Mathematical Programming Study 3 (1975),
    26–34. goal: what a plan may cost to be of interest.
    """
    cases, highest = len(pairs), PRICE_UP_TO * int(max(whole.cost.max(), whole.scale))
    best = Ascent(np.full(cases, -NEVER, np.int64), start.copy())
    zeros = np.zeros(start.shape)
    walk = _Walk(start.copy(), best, np.full(cases, 0.6), np.zeros(cases, np.int64), zeros)
    live = np.arange(cases)
    for _ in range(steps):
        if not len(live) or stop():
            break
        found = relaxed_at(whole, walk.prices[live], pairs[live])
        missing = 1 - found.taken.sum(axis=2)
        plans = np.flatnonzero(~missing.any(axis=1) & (found.bound <= goal))
        if len(plans):
            return replace(best, owner=found.taken[plans[0]].argmax(axis=1))
        walk.note(live, found.bound)
        short = np.maximum(target - found.bound, LEAST_STEP * whole.step)
        walk.step(live, missing, short, highest)
        live = live[found.bound <= goal]
    return best
