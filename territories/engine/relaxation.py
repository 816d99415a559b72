"""When no plan keeps the limits: the smallest change of the limits that allows one, in words.

Each balance may be widened (one tolerance for all its reps), each rep's capacity and number of accounts
raised; the sum of the relative changes is made least. This is the elastic programme of G. G. Brown and
R. F. Dell, Formulating integer linear programs, INFORMS Transactions on Education 7 (2007), 153–159.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from territories.engine.evening import evened
from territories.engine.grid import Grid, Limit, grid_of
from territories.engine.problem import Capacity, Floats, Ints, Problem
from territories.engine.solver import Model, model_of, whole

ROUNDING = 1e-4  # of a tolerance or a limit: relaxed limits are rounded up to it
ELASTIC_GAP = 0.01
EVENING_TIME = 0.15  # of the time: kept for evening a plan, when the time was too short for the least
NO_TIME = "No plan was found in the time, nor what stands in its way: give it more time."
NOT_THE_LEAST = (
    "No plan that keeps every limit was found. This would help (the best found in the time; less may do):"
)
NO_LIMIT_HELPS = "No limit helps: locks or eligibility give something to a rep whose share is 0."


@dataclass(frozen=True)
class Relaxation:
    """sentences: what stands in the way and what would help. problem: with the limits that help; None when
    no limit does. owner (groups,): a plan that keeps them. least: nothing smaller helps (otherwise it is the
    best found in the time)."""

    sentences: tuple[str, ...]
    problem: Problem | None = None
    owner: Ints | None = None
    least: bool = True


def without_a_rep(problem: Problem, grid: Grid) -> tuple[str, ...]:
    """A sentence for each group that no rep may have."""
    sentences = []
    for group in np.flatnonzero(~grid.allowed.any(axis=1)):
        members = np.flatnonzero(grid.group_of == group)
        names = [problem.accounts.ids[place] for place in members]
        if len(members) == 1:
            sentences.append(f"No rep is eligible for {names[0]}: allow one.")
            continue
        why = _family_trouble(problem, members)
        sentences.append(f"The family {problem.accounts.family[members[0]]} ({', '.join(names[:5])}) {why}")
    return tuple(sentences)


def _family_trouble(problem: Problem, members: Ints) -> str:
    owners = problem.accounts.current[members[problem.accounts.locked[members]]]
    if len(set(owners)) > 1:
        return "is locked to more than one rep: unlock all but one of its owners' accounts, or split it."
    return "has no rep that is eligible for all of it: allow one, unlock its accounts, or split it."


def smallest_relaxation(problem: Problem, grid: Grid, time_limit: float) -> Relaxation:
    """What to change so that there is a plan."""
    if alone := without_a_rep(problem, grid):
        return Relaxation(alone)
    model = _elastic(grid)
    found = whole(model, time_limit=time_limit * (1 - EVENING_TIME), gap=ELASTIC_GAP)
    if found.finished:
        if found.x is None:
            return Relaxation((NO_LIMIT_HELPS,), least=False)
        return _by(problem, grid, model.owners(found.x), least=True)
    return _upper_bound(problem, grid, None if found.x is None else model.owners(found.x))


def _by(problem: Problem, grid: Grid, owner: Ints, *, least: bool) -> Relaxation:
    """The limits moved just so far that a plan keeps them."""
    needed = [limit_needs(grid, place, owner) for place in range(len(grid.limits))]
    return replace(_in_words(problem, grid, needed, least=least), owner=owner)


def _upper_bound(problem: Problem, grid: Grid, found: Ints | None) -> Relaxation:
    """What helps, when the time was too short for the least: the plan found, or the cheapest where there is
    none, and better that plan evened."""
    begun = np.where(grid.allowed, grid.cost, np.inf).argmin(axis=1) if found is None else found
    best = min((begun, evened(grid, begun)), key=lambda owner: moved_limits(grid, owner))
    relaxation = _by(problem, grid, best, least=False)
    helps = relaxation.problem is not None and grid_of(relaxation.problem).keeps(best)
    return relaxation if helps else Relaxation((NO_TIME,), least=False)


def moved_limits(grid: Grid, owner: Ints) -> float:
    """The sum of the relative changes that limits need for a plan: one for a balance, one for each rep."""
    total = 0.0
    for place, limit in enumerate(grid.limits):
        needs = limit_needs(grid, place, owner)
        total += float(needs.max() if limit.measure else needs.sum())
    return total


def _elastic(grid: Grid) -> Model:
    """The model with a continuous column for every tolerance and every rep's limit, at a cost of 1 each."""
    model = model_of(grid)
    keys = [(row.limit, -1 if grid.limits[row.limit].measure else row.rep) for row in model.rows]
    columns = sorted(set(keys))
    number = {key: place for place, key in enumerate(columns)}
    scales = np.array([grid.limits[row.limit].scale[row.rep] for row in model.rows])
    cells = (-scales, (np.arange(len(keys)), [number[key] for key in keys]))
    slack = sparse.csr_array(cells, shape=(len(keys), len(columns)))
    most = sparse.csr_array(sparse.hstack([model.most, slack]))
    cost = np.concatenate([np.zeros(len(model.group)), np.ones(len(columns))])
    return replace(model, cost=cost, most=most, extra=len(columns))


