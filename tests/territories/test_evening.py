"""When time is too short for the least relaxation: an upper bound, said to be one, of a plan made even."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territories.engine import relaxation
from territories.engine.evening import evened
from territories.engine.grid import grid_of
from territories.engine.relaxation import NO_TIME, NOT_THE_LEAST, moved_limits, smallest_relaxation
from territories.engine.solver import Answer
from tests.territories.problems import random_problem


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The solver ends before it has any plan."""
    monkeypatch.setattr(relaxation, "whole", lambda *_, **__: Answer(None, -np.inf, False))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), tolerance=st.sampled_from([0.0, 0.01, 0.3]))
def test_evening_never_makes_it_worse_and_gives_nobody_what_is_not_allowed(
    seed: int, tolerance: float
) -> None:
    chance = np.random.default_rng(seed)
    eligible = chance.random((25, 4)) < 0.6
    eligible[np.arange(25), chance.integers(0, 4, 25)] = True
    grid = grid_of(random_problem(25, 4, seed, tolerance=tolerance, eligible=eligible))
    begun = grid.allowed.argmax(axis=1)

    found = evened(grid, begun)

    assert grid.allowed[np.arange(25), found].all()
    squares = [_squares(grid, owner) for owner in (found, begun)]
    assert squares[0] <= squares[1] + 1e-9
    assert (evened(grid, begun) == found).all()


def _squares(grid: relaxation.Grid, owner: np.ndarray) -> float:
    needs = [relaxation.limit_needs(grid, place, owner) for place in range(len(grid.limits))]
    return float(sum((one**2).sum() for one in needs))


@pytest.mark.usefixtures("no_time")
def test_without_time_what_is_said_to_help_helps_and_is_small_and_no_promise_of_the_least() -> None:
    problem = random_problem(120, 6, 3, tolerance=1e-5)
    grid = grid_of(problem)
    cheapest = grid.cost.argmin(axis=1)

    found = smallest_relaxation(problem, grid, 1.0)

    assert found.problem is not None and found.owner is not None
    assert (found.sentences[0], found.least) == (NOT_THE_LEAST, False)
    assert grid_of(found.problem).keeps(found.owner)
    assert moved_limits(grid, found.owner) < 0.02 < 0.5 < moved_limits(grid, cheapest)


@pytest.mark.usefixtures("no_time")
def test_what_no_limit_can_mend_is_not_said_to_help() -> None:
    problem = random_problem(
        6, 2, tolerance=0.01, locked=np.ones(6, dtype=bool), current=np.zeros(6, dtype=int)
    )
    idle = relaxation.replace(problem, reps=relaxation.replace(problem.reps, share=np.array([0.0, 1.0])))

    assert smallest_relaxation(idle, grid_of(idle), 1.0).sentences == (NO_TIME,)
