"""Generalised assignment to the proof: published instances, classes of the literature, the exact search."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territories.engine.exact import Proof
from territories.engine.grid import grid_of
from territories.engine.knapsack import Knapsacks
from territories.engine.lagrangian import NEVER, Whole, least_with_each, whole_numbers
from territories.engine.plan import Ending
from territories.engine.problem import Ints, Problem
from territories.engine.solver import model_of, relaxed
from tests.territories.hard import BEST, hard_problem, of_class, published
from tests.territories.problems import enumerated, keeps, planned, random_problem

SEEDS = st.integers(0, 10_000)


def test_a_published_instance_of_the_hardest_class_reaches_its_published_optimum() -> None:
    problem = published("d05100")
    plan = planned(problem, time_limit=60)

    assert keeps(problem, plan.owner)
    assert (plan.objective, plan.bound, plan.ending) == (BEST["d05100"], BEST["d05100"], Ending.OPTIMAL)


@pytest.mark.parametrize("kind", "ABCDE")
def test_every_class_of_the_literature_is_proven(kind: str) -> None:
    problem = of_class(kind, 60, 5, seed=1)
    plan = planned(problem, time_limit=60)

    assert keeps(problem, plan.owner)
    assert (plan.bound, plan.ending) == (plan.objective, Ending.OPTIMAL)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, jobs=st.integers(2, 7), kind=st.sampled_from("CDE"))
def test_the_exact_search_finds_what_enumeration_finds(seed: int, jobs: int, kind: str) -> None:
    problem = of_class(kind, jobs, 3, seed)
    proof = searched(problem)
    best = enumerated(problem)

    assert np.isinf(best) or proof.lower == proof.upper
    assert (proof.owner is None) == np.isinf(best)
    if proof.owner is not None:
        assert whole(problem).in_money(proof.upper) == best
        assert keeps(problem, proof.owner)


def whole(problem: Problem) -> Whole:
    found = whole_numbers(grid_of(problem))
    assert found
    return found


def searched(problem: Problem, heard: Callable[[Proof], bool] = lambda _: False) -> Proof:
    """The exact search from the prices of the linear relaxation, without a plan to begin with."""
    numbers, lp = whole(problem), relaxed(model_of(grid_of(problem)), 10.0)
    proof = Proof(numbers, heard)
    if lp.prices is not None:
        proof.run(numbers.prices(lp.prices), numbers.in_parts(lp.bound))
    return proof


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS)
def test_no_plan_with_a_pair_costs_less_than_its_bound_at_any_prices(seed: int) -> None:
    problem, chance = of_class("D", 5, 3, seed), np.random.default_rng(seed)
    numbers = whole(problem)
    prices = chance.integers(0, 150, (1, 5)) * numbers.scale
    bound, least = least_with_each(numbers, prices, numbers.allowed[None])

    for group, rep in np.ndindex(5, 3):
        eligible = problem.eligible.copy()
        eligible[group] = np.arange(3) == rep
        cost = enumerated(replace(problem, eligible=eligible))
        parts = NEVER if np.isinf(cost) else numbers.in_parts(cost)
        assert bound[0] <= parts
        assert least[0, group, rep] <= parts


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, items=st.integers(1, 8), room=st.integers(0, 40))
def test_knapsacks_find_what_enumeration_finds(seed: int, items: int, room: int) -> None:
    chance = np.random.default_rng(seed)
    profits, loads = chance.integers(-5, 30, (1, items)), chance.integers(0, 20, items)
    one = Knapsacks(profits, np.ones((1, items), bool), loads, np.array([room]), np.int32)
    choices = np.array(list(np.ndindex(*(2,) * items)))
    choices = choices[choices @ loads <= room]
    values = choices @ profits[0]
    must, without = one.forced()

    assert one.best[0] == values.max()
    assert profits[0] @ one.taken()[0] == values.max()
    assert loads @ one.taken()[0] <= room
    for item in range(items):
        assert without[0, item] == values[choices[:, item] == 0].max()
        with_it = values[choices[:, item] == 1]
        assert must[0, item] == with_it.max() if len(with_it) else must[0, item] < -1_000_000


def test_an_exact_search_that_is_stopped_still_has_a_bound() -> None:
    problem = published("d05100")
    proof = searched(problem, lambda one: one.nodes > 0)
    bound = whole(problem).in_money(proof.lower)

    assert proof.stopped
    assert 6345.4 < bound < BEST["d05100"]  # the linear relaxation is the first


def test_a_dive_after_the_search_was_stopped_finds_the_best_plan_near_the_bound() -> None:
    problem = of_class("D", 30, 3, seed=6)
    proof = searched(problem, lambda one: one.nodes > 0)
    assert proof.stopped
    proof.dive(proof.lower, lambda _: False)

    assert proof.owner is not None
    assert keeps(problem, proof.owner)
    assert whole(problem).in_money(proof.upper) == planned(problem).objective


def test_costs_below_nought_are_proven_too() -> None:
    problem = of_class("C", 40, 4, seed=2)
    most = planned(replace(problem, cost=-problem.cost))

    assert most.ending == Ending.OPTIMAL
    assert most.objective == most.bound < 0


@pytest.mark.parametrize(
    "problem",
    [
        random_problem(8, 3, tolerance=0.2),
        random_problem(8, 3, most_accounts=np.full(3, 4.0)),
        hard_problem(np.ones((4, 2)), np.full((4, 2), np.pi), np.full(2, 9.0)),
        hard_problem(np.ones((4, 2)), np.full((4, 2), 1e5), np.full(2, 1e6)),
    ],
    ids=["balanced", "costs with fractions", "loads with fractions", "too much room"],
)
def test_what_the_exact_search_does_not_suit_is_left_to_the_other_one(problem: Problem) -> None:
    assert whole_numbers(grid_of(problem)) is None


@pytest.mark.parametrize("unit", [1.0, 0.5, 0.25])
def test_loads_of_halves_and_quarters_are_counted_in_whole_ones(unit: float) -> None:
    problem = of_class("D", 20, 3, seed=4)
    assert problem.capacity
    scaled = hard_problem(problem.cost, problem.capacity.loads * unit, problem.capacity.most * unit)

    assert planned(scaled).objective == planned(problem).objective
    assert _room(scaled).tolist() == _room(problem).tolist()


def _room(problem: Problem) -> Ints:
    return whole(problem).room
