"""All levels of a run made to add up: demand units, and families with markets above them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from forecasting.engine.conformal import Calibration, own_size
from forecasting.engine.hierarchy import Tree, reconcile
from forecasting.engine.levels import Levels, summed
from forecasting.engine.panel import Bools, Floats, Ints

BOUNDS = (80, 95)


@dataclass(frozen=True)
class LeafForecasts:
    """Demand units as they were forecast, each by itself.

    base: (horizon, leaves). told: what planners' words about launches, ends and successors added to what
    the history says, (horizon, leaves). fixed: whether a person chose how the unit is forecast, (leaves,).
    half: level in percent → how far the interval reaches above, (horizon, leaves). size: of the errors one
    step ahead, (leaves,). price: money for one unit, (leaves,). actual, predicted: of the back-tests, (cuts,
    horizon, leaves), NaN where there was none.
    """

    base: Floats
    told: Floats
    fixed: Bools
    half: Mapping[int, Floats]
    size: Floats
    price: Floats
    actual: Floats
    predicted: Floats


@dataclass(frozen=True)
class GroupForecasts:
    """The groups of nodes that have a forecast of their own: base (horizon, groups), size (groups,)."""

    base: Floats
    size: Floats


@dataclass(frozen=True)
class Fan:
    """Means and intervals, level in percent → (horizon, n). 0 ≤ lower ≤ mean ≤ upper, wider by level."""

    mean: Floats
    lower: dict[int, Floats]
    upper: dict[int, Floats]

    @classmethod
    def around(cls, mean: Floats, half: Mapping[int, Floats]) -> "Fan":
        """The same reach to both sides, cut off at 0."""
        lower = {level: np.maximum(mean - reach, 0.0) for level, reach in half.items()}
        return cls(mean, lower, {level: mean + reach for level, reach in half.items()})


@dataclass(frozen=True)
class Coherent:
    """What adds up. leaves and nodes: as `Fan`. summed: the nodes without a forecast of their own, in
    order; size, actual and predicted are theirs, as `LeafForecasts` has them."""

    leaves: Fan
    nodes: Fan
    summed: Ints
    size: Floats
    actual: Floats
    predicted: Floats


def make_coherent(
    levels: Levels, leaves: LeafForecasts, groups: GroupForecasts, calibration: Calibration
) -> Coherent:
    """Reconcile every group with its leaves, and sum the rest.

    Variances are the squared sizes of errors one step ahead: they grow with the distance for all alike.
    A group cannot know from its history what planners said about its leaves: it is told. Leaves that a
    person decided stay as they are, and so does a month that was forecast as nothing.
    Intervals keep their reach and move with the mean. A node without a forecast of its own takes its
    reach from how far the sums of its leaves missed in back-tests, or from its only leaf.
    """
    tree = Tree(sparse.csr_matrix(levels.sums[levels.one_of_each(levels.fitted)]))
    variances = np.concatenate([groups.size, np.where(leaves.fixed, 0.0, leaves.size)]) ** 2
    informed = groups.base.T + tree.total(leaves.told.T)
    adjusted = reconcile(tree, informed, leaves.base.T, variances)[1].T
    adjusted = np.where(leaves.base > 0, adjusted, 0.0)
    weights = weights_of(levels, leaves.price)
    plain = np.flatnonzero(levels.group >= levels.fitted)
    actual, predicted = _tests_of(weights[plain], leaves)
    size = _sizes_of(weights[plain], leaves, actual, predicted, calibration)
    sizes = np.empty(len(levels.keys))
    own = levels.group < levels.fitted
    sizes[own], sizes[~own] = groups.size[levels.group[own]], size
    half = {level: calibration.reach[level][:, None] * sizes for level in BOUNDS}
    only = np.flatnonzero(levels.counts == 1)
    for level in BOUNDS:
        half[level][:, only] = np.asarray((weights[only] @ leaves.half[level].T).T)
    mean = np.asarray((weights @ adjusted.T).T)
    return Coherent(Fan.around(adjusted, leaves.half), Fan.around(mean, half), plain, size, actual, predicted)


def weights_of(levels: Levels, price: Floats) -> sparse.csr_matrix:
    """What one unit of each leaf counts in each node: 1 in quantities, its price in revenue."""
    in_money = np.array([key[2] is None for key in levels.keys], dtype=bool)
    counts_once = sparse.diags((~in_money).astype(float)) @ levels.sums
    return sparse.csr_matrix(counts_once + sparse.diags(in_money.astype(float)) @ levels.sums.multiply(price))


def _tests_of(weights: sparse.csr_matrix, leaves: LeafForecasts) -> tuple[Floats, Floats]:
    """Back-tests of sums: (cuts, horizon, nodes) of the leaves that were tested there."""
    both = np.isfinite(leaves.actual) & np.isfinite(leaves.predicted)
    actual = summed(weights, np.where(both, leaves.actual, np.nan))
    return actual, summed(weights, np.where(both, leaves.predicted, np.nan))


def _sizes_of(
    weights: sparse.csr_matrix,
    leaves: LeafForecasts,
    actual: Floats,
    predicted: Floats,
    calibration: Calibration,
) -> Floats:
    """The size of errors one step ahead, (nodes,); where nothing was tested, as if all leaves erred alike."""
    tested = own_size(np.abs(predicted - actual), calibration.growth)
    return np.where(np.isfinite(tested), tested, np.asarray(weights @ leaves.size))
