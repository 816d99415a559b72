"""Parts add up to their whole exactly, whatever the weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from planning.engine.disaggregation import STEPS, spread

SIZES = some.lists(some.floats(0, 1e9), min_size=1, max_size=60)


@given(some.floats(0, 1e9), SIZES)
def test_the_parts_add_up_to_the_total_exactly(total: float, weights: list[float]) -> None:
    parts = spread(total, np.array(weights))

    assert sum(round(part * STEPS) for part in parts) == round(total * STEPS)


@given(some.floats(0, 1e6), SIZES)
def test_no_part_is_off_its_share_by_more_than_a_step(total: float, weights: list[float]) -> None:
    sizes = np.array(weights)
    shares = sizes / sizes.sum() if sizes.sum() > 0 else np.full(sizes.size, 1 / sizes.size)

    assert np.abs(spread(total, sizes) - shares * total).max() <= 2 / STEPS


def test_no_weight_at_all_spreads_evenly() -> None:
    assert spread(10.0, np.zeros(4)).tolist() == [2.5] * 4


def test_less_is_spread_like_more() -> None:
    assert spread(-10.0, np.array([1.0, 3.0])).tolist() == [-2.5, -7.5]


@pytest.mark.parametrize("weights", [[], [-1.0], [float("nan")]])
def test_impossible_weights_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match=r"spread|Weights"):
        spread(1.0, np.array(weights))
