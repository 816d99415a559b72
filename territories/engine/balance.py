"""How evenly something is spread over the reps."""

from dataclasses import dataclass

import numpy as np

from territories.engine.problem import Floats


@dataclass(frozen=True)
class Balance:
    """Of totals per rep against each rep's part. index (reps,): 100 when a rep has just its part.

    max_deviation: of the rep furthest off, 0.05 for 5 %. cv: coefficient of variation, the standard deviation
    of index / 100 (population). gini: 0 for even, near 1 when one rep has everything (C. Gini 1912, by mean
    absolute difference), of the totals per unit of share.
    """

    index: Floats
    max_deviation: float
    cv: float
    gini: float


def balance_of(totals: Floats, targets: Floats) -> Balance:
    """totals and targets: (reps,). Reps without a part are left out, unless they have something."""
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(targets > 0, totals / targets, np.where(totals > 0, np.inf, 1.0))
    counted = part[targets > 0]
    if not len(counted):
        return Balance(100 * part, 0.0, 0.0, 0.0)
    deviation = float(np.abs(part - 1).max())
    mean = counted.mean()
    cv = float(counted.std() / mean) if mean else 0.0
    return Balance(100 * part, deviation, cv, _gini(counted))


def _gini(values: Floats) -> float:
    """Σ (2i − n − 1) x_i / (n Σ x), x in ascending order, i from 1."""
    ordered, count = np.sort(values), len(values)
    total = ordered.sum()
    weights = 2 * np.arange(1, count + 1) - count - 1
    return float((weights * ordered).sum() / (count * total)) if total else 0.0
