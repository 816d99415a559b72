"""The optimiser: the cheapest plan, every limit kept or reported, the same plan every time."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from territories.engine.assignment import Infeasible, assign, assign_relaxed
from territories.engine.balance import balance_of
from territories.engine.distances import haversine, straight
from territories.engine.grid import grid_of
from territories.engine.plan import Ending, Settings
from territories.engine.problem import NOBODY, Capacity, Problem
from territories.engine.search import improved
from tests.territories.problems import enumerated, keeps, plain_problem, planned, random_problem, stopped

SOME = settings(max_examples=12, deadline=None)
SEEDS = st.integers(0, 10_000)


@SOME
@given(
    seed=SEEDS,
    accounts=st.integers(2, 7),
    tolerance=st.sampled_from([0.1, 0.3, 0.6]),
    penalty=st.floats(0, 40),
)
def test_small_problems_reach_the_optimum_that_enumeration_finds(
    seed: int, accounts: int, tolerance: float, penalty: float
) -> None:
    chance = np.random.default_rng(seed)
    problem = random_problem(
        accounts,
        3,
        seed,
        tolerance=tolerance,
        move_penalty=penalty,
        family=tuple(chance.choice(["", "", "F"], accounts)),
        locked=chance.random(accounts) < 0.1,
        eligible=chance.random((accounts, 3)) < 0.9,
        most_accounts=np.array([np.inf, 3.0, 3.0]),
    )
    best = enumerated(replace(problem, eligible=_with_locks(problem)))

    if np.isinf(best):
        with pytest.raises(Infeasible):
            planned(problem)
        return
    plan = planned(problem)

    assert plan.objective == pytest.approx(best, rel=1e-5)
    assert plan.bound <= plan.objective + 1e-6
    assert keeps(replace(problem, eligible=_with_locks(problem)), plan.owner)


def _with_locks(problem: Problem) -> np.ndarray:
    """A locked account may stay with its owner whoever is eligible."""
    eligible, locked = problem.eligible.copy(), np.flatnonzero(problem.accounts.locked)
    eligible[locked, problem.accounts.current[locked]] = True
    return eligible


@pytest.mark.parametrize(("jobs", "agents"), [(20, 4), (40, 5)])
def test_plain_assignment_reaches_the_proven_optimum_of_the_whole_programme(jobs: int, agents: int) -> None:
    problem = plain_problem(jobs, agents, seed=jobs)
    plan = planned(problem)

    assert plan.objective == pytest.approx(_whole_programme(problem))
    assert plan.bound == plan.objective
    assert (plan.ending, plan.gap) == (Ending.OPTIMAL, 0.0)


def _whole_programme(problem: Problem) -> float:
    """The optimum of the textbook programme, all pairs at once."""
    assert problem.capacity
    jobs, agents = problem.cost.shape
    each = np.kron(np.eye(jobs), np.ones(agents))
    load = np.hstack([np.diag(one) for one in problem.capacity.loads])
    rules = [LinearConstraint(each, 1, 1), LinearConstraint(load, -np.inf, problem.capacity.most)]
    found = milp(problem.cost.ravel(), integrality=1, bounds=Bounds(0, 1), constraints=rules)
    return float(found.fun)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, tolerance=st.sampled_from([0.0, 0.05, 0.3]))
def test_every_account_has_one_owner_and_the_balance_is_kept_or_reported(seed: int, tolerance: float) -> None:
    problem = random_problem(8, 3, seed, tolerance=tolerance)
    plan = assign_relaxed(problem, Settings(5.0), stopped)

    assert plan.owner.shape == (8,)
    assert set(plan.owner) <= {0, 1, 2}
    assert keeps(plan.problem, plan.owner)
    assert bool(plan.relaxations) != keeps(problem, plan.owner)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_a_tighter_balance_never_costs_less(seed: int) -> None:
    tight, loose = (planned(random_problem(10, 3, seed, tolerance=one)) for one in (0.4, 0.6))

    assert loose.objective <= tight.objective * (1 + 1e-5)


@SOME
@given(seed=SEEDS)
def test_locked_accounts_stay_however_dear(seed: int) -> None:
    current = np.random.default_rng(seed).integers(0, 3, 15)
    locked = np.arange(15) < 3
    problem = random_problem(15, 3, seed, current=current, locked=locked, most_accounts=np.full(3, 6.0))
    plan = planned(problem)

    assert (plan.owner[locked] == current[locked]).all()


def test_a_lock_is_stronger_than_eligibility() -> None:
    locked, eligible = np.array([True, False]), np.array([[False, True], [True, True]])
    current = np.array([0, NOBODY])

    assert planned(random_problem(2, 2, current=current, locked=locked, eligible=eligible)).owner[0] == 0


def test_moves_cost_their_penalty_by_value_and_become_fewer() -> None:
    current = np.random.default_rng(5).integers(0, 4, 60)
    free, dear = (
        planned(random_problem(60, 4, 5, tolerance=0.1, current=current, move_penalty=one), gap=0.002)
        for one in (0.0, 100.0)
    )

    assert len(dear.moved) < len(free.moved)
    assert dear.objective == pytest.approx(dear.cost + 100 * len(dear.moved))


def test_the_same_seed_gives_the_same_plan() -> None:
    problem = random_problem(40, 4, 3, tolerance=0.2, move_penalty=20)
    one, two = (planned(problem, seed=7, gap=0.01) for _ in range(2))

    assert one.ending != Ending.TIME
    assert (one.owner == two.owner).all()
    assert (one.objective, one.bound) == (two.objective, two.bound)


def test_above_a_thousand_accounts_the_gap_is_still_small() -> None:
    problem = random_problem(1_200, 6, 2, tolerance=0.05, move_penalty=20)
    plan = planned(problem, gap=0.01)

    assert keeps(problem, plan.owner)
    assert 0 <= plan.gap <= 0.01


def test_local_search_makes_a_plan_cheaper_and_keeps_its_limits() -> None:
    problem = random_problem(40, 4, most_accounts=np.full(4, 10.0))
    grid, start = grid_of(problem), np.arange(40) % 4
    owner = improved(grid, start, seed=0)

    assert grid.cost_of(owner) < 0.8 * grid.cost_of(start)
    assert grid.keeps(owner)


def test_an_impossible_balance_is_named_with_the_least_that_helps() -> None:
    problem = random_problem(4, 2, tolerance=0.05)
    one, two = problem.measures
    amounts = np.array([6.0, 2.0, 1.0, 1.0])
    problem = replace(problem, measures=(replace(one, amounts=amounts), replace(two, tolerance=9.0)))

    with pytest.raises(Infeasible) as caught:
        planned(problem)

    assert "the balance of a from ±5.00% to ±20.00% (a:0.2000)" in str(caught.value)
    assert "balance of b" not in str(caught.value)


def test_a_capacity_that_is_too_small_is_named_with_its_rep() -> None:
    capacity = Capacity(np.full((4, 2), 10.0), np.array([20.0, 15.0]))

    with pytest.raises(Infeasible) as caught:
        planned(random_problem(4, 2, capacity=capacity))

    assert "raise the capacity of R1 from 15 to 20" in str(caught.value)


def test_too_few_places_for_accounts_are_named_and_relaxed_by_whole_accounts() -> None:
    problem = random_problem(5, 2, most_accounts=np.array([2.0, 2.0]))
    plan = assign_relaxed(problem, Settings(20.0), stopped)

    assert any("raise the most accounts of R" in one and "from 2 to 3" in one for one in plan.relaxations)
    assert sorted(np.bincount(plan.owner)) == [2, 3]


def test_accounts_that_no_rep_may_have_are_named() -> None:
    eligible = np.array([[True, True], [False, False], [True, False], [False, True]])
    locked, current = np.zeros(4, dtype=bool), np.zeros(4, dtype=int)

    with pytest.raises(Infeasible, match="No rep is eligible for A1") as caught:
        planned(
            random_problem(4, 2, eligible=eligible, family=("", "", "F", "F"), locked=locked, current=current)
        )

    assert "The family F (A2, A3) has no rep that is eligible for all of it" in str(caught.value)


def test_a_family_that_is_locked_to_two_reps_is_named() -> None:
    locked, current = np.ones(2, dtype=bool), np.array([0, 1])

    with pytest.raises(Infeasible, match=r"The family F .* is locked to more than one rep"):
        planned(random_problem(2, 2, family=("F", "F"), locked=locked, current=current))


def test_a_problem_names_everything_that_does_not_fit() -> None:
    problem = random_problem(3, 2, tolerance=0.1)

    with pytest.raises(ValueError, match=r"value has the shape \(2,\).*"):
        replace(problem, accounts=replace(problem.accounts, value=np.ones(2)))
    with pytest.raises(ValueError, match=r"A0 is locked but has no owner"):
        replace(
            problem,
            accounts=replace(problem.accounts, locked=np.ones(3, dtype=bool), current=np.array([-1, 0, 0])),
        )
    with pytest.raises(ValueError, match="move_penalty"):
        replace(problem, move_penalty=-1.0)


def test_balance_figures_agree_with_their_definitions() -> None:
    found = balance_of(np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 2.5))

    assert found.index == pytest.approx([40, 80, 120, 160])
    assert found.max_deviation == pytest.approx(0.6)
    assert found.cv == pytest.approx(np.std([1, 2, 3, 4]) / 2.5)
    assert found.gini == pytest.approx(0.25)
    assert balance_of(np.full(3, 7.0), np.full(3, 7.0)).gini == 0


def test_distances_are_those_of_the_globe() -> None:
    london, paris = np.array([[51.5074, -0.1278]]), np.array([[48.8566, 2.3522]])

    assert haversine(london, paris)[0, 0] == pytest.approx(343.6, abs=0.5)
    assert haversine(np.array([[0.0, 0.0]]), np.array([[0.0, 180.0]]))[0, 0] == pytest.approx(20_015, abs=1)
    assert straight(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]]))[0, 0] == 5


def test_progress_hears_objective_and_bound_come_together() -> None:
    heard: list[tuple[float, float, float]] = []

    def listen(objective: float, bound: float, seconds: float) -> bool:
        heard.append((objective, bound, seconds))
        return False

    problem = random_problem(40, 4, 3, tolerance=0.2, move_penalty=20)
    plan = assign(problem, Settings(5.0), stopped, listen)
    objectives, bounds, _ = zip(*heard, strict=True)

    assert list(objectives) == sorted(objectives, reverse=True)
    assert list(bounds) == sorted(bounds)
    assert (objectives[-1], bounds[-1]) == (plan.objective, plan.bound)


def test_progress_stops_the_search_with_the_best_plan_so_far() -> None:
    problem = random_problem(300, 8, 3, tolerance=0.02)
    plan = assign(problem, Settings(60.0), time.perf_counter, lambda objective, *_: objective < np.inf)

    assert keeps(problem, plan.owner)
    assert plan.ending == Ending.TIME
    assert plan.seconds < 20
