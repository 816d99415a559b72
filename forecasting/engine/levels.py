"""The levels above the demand unit: every family with every market, and what each sums.

A node is a family (or all) with a market (or all) and one measure: quantities in one unit of measure, or
revenue over all of them. Nodes that sum the very same demand units are forecast once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from forecasting.engine.panel import Floats, Ints

Key = tuple[int | None, int | None, int | None]  # family, market, unit; None: all, all, revenue
Parents = Mapping[int, int | None]


@dataclass(frozen=True)
class Leaves:
    """The demand units: `families`, `markets` and `units` of measure, each (leaves,) of ids."""

    families: Ints
    markets: Ints
    units: Ints

    def __len__(self) -> int:
        return len(self.families)


@dataclass(frozen=True)
class Levels:
    """Nodes in their order, (nodes,). sums: (nodes, leaves) of zeros and ones. group: which nodes sum the
    same leaves in the same measure, numbered from the one with the most leaves. fitted: how many groups,
    counted from 0, have a forecast of their own."""

    keys: tuple[Key, ...]
    sums: sparse.csr_matrix
    group: Ints
    fitted: int

    @property
    def counts(self) -> Ints:
        """How many leaves each node sums."""
        return np.diff(self.sums.indptr).astype(np.int64)

    def members(self, first: int, last: int) -> Ints:
        """The nodes of some groups, from the first to the last of them."""
        return np.flatnonzero((self.group >= first) & (self.group <= last))

    def one_of_each(self, groups: int) -> Ints:
        """One node of each of the first groups: those of a group are equal."""
        order = np.argsort(self.group, kind="stable")
        numbers, places = np.unique(self.group[order], return_index=True)
        return order[places[numbers < groups]].astype(np.int64)


def levels_of(leaves: Leaves, families: Parents, markets: Parents, most_fitted: int) -> Levels:
    """Every node with at least one leaf, ordered by measure, family and market.

    families, markets: id → id of the row above, None at the top. Quantities of nodes with at least two
    leaves have a forecast of their own, the largest `most_fitted` of them; revenue follows from quantities.
    """
    cells, cell_of = _cells(leaves)
    pairs = [
        (key, place)
        for place, (family, market, unit) in enumerate(cells)
        for key in _keys_above(family, market, unit, families, markets)
    ]
    keys = sorted({key for key, _ in pairs}, key=_order)
    number = {key: place for place, key in enumerate(keys)}
    rows = [number[key] for key, _ in pairs]
    columns = [place for _, place in pairs]
    of_cells = _ones(rows, columns, (len(keys), len(cells)))
    of_leaves = _ones(cell_of, np.arange(len(leaves)), (len(cells), len(leaves)))
    sums = sparse.csr_matrix(of_cells @ of_leaves)
    group, fitted = _groups(keys, of_cells, np.diff(sums.indptr), most_fitted)
    return Levels(tuple(keys), sums, group, fitted)


def _cells(leaves: Leaves) -> tuple[list[tuple[int, int, int]], Ints]:
    """The different combinations of the leaves, and which of them each leaf belongs to."""
    places = np.stack([leaves.families, leaves.markets, leaves.units], axis=1)
    if not len(leaves):
        return [], np.empty(0, dtype=np.int64)
    cells, cell_of = np.unique(places, axis=0, return_inverse=True)
    return [tuple(row) for row in cells.tolist()], cell_of.reshape(-1).astype(np.int64)


def _keys_above(family: int, market: int, unit: int, families: Parents, markets: Parents) -> list[Key]:
    return [
        (above, where, measure)
        for above in _path(family, families)
        for where in _path(market, markets)
        for measure in (unit, None)
    ]


def _path(key: int, parents: Parents) -> list[int | None]:
    """The row, those above it, and all."""
    path: list[int | None] = [key]
    while (above := parents.get(path[-1] or 0)) is not None:
        path.append(above)
    return [*path, None]


def _order(key: Key) -> tuple[int, int, int]:
    """Revenue first, all before each."""
    family, market, unit = (-1 if part is None else part for part in key)
    return unit, family, market


def _ones(
    rows: Sequence[int] | Ints, columns: Sequence[int] | Ints, shape: tuple[int, int]
) -> sparse.csr_matrix:
    found = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    found.sort_indices()
    return found


def _groups(keys: list[Key], of_cells: sparse.csr_matrix, counts: Ints, most: int) -> tuple[Ints, int]:
    """The group of each node: those that can be fitted first, the largest before the smaller."""
    content = [
        (key[2] is None, of_cells.indices[of_cells.indptr[place] : of_cells.indptr[place + 1]].tobytes())
        for place, key in enumerate(keys)
    ]
    first_place: dict[tuple[bool, bytes], int] = {}
    for place, own in enumerate(content):
        first_place.setdefault(own, place)
    ranked = sorted(
        first_place.values(),
        key=lambda place: (not _can_be_fitted(keys, counts, place), -counts[place], place),
    )
    number = {content[place]: rank for rank, place in enumerate(ranked)}
    fitted = sum(_can_be_fitted(keys, counts, place) for place in ranked)
    return np.array([number[own] for own in content], dtype=np.int64), min(fitted, most)


def _can_be_fitted(keys: list[Key], counts: Ints, place: int) -> bool:
    """Quantities of several leaves: a single one has its own forecast already."""
    return keys[place][2] is not None and bool(counts[place] > 1)


def summed(sums: sparse.csr_matrix, leaves: Floats) -> Floats:
    """Leaves (…, leaves) → nodes (…, nodes); NaN where every leaf of a node is NaN, otherwise a leaf that
    is not known counts as nothing."""
    known = np.isfinite(leaves)
    flat = np.where(known, leaves, 0.0).reshape(-1, leaves.shape[-1])
    total = np.asarray((sums @ flat.T).T)
    seen = np.asarray((sums @ known.reshape(flat.shape).astype(float).T).T)
    return np.where(seen > 0, total, np.nan).reshape(*leaves.shape[:-1], sums.shape[0])
