"""Demand against supply, budget and the last plan: what is supplied, and what contradicts what."""

import numpy as np
from numpy.typing import NDArray

from planning.engine.disaggregation import spread

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NOISE = 1e-3  # units; what a solver leaves behind


def supplied(consensus: Floats, group: Ints, delivered: Floats) -> Floats:
    """What each demand unit is given of what its product delivers, (cells,) in units.

    `group` (cells,) is the place of the cell's product and month in `delivered` (groups,), which is
    NaN for a product that no supply plan covers: its demand counts as supplied. A product that
    delivers what is asked supplies every cell in full; otherwise what it delivers is spread over its
    cells in proportion to the consensus, and adds up exactly (engine.disaggregation).
    """
    result = consensus.copy()
    asked = np.bincount(group, weights=consensus, minlength=delivered.size)
    differs = np.abs(delivered - asked) > NOISE  # False for NaN
    for place, cells in _cells_of(group, differs):
        result[cells] = spread(max(float(delivered[place]), 0.0), consensus[cells])
    return result


def _cells_of(group: Ints, wanted: NDArray[np.bool_]) -> list[tuple[int, Ints]]:
    cells = np.flatnonzero(wanted[group])
    if cells.size == 0:
        return []
    cells = cells[np.argsort(group[cells], kind="stable")]
    cuts = np.flatnonzero(np.diff(group[cells])) + 1
    return [(int(group[part[0]]), part) for part in np.split(cells, cuts)]
