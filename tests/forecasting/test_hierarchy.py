"""Forecasts that add up: nodes of two trees, reconciled without losing sense, whatever the numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.engine.coherence import BOUNDS, GroupForecasts, LeafForecasts, make_coherent, weights_of
from forecasting.engine.conformal import Calibration
from forecasting.engine.hierarchy import Tree, reconcile
from forecasting.engine.levels import Leaves, Levels, levels_of, summed

FAMILIES = {1: None, 2: 1, 3: 1}  # 2 and 3 below 1
MARKETS = {7: None, 8: 7, 9: 7}
HORIZON = 4
CALIBRATION = Calibration(np.ones(HORIZON), {80: np.full(HORIZON, 1.28), 95: np.full(HORIZON, 2.0)}, 0)


def _levels(units: list[int], most: int = 100) -> Levels:
    """Four leaves: families 2, 2, 3, 3 in markets 8, 9, 8, 9."""
    leaves = Leaves(np.array([2, 2, 3, 3]), np.array([8, 9, 8, 9]), np.array(units))
    return levels_of(leaves, FAMILIES, MARKETS, most)


def _leaves(base: np.ndarray, **changed: object) -> LeafForecasts:
    n = base.shape[1]
    values = {
        "base": base,
        "told": np.zeros_like(base),
        "fixed": np.zeros(n, dtype=bool),
        "half": {80: np.ones_like(base), 95: np.full_like(base, 2.0)},
        "size": np.ones(n),
        "price": np.arange(1.0, n + 1),
        "actual": np.full((2, HORIZON, n), np.nan),
        "predicted": np.full((2, HORIZON, n), np.nan),
    }
    return LeafForecasts(**(values | changed))  # type: ignore[arg-type]


def _groups(levels: Levels, value: float) -> GroupForecasts:
    return GroupForecasts(np.full((HORIZON, levels.fitted), value), np.ones(levels.fitted))


def test_every_family_meets_every_market_in_every_measure() -> None:
    levels = _levels([5, 5, 5, 5])

    keys = set(levels.keys)
    assert keys == {(f, m, u) for f in (None, 1, 2, 3) for m in (None, 7, 8, 9) for u in (None, 5)}
    counts = dict(zip(levels.keys, levels.counts.tolist(), strict=True))
    assert (counts[None, None, 5], counts[1, 7, None], counts[2, None, 5], counts[2, 8, 5]) == (4, 4, 2, 1)


def test_nodes_of_the_same_leaves_are_forecast_once_and_single_leaves_not_again() -> None:
    levels = _levels([5, 5, 5, 5])
    group = dict(zip(levels.keys, levels.group.tolist(), strict=True))

    assert group[None, None, 5] == group[1, None, 5] == group[1, 7, 5] == 0  # the largest comes first
    assert group[2, 8, 5] >= levels.fitted  # its one leaf has its own forecast
    assert group[None, None, None] >= levels.fitted  # revenue follows from quantities
    assert levels.fitted == 5  # all, two families, two markets


def test_a_unit_of_measure_is_never_summed_with_another() -> None:
    levels = _levels([5, 5, 6, 6])
    sums = {key: set(levels.sums[place].indices.tolist()) for place, key in enumerate(levels.keys)}

    assert sums[None, None, 5] == {0, 1}
    assert sums[None, None, 6] == {2, 3}
    assert sums[None, None, None] == {0, 1, 2, 3}
    assert (2, None, 6) not in sums


def test_only_the_largest_have_a_forecast_of_their_own_where_there_are_too_many() -> None:
    levels = _levels([5, 5, 5, 5], most=1)

    assert levels.fitted == 1
    assert {levels.keys[node] for node in levels.members(0, 0)} >= {(None, None, 5), (1, 7, 5)}


def test_without_leaves_there_are_no_nodes() -> None:
    nothing = np.empty(0, dtype=np.int64)

    levels = levels_of(Leaves(nothing, nothing, nothing), FAMILIES, MARKETS, 5)

    assert (levels.keys, levels.fitted, levels.sums.shape) == ((), 0, (0, 0))


positive = st.floats(0, 1e6, allow_nan=False)


@given(
    st.lists(positive, min_size=4, max_size=4),
    st.lists(positive, min_size=3, max_size=3),
    st.lists(st.floats(1e-6, 1e9), min_size=7, max_size=7),
)
def test_what_is_reconciled_adds_up_and_is_never_negative(
    bottoms: list[float], tops: list[float], variances: list[float]
) -> None:
    tree = Tree.of([np.array([0, 0, 0, 0]), np.array([0, 0, 1, 1])])

    above, below = reconcile(tree, np.array([tops]).T, np.array([bottoms]).T, np.array(variances))

    assert (below >= 0).all()
    np.testing.assert_allclose(above, tree.total(below), rtol=1e-9, atol=1e-9)


@given(st.lists(positive, min_size=4, max_size=4), st.lists(st.floats(1e-3, 1e6), min_size=7, max_size=7))
def test_what_adds_up_already_stays(bottoms: list[float], variances: list[float]) -> None:
    tree = Tree.of([np.array([0, 0, 0, 0]), np.array([0, 0, 1, 1])])
    below = np.array([bottoms]).T

    _, adjusted = reconcile(tree, tree.total(below), below, np.array(variances))

    np.testing.assert_allclose(adjusted, below, rtol=1e-6, atol=1e-6)


def test_the_change_is_shared_by_variance_as_in_the_formula() -> None:
    """Two bottoms of 10, an aggregate that says 26: ỹ = y − W Cᵀ (C W Cᵀ)⁻¹ C y by hand.

    C y = 26 − 20 = 6 and C W Cᵀ = 1 + 1 + 4 = 6, so the bottoms rise by their variances, 1 and 4."""
    tree = Tree.of([np.array([0, 0])])

    above, below = reconcile(tree, np.array([[26.0]]), np.array([[10.0], [10.0]]), np.array([1.0, 1.0, 4.0]))

    np.testing.assert_allclose(below[:, 0], [11.0, 14.0])
    np.testing.assert_allclose(above[:, 0], [25.0])


def test_an_aggregate_that_never_erred_does_not_break_the_system() -> None:
    tree = Tree.of([np.array([0, 0]), np.array([0, 0])])

    _, below = reconcile(tree, np.full((2, 1), 30.0), np.full((2, 1), 10.0), np.array([0.0, 0.0, 1.0, 1.0]))

    np.testing.assert_allclose(below.sum(), 30.0, rtol=1e-5)


def test_revenue_and_quantities_are_sums_of_the_same_leaves() -> None:
    levels, base = _levels([5, 5, 6, 6]), np.full((HORIZON, 4), 10.0)

    leaves = _leaves(base)
    found = make_coherent(levels, leaves, _groups(levels, 26.0), CALIBRATION)

    expected = np.asarray((weights_of(levels, leaves.price) @ found.leaves.mean.T).T)
    np.testing.assert_allclose(found.nodes.mean, expected, rtol=1e-9)
    assert found.leaves.mean.min() > 10  # the groups expected more than their leaves
    for level in BOUNDS:
        for fan in (found.leaves, found.nodes):
            assert (fan.lower[level] >= 0).all()
            assert (fan.lower[level] <= fan.mean).all()
            assert (fan.upper[level] >= fan.mean).all()
    assert (found.nodes.upper[95] >= found.nodes.upper[80]).all()


def test_the_only_leaf_of_a_node_gives_it_its_interval() -> None:
    levels = _levels([5, 5, 5, 5])
    found = make_coherent(levels, _leaves(np.full((HORIZON, 4), 10.0)), _groups(levels, 20.0), CALIBRATION)

    quantity, money = (levels.keys.index((3, 9, unit)) for unit in (5, None))
    np.testing.assert_allclose(found.nodes.upper[80][:, quantity], found.leaves.upper[80][:, 3])
    np.testing.assert_allclose(found.nodes.upper[80][:, money], 4 * found.leaves.upper[80][:, 3])


def test_a_leaf_that_a_person_decided_stays_and_one_forecast_as_nothing_too() -> None:
    levels, base = _levels([5, 5, 5, 5]), np.full((HORIZON, 4), 10.0)
    base[2:, 1] = 0.0  # discontinued after two months

    leaves = _leaves(base, fixed=np.array([True, False, False, False]))
    found = make_coherent(levels, leaves, _groups(levels, 30.0), CALIBRATION)

    np.testing.assert_array_equal(found.leaves.mean[:, 0], base[:, 0])
    np.testing.assert_array_equal(found.leaves.mean[2:, 1], [0.0, 0.0])
    assert (found.leaves.mean[:, 2] > 10).all()


def test_a_launch_is_added_to_what_the_history_of_its_family_says() -> None:
    """Families know 20 for each two leaves; the fourth leaf is new and told, so nobody shrinks."""
    leaves = Leaves(np.array([2, 2, 2]), np.array([8, 8, 8]), np.array([5, 5, 5]))
    levels = levels_of(leaves, FAMILIES, MARKETS, 100)
    base, told = np.full((HORIZON, 3), 10.0), np.zeros((HORIZON, 3))
    told[:, 2] = 10.0

    known = _leaves(base, told=told, fixed=np.array([False, False, True]))
    found = make_coherent(levels, known, _groups(levels, 20.0), CALIBRATION)

    np.testing.assert_allclose(found.leaves.mean, base)


def test_sums_know_what_any_of_their_leaves_knows() -> None:
    levels = _levels([5, 5, 5, 5])
    place = levels.keys.index((2, None, 5))

    total = summed(levels.sums, np.array([[1.0, np.nan, 5.0, 5.0], [np.nan, np.nan, 5.0, 5.0]]))

    assert total[0, place] == 1.0
    assert np.isnan(total[1, place])


@pytest.mark.parametrize("groups", [1, 3])
def test_one_node_stands_for_each_group(groups: int) -> None:
    levels = _levels([5, 5, 5, 5])

    nodes = levels.one_of_each(groups)

    assert levels.group[nodes].tolist() == list(range(groups))
