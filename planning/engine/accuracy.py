"""How far a plan was from what happened, added up over any grouping.

WAPE = sum of |actual - forecast| over sum of |actual|; bias = sum of (forecast - actual) over sum of
|actual| (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.8; a positive
bias forecasts too much). Both are shares, None where nothing was sold.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from forecasting.engine.measures import share

Floats = NDArray[np.float64]
Group = TypeVar("Group", bound=Hashable)


@dataclass(frozen=True)
class Accuracy:
    """WAPE and bias as shares, and the units they are shares of."""

    wape: float | None
    bias: float | None
    units: float


def accuracy(actual: Floats, forecast: Floats) -> Accuracy:
    """Over cells of units, (n,) each."""
    return from_errors(np.abs(actual - forecast), forecast - actual, actual)


def from_errors(absolute: Floats, signed: Floats, actual: Floats) -> Accuracy:
    """From errors that are known already, in units, (n,) each."""
    sold = float(np.abs(actual).sum())
    return Accuracy(share(float(absolute.sum()), sold), share(float(signed.sum()), sold), sold)


def by_group(
    groups: Sequence[Group], absolute: Floats, signed: Floats, actual: Floats
) -> dict[Group, Accuracy]:
    """One accuracy for each group; `groups` names the group of each cell."""
    places: dict[Group, list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault(group, []).append(place)
    return {group: from_errors(absolute[rows], signed[rows], actual[rows]) for group, rows in places.items()}
