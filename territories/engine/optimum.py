"""The cheapest plan of a grid: relaxation, a kernel of promising pairs, neighbourhoods, then a proof.

1. The linear relaxation gives a bound, and for every pair how much dearer a plan with it is (reduced cost).
2. The whole-number programme over the pairs of least reduced cost gives a plan (kernel search: E. Angelelli,
   R. Mansini and M. G. Speranza, Kernel search, Computers and Operations Research 37 (2010), 2017–2026).
3. Shifts and swaps. When a capacity is the only limit, the search of exact.py goes on until proven.
4. A few neighbouring reps at a time are solved anew with all else fixed.
5. Up to PROVE_UP_TO groups: pairs whose reduced cost is above the distance from bound to plan cannot be in a
   cheaper plan and go (reduced-cost fixing); the programme over the others proves or betters the plan.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from territories.engine.exact import Proof
from territories.engine.grid import Grid
from territories.engine.lagrangian import whole_numbers
from territories.engine.plan import Ending, Progress, Settings, relative_gap
from territories.engine.problem import Bools, Floats, Ints
from territories.engine.search import improved
from territories.engine.solver import Answer, Model, model_of, relaxed, whole

PROVE_UP_TO = 1_000
KERNEL_GAP, KERNEL_TIME = 0.03, 0.4
REPS_AT_ONCE, ROUNDS, PART_GAP, PART_NODES = 5, 3, 5e-4, 60
PROOF_TIME = 0.3  # the part of the time limit that is kept for the proof
PROOF_STEPS, PROOF_SHARE = (0.125, 0.25, 0.5, 1.0), 0.25  # of the widest reduced cost, and of the time left
PLANLESS = 0.4  # the part of the time limit that is left when there is no plan yet: then it is given up
EXACT_KEEPS, DIVE_KEEPS = 0.2, 0.05  # the parts of the time limit that an exact search and a dive leave over
NEAR = 1e-6  # of the objective: closer is equal


class Impossible(Exception):
    """No plan keeps the limits; `proven`, or none was found, in the time or before the search was stopped."""

    def __init__(self, *, proven: bool, stopped: bool = False) -> None:
        super().__init__("No plan keeps the limits." if proven else "No plan was found in the time.")
        self.proven, self.stopped = proven, stopped


@dataclass
class Climb:
    """The best plan so far, owner (groups,), and the best bound. clock: seconds, from anywhere on."""

    grid: Grid
    settings: Settings
    clock: Callable[[], float]
    progress: Progress | None = None
    owner: Ints | None = None
    objective: float = np.inf
    bound: float = -np.inf
    begun: float = field(init=False)
    cut_short: bool = False
    stopped: bool = False

    def __post_init__(self) -> None:
        self.begun = self.clock()
        self.chance = np.random.default_rng(self.settings.seed)

    def left(self, kept: float = 0.0) -> float:
        """Seconds left, when a part of the time limit is kept; none once the search has been stopped."""
        if self.stopped:
            return 0.0
        return self.settings.time_limit * (1 - kept) - (self.clock() - self.begun)

    def tell(self) -> None:
        """Say how far the search is; whoever listens may stop it."""
        if self.progress and self.progress(self.objective, self.bound, self.clock() - self.begun):
            self.stopped = self.cut_short = True

    def offer(self, owner: Ints) -> bool:
        """Take the plan if it is cheaper and keeps the limits."""
        cost = self.grid.cost_of(owner) if self.grid.keeps(owner) else np.inf
        if better := cost < self.objective - NEAR * max(1.0, abs(cost)) * (self.owner is not None):
            self.owner, self.objective = owner, cost
            self.tell()
        return better

    def raise_bound(self, bound: float) -> None:
        """Take a higher lower bound; with whole costs it is rounded up to the next cost there can be."""
        whole_numbers = self.grid.whole_costs and np.isfinite(bound)
        self.bound = max(self.bound, np.ceil(bound - NEAR * max(1.0, abs(bound))) if whole_numbers else bound)
        self.tell()

    @property
    def known(self) -> Ints:
        """The best plan. Raises Impossible when there is none yet."""
        if self.owner is None:
            raise Impossible(proven=False, stopped=self.stopped)
        return self.owner

    @property
    def gap(self) -> float:
        """How far the best plan may be from the cheapest, as a share of its cost."""
        return relative_gap(self.objective, self.bound)

    @property
    def near_enough(self) -> bool:
        """Whether there is a plan within the gap asked for."""
        return self.owner is not None and self.gap <= max(self.settings.gap, NEAR)

    @property
    def ending(self) -> Ending:
        """Why it stopped, from what it reached."""
        if self.gap <= NEAR:
            return Ending.OPTIMAL
        if self.gap <= self.settings.gap:
            return Ending.GAP
        return Ending.TIME if self.cut_short else Ending.SEARCHED


def climb(
    grid: Grid,
    settings: Settings,
    clock: Callable[[], float],
    start: Ints | None = None,
    progress: Progress | None = None,
) -> Climb:
    """The best plan found, from one that is known on if there is. Raises Impossible when there is none."""
    state = Climb(grid, settings, clock, progress)
    if start is not None:
        state.offer(start)
    model = model_of(grid)
    lp = relaxed(model, state.left())
    if lp.bound == np.inf:
        raise Impossible(proven=True)
    state.raise_bound(lp.bound)
    reduced = np.zeros(len(model.group)) if lp.reduced is None else lp.reduced
    state.cut_short = lp.reduced is None
    _kernel(state, model, reduced)
    state.offer(improved(grid, state.known, settings.seed))
    exact = _exactly(state, lp)
    proves = grid.shape[0] <= PROVE_UP_TO and not exact
    _neighbourhoods(state, PROOF_TIME if proves else 0.0)
    if proves and not state.near_enough:
        _prove(state, model, reduced, lp.bound)
    return state


def _kernel(state: Climb, model: Model, reduced: Floats) -> None:
    """A plan from the pairs of least reduced cost, of more and more of them until there is one.

    Without one there must be time left for finding out what stands in the way.
    """
    order = np.argsort(reduced, kind="stable")
    size = 2 * model.groups
    while state.owner is None and state.left(PLANLESS) > 0:
        chosen = np.zeros(len(reduced), dtype=bool)
        chosen[order[:size]] = True
        time = state.settings.time_limit * (KERNEL_TIME if size < len(reduced) else 1.0)
        found = whole(model.only(chosen), time_limit=min(time, state.left(PLANLESS)), gap=KERNEL_GAP)
        state.cut_short |= not found.finished
        state.tell()
        if found.x is not None:
            state.offer(model.only(chosen).owners(found.x))
        if size >= len(reduced):
            if found.finished and found.x is None:
                raise Impossible(proven=True)
            return
        size *= 2


def _exactly(state: Climb, lp: Answer) -> bool:
    """The exact search, if the grid suits it."""
    whole = whole_numbers(state.grid)
    if whole is None or lp.prices is None or state.near_enough:
        return False

    def heard(proof: Proof, kept: float = EXACT_KEEPS) -> bool:
        """Take over what the search found; whether to stop: it is near enough, or the time is up."""
        if proof.owner is not None:
            state.offer(proof.owner)
        if whole.in_money(proof.lower) > state.bound:
            state.raise_bound(min(whole.in_money(proof.lower), state.objective))
        return state.near_enough or state.left(kept) <= 0

    proof = Proof(whole, heard)
    proof.offer(state.owner)
    proof.run(whole.prices(lp.prices), whole.in_parts(lp.bound))
    heard(proof)
    state.cut_short |= proof.stopped and not state.near_enough
    if not state.near_enough and state.left(DIVE_KEEPS) > 0:
        proof.dive(proof.lower, partial(heard, kept=DIVE_KEEPS))
        heard(proof)
    return True


def _neighbourhoods(state: Climb, kept: float) -> None:
    """Rounds over the reps: each with its neighbours solved anew, until a round changes nothing."""
    for _ in range(0 if state.near_enough else ROUNDS):
        changes = 0
        for reps in _neighbours(state):
            if state.near_enough:
                return
            if state.left(kept) <= 0:
                state.cut_short = True
                return
            changes += _anew(state, reps, state.left(kept))
            state.tell()
        if not changes:
            return


def _neighbours(state: Climb) -> Iterator[Ints]:
    """For each rep in a random order: the rep and those that could take its groups most cheaply."""
    count = state.grid.shape[1]
    for rep in state.chance.permutation(count):
        groups = np.flatnonzero(state.known == rep)
        costs = np.where(state.grid.allowed[groups], state.grid.cost[groups], np.nan)
        dearer = np.array([np.nanmean(one) if np.isfinite(one).any() else np.inf for one in costs.T])
        dearer[rep] = -np.inf
        near = np.argsort(dearer, kind="stable")[: REPS_AT_ONCE + 2]
        yield np.sort(np.concatenate([near[:1], state.chance.permutation(near[1:])[: REPS_AT_ONCE - 1]]))


def _anew(state: Climb, reps: Ints, time: float) -> bool:
    """Solve the groups of some reps among them; take the plan when it is cheaper."""
    groups = np.flatnonzero(np.isin(state.known, reps))
    if not len(groups):
        return False
    model = model_of(state.grid.part(groups, reps))
    found = whole(model, time_limit=time, gap=PART_GAP, nodes=PART_NODES)
    if found.x is None:
        return False
    owner = state.known.copy()
    owner[groups] = reps[model.owners(found.x)]
    return state.offer(owner)


def _prove(state: Climb, model: Model, reduced: Floats, least: float) -> None:
    """The programme over the pairs that a cheaper plan could have, first over the likeliest of them.

    A plan with a pair of reduced cost above `reach` costs more than least + reach (least: the relaxation's):
    the programme over the others gives a bound for all plans, up to there.
    """
    step = 1.0 if state.grid.whole_costs else 0.0
    for part in PROOF_STEPS:
        if state.near_enough:
            return
        if state.left() <= 0:
            state.cut_short = True
            return
        widest = state.objective - step - least
        reach = widest * part + NEAR * max(1.0, abs(least)) if np.isfinite(widest) else np.inf
        last = part == PROOF_STEPS[-1]
        finished = _within(state, model, reduced <= reach, state.left() * (1.0 if last else PROOF_SHARE))
        if finished is not None:
            beyond = least + reach if np.isfinite(reach) and not last else np.inf
            state.raise_bound(min(finished, beyond, state.objective))


def _within(state: Climb, model: Model, possible: Bools, time: float) -> float | None:
    """Solve over some pairs and keep what is cheaper: a bound for plans of these pairs, None without one."""
    if not np.bincount(model.group[possible], minlength=model.groups).all():
        return np.inf  # some group has no pair among them
    part = model.only(possible)
    found = whole(part, time_limit=time, gap=max(state.settings.gap, NEAR / 10))
    state.cut_short |= not found.finished
    if found.x is not None:
        state.offer(part.owners(found.x))
    return found.bound if np.isfinite(found.bound) or found.finished else None
