"""The supply programme: published answers, and identities that hold for any plan."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from planning.engine.supply import (
    Infeasible,
    NotSolved,
    Problem,
    Products,
    Resources,
    Solution,
    blocks_of,
    solve,
    solve_by_blocks,
)
from planning.engine.supply.costs import costs_by_kind


def _one(value: float) -> np.ndarray:
    return np.array([value], dtype=float)


RED_TOMATO = Problem(
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    products=Products(
        ids=("tools",),
        make_cost=_one(10),
        buy_cost=_one(30),
        buy_limit=_one(np.inf),
        holding_cost=_one(2),
        backlog_cost=_one(5),
        lost_cost=_one(np.inf),
        short_cost=_one(0),
        opening_stock=_one(1000),
        opening_backlog=_one(0),
        ending_stock=_one(500),
        ending_backlog=_one(0),
    ),
    resources=Resources(
        ids=("team",),
        regular=np.zeros((1, 6)),
        overtime=np.zeros((1, 6)),
        regular_cost=_one(0),
        overtime_cost=_one(6),
        hours_per_worker=_one(160),
        overtime_per_worker=_one(10),
        opening_workers=_one(80),
        worker_cost=_one(640),
        hire_cost=_one(300),
        layoff_cost=_one(500),
    ),
    demand=np.array([[1600.0, 3000, 3200, 3800, 2200, 2200]]),
    target_stock=np.zeros((1, 6)),
    use=np.array([[4.0]]),
)


def test_red_tomato_tools_costs_what_the_book_says() -> None:
    """Chopra & Meindl, Supply Chain Management, "Aggregate planning"."""
    assert solve(RED_TOMATO).cost == pytest.approx(422_275.00, abs=0.005)


def test_red_tomato_tools_with_whole_workers() -> None:
    solution = solve(RED_TOMATO, whole_numbers=True)

    assert solution.cost == pytest.approx(422_660, abs=0.5)
    assert np.allclose(solution.workers, solution.workers.round())


def test_costs_by_kind_add_up_to_the_cost() -> None:
    solution = solve(RED_TOMATO)

    assert sum(solution.costs.values()) == pytest.approx(solution.cost)


def test_a_demand_nothing_can_meet_is_refused_in_words() -> None:
    nothing = replace(RED_TOMATO.products, make_cost=_one(np.inf), buy_cost=_one(np.inf))

    with pytest.raises(Infeasible, match="Allow lost sales or backlog"):
        solve(replace(RED_TOMATO, products=nothing))


def test_every_wrong_shape_and_sign_is_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"demand has shape.*use has a negative"):
        replace(RED_TOMATO, demand=np.zeros((2, 6)), use=np.array([[-1.0]]))


SIZES = some.tuples(some.integers(1, 4), some.integers(1, 3), some.integers(1, 6), some.integers(0, 2**31))


@settings(max_examples=40, deadline=None)
@given(SIZES)
def test_stock_balances_capacity_holds_and_costs_agree(sizes: tuple[int, int, int, int]) -> None:
    problem = _random_problem(*sizes)

    solution = solve(problem)

    _assert_balance(problem, solution)
    assert (solution.load <= solution.capacity + solution.overtime + 1e-6).all()
    assert (solution.overtime <= problem.resources.overtime + 1e-6).all()
    assert sum(solution.costs.values()) == pytest.approx(solution.cost, rel=1e-6, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(SIZES)
def test_plants_solved_by_themselves_give_the_same_plan(sizes: tuple[int, int, int, int]) -> None:
    problem = _random_problem(*sizes)

    solution = solve_by_blocks(problem)

    assert solution.cost == pytest.approx(solve(problem).cost, rel=1e-6)
    assert sum(len(block.items) for block in blocks_of(problem)) == len(problem.products.ids)
    assert sum(solution.costs.values()) == pytest.approx(solution.cost, rel=1e-6, abs=1e-6)
    _assert_balance(problem, solution)


def test_a_solve_by_plants_stops_where_it_is_told_to() -> None:
    def stop(number: int, of: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        solve_by_blocks(RED_TOMATO, before_each=stop)


def test_what_is_left_at_the_end_is_worth_something() -> None:
    worth = replace(RED_TOMATO, products=replace(RED_TOMATO.products, ending_value=_one(1.5)))

    solution = solve(worth)

    assert solution.costs["ending_value"] == pytest.approx(-1.5 * solution.stock[0, -1])
    assert sum(solution.costs.values()) == pytest.approx(solution.cost)


def test_a_thing_worth_more_than_it_costs_has_no_plan() -> None:
    worth = replace(RED_TOMATO, products=replace(RED_TOMATO.products, ending_value=_one(1000)))

    with pytest.raises(NotSolved, match="worth more than it costs"):
        solve(worth)


@settings(max_examples=20, deadline=None)
@given(SIZES)
def test_the_costs_by_kind_add_up(sizes: tuple[int, int, int, int]) -> None:
    problem = _random_problem(*sizes)
    solution = solve(problem)
    assert sum(costs_by_kind(problem, solution).values()) == pytest.approx(solution.cost, rel=1e-6, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(SIZES)
def test_more_capacity_never_costs_more(sizes: tuple[int, int, int, int]) -> None:
    problem = _random_problem(*sizes)
    roomier = replace(problem, resources=replace(problem.resources, regular=problem.resources.regular * 2))

    assert solve(roomier).cost <= solve(problem).cost + 1e-6


def _assert_balance(problem: Problem, plan: Solution) -> None:
    before = np.concatenate([problem.products.opening_stock[:, None], plan.stock[:, :-1]], axis=1)
    owed = np.concatenate([problem.products.opening_backlog[:, None], plan.backlog[:, :-1]], axis=1)
    after = before - owed + plan.make + plan.buy + plan.lost - problem.demand
    assert np.allclose(after, plan.stock - plan.backlog, atol=1e-5)


def _random_problem(items: int, kinds: int, months: int, seed: int) -> Problem:
    chance = np.random.default_rng(seed)
    free = np.zeros(kinds)
    use = np.zeros((kinds, items))
    use[chance.integers(0, kinds, items), np.arange(items)] = chance.uniform(0.5, 2, items)
    return Problem(
        months=tuple(str(month) for month in range(months)),
        products=Products(
            ids=tuple(f"p{n}" for n in range(items)),
            make_cost=chance.uniform(1, 10, items),
            buy_cost=chance.uniform(10, 20, items),
            buy_limit=chance.uniform(0, 50, items),
            holding_cost=chance.uniform(0.1, 1, items),
            backlog_cost=chance.uniform(1, 3, items),
            lost_cost=chance.uniform(30, 60, items),
            short_cost=chance.uniform(0, 0.5, items),
            opening_stock=chance.uniform(0, 100, items),
            opening_backlog=np.zeros(items),
            ending_stock=np.zeros(items),
            ending_backlog=np.full(items, np.inf),
        ),
        resources=Resources(
            ids=tuple(f"r{n}" for n in range(kinds)),
            regular=chance.uniform(20, 200, (kinds, months)),
            overtime=chance.uniform(0, 40, (kinds, months)),
            regular_cost=chance.uniform(0, 2, kinds),
            overtime_cost=chance.uniform(2, 4, kinds),
            hours_per_worker=free,
            overtime_per_worker=free,
            opening_workers=free,
            worker_cost=free,
            hire_cost=free,
            layoff_cost=free,
        ),
        demand=chance.uniform(0, 100, (items, months)),
        target_stock=chance.uniform(0, 30, (items, months)),
        use=use,
    )
