"""How attainment is spread over people. The median leads: a few who sell twice their quota lift the mean
over 100 % while half of the team fails (180, 160, 140, 55, 45 and 40 % have a mean of 103.33 %)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

BORDERS = (0.0, 0.5, 0.8, 1.0, 1.2, float("inf"))
LABELS = ("Below 50 %", "50 to 80 %", "80 to 100 %", "100 to 120 %", "Above 120 %")
# Share of people at or above their quota that is called healthy: 55–65 % (Cortado Group), 60–70 % (OSCOM).
HEALTHY = (0.5, 0.7)


@dataclass(frozen=True)
class Band:
    """How many attained from `low` up to but not including `high` (the last band above 120 % starts after
    1.2 exactly, so that 120 % itself lies below it)."""

    label: str
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Distribution:
    """The spread of attainment (1 is 100 %) over `count` people."""

    count: int
    median: float
    mean: float
    at_quota: float
    bands: tuple[Band, ...]

    @property
    def mean_misleads(self) -> bool:
        """The mean says that the quota is met and the median that it is not, or the other way round."""
        return (self.mean >= 1) != (self.median >= 1)


def distribution(attained: Sequence[float]) -> Distribution | None:
    """The spread of some attainments; None for nobody."""
    if not attained:
        return None
    met = sum(value >= 1 for value in attained)
    return Distribution(
        len(attained), median(attained), fmean(attained), met / len(attained), _bands(attained)
    )


def band_of(value: float) -> int:
    """The place of an attainment among the bands."""
    borders = BORDERS[1:-2]
    if value > BORDERS[-2]:
        return len(LABELS) - 1
    return sum(value >= border for border in borders)


def _bands(attained: Sequence[float]) -> tuple[Band, ...]:
    counts = [0] * len(LABELS)
    for value in attained:
        counts[band_of(value)] += 1
    edges = pairwise(BORDERS)
    return tuple(
        Band(label, low, high, count) for label, (low, high), count in zip(LABELS, edges, counts, strict=True)
    )
