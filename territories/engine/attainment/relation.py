"""Whether attainment goes with the potential of the territory: then the map decides, not the rep."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

# From here on half of what can be said of attainment is said of the map: r² = 0.25, a “large” correlation
# (Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd ed. 1988, p. 80).
LIMIT = 0.5
FEW = 12
ALPHA = 0.05


@dataclass(frozen=True)
class Relation:
    """The correlation of attainment with potential over `count` reps; `surely` is the size from which on
    Pearson's r is not chance at the 5 % level (two-sided t test with count − 2 degrees of freedom); `limit`
    the size from which on the map decides."""

    count: int
    pearson: float | None
    spearman: float | None
    surely: float | None
    limit: float = LIMIT

    @property
    def is_small(self) -> bool:
        """Too few reps to tell much."""
        return self.count < FEW

    @property
    def strength(self) -> float:
        """The larger of the two in size; 0 where neither can be told."""
        return max((abs(r) for r in (self.pearson, self.spearman) if r is not None), default=0.0)

    @property
    def map_decides(self) -> bool:
        """At or above the limit: what a rep attains depends on the territory more than it should."""
        return self.strength >= self.limit

    @property
    def may_be_chance(self) -> bool:
        """So few reps, or so weak a correlation, that it could be chance."""
        return self.surely is None or self.strength < self.surely


def relation(potential: Sequence[float], attained: Sequence[float], limit: float = LIMIT) -> Relation:
    """Pearson's r and Spearman's rank correlation of pairs; None where either side does not vary or fewer
    than three pairs are there."""
    if len(potential) != len(attained):
        raise ValueError("Give as many potentials as attainments.")
    count = len(potential)
    x, y = np.asarray(potential, float), np.asarray(attained, float)
    if count < 3 or _constant(x) or _constant(y):
        return Relation(count, None, None, None, limit)
    return Relation(
        count,
        _bounded(_pearson(x, y)),
        _bounded(_pearson(_ranks(x), _ranks(y))),
        _surely(count),
        limit,
    )


def _constant(values: np.ndarray) -> bool:
    return bool(np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())))


def _pearson(x: np.ndarray, y: np.ndarray) -> float:
    x, y = (x - x.mean()) / np.ptp(x), (y - y.mean()) / np.ptp(y)
    return float((x @ y) / math.sqrt(float(x @ x) * float(y @ y)))


def _ranks(values: np.ndarray) -> np.ndarray:
    """From 1 on; equal values share the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def _bounded(r: float) -> float:
    return min(max(r, -1.0), 1.0)


def _surely(count: int) -> float:
    t = float(stdtrit(count - 2, 1 - ALPHA / 2))
    return t / math.sqrt(count - 2 + t * t)