def limit_needs(grid: Grid, place: int, owner: Ints) -> Floats:
    """(reps,): by how much of its scale a plan breaks a limit; 0 where it keeps it."""
    limit = grid.limits[place]
    totals = grid.totals(limit, owner)
    over = np.maximum(totals - limit.upper, limit.lower - totals)
    broken = np.where(over > limit.slack(), over, 0.0)
    return np.where(limit.scale > 0, broken / np.where(limit.scale > 0, limit.scale, 1.0), broken)


def _in_words(problem: Problem, grid: Grid, needed: list[Floats], *, least: bool) -> Relaxation:
    """The sentences, and the problem with the limits moved."""
    sentences = ["No plan keeps every limit. The least that helps:" if least else NOT_THE_LEAST]
    relaxed = problem
    for limit, missing in zip(grid.limits, needed, strict=True):
        if not missing.any():
            continue
        if limit.measure:
            relaxed, sentence = _wider(relaxed, limit.name, float(missing.max()))
            sentences.append(sentence)
        else:
            relaxed, more = _raised(relaxed, limit, missing)
            sentences += more
    return Relaxation(tuple(sentences), relaxed, least=least)


def _wider(problem: Problem, name: str, missing: float) -> tuple[Problem, str]:
    before = next(one.tolerance for one in problem.measures if one.name == name)
    after = float(np.ceil((before + missing) / ROUNDING) * ROUNDING)
    measures = tuple(replace(one, tolerance=after) if one.name == name else one for one in problem.measures)
    sentence = f"widen the balance of {name} from ±{before:.2%} to ±{after:.2%} ({name}:{after:.4f});"
    return replace(problem, measures=measures), sentence


def _raised(problem: Problem, limit: Limit, missing: Floats) -> tuple[Problem, list[str]]:
    """The reps' capacities or numbers of accounts, raised where they are short."""
    counted, before = limit.name == "accounts", limit.upper
    exact = before + missing * limit.scale
    after = np.where(missing > 0, np.ceil(exact - 1e-6) if counted else exact * (1 + 1e-6), before)
    what = "most accounts" if counted else "capacity"
    sentences = [
        f"raise the {what} of {problem.reps.ids[rep]} from {before[rep]:,.10g} to {after[rep]:,.6g};"
        for rep in np.flatnonzero(missing > 0)
    ]
    if counted:
        return replace(problem, reps=replace(problem.reps, most_accounts=after)), sentences
    capacity = problem.capacity and Capacity(problem.capacity.loads, after)
    return replace(problem, capacity=capacity), sentences
