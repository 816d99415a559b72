"""Where a period will end: closed + open deals by their chance + what is expected to be new.

Open deals are won or lost independently, deal i with chance p_i for the whole amount a_i: the expected
sum is Σ a_i p_i, its variance Σ a_i² p_i (1 − p_i). What is new is drawn from what came and closed in the
rest of past periods. The interval is simulated, because a few large deals are nothing like a normal curve;
the deviation by the closed form stands beside it as a check.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 2_000
ONE_BY_ONE = 300  # the largest deals are drawn one by one, all smaller ones as one normal sum
LEVEL = 0.8  # of the interval


@dataclass(frozen=True)
class Outlook:
    """What is known at a moment within a period, in one currency. `amounts` and `chances` (0–1) are of the
    open deals that are to close in it; `news` is what was newly created and won within the rest of past
    periods, counted from the same point, one number for each of them."""

    closed: float
    amounts: Sequence[float] = ()
    chances: Sequence[float] = ()
    news: Sequence[float] = ()

    def __post_init__(self) -> None:
        if len(self.amounts) != len(self.chances):
            raise ValueError("Give a chance for each open deal.")
        if any(not 0 <= chance <= 1 for chance in self.chances):
            raise ValueError("A chance lies between 0 and 1.")


@dataclass(frozen=True)
class Forecast:
    """The end of a period: its parts, which add up to `expected`, and an interval that holds at least LEVEL
    of the simulated ends. `low` never lies below what is closed where nothing open or new is negative."""

    closed: float
    weighted: float
    new: float
    low: float
    high: float
    deviation: float

    @property
    def expected(self) -> float:
        """The three parts together."""
        return self.closed + self.weighted + self.new


def variance_of_open(amounts: Sequence[float], chances: Sequence[float]) -> float:
    """Σ a² p (1 − p): of independent deals that are won whole or not at all."""
    return math.fsum(a * a * p * (1 - p) for a, p in zip(amounts, chances, strict=True))


def forecast(outlook: Outlook, *, seed: int, draws: int = DRAWS) -> Forecast:
    """The expected end and its interval, from `draws` simulated ends. The same seed gives the same answer."""
    weighted = math.fsum(a * p for a, p in zip(outlook.amounts, outlook.chances, strict=True))
    new = math.fsum(outlook.news) / len(outlook.news) if outlook.news else 0.0
    ends = simulated(outlook, seed=seed, draws=draws)
    edge = (1 - LEVEL) / 2
    low, high = (float(value) for value in np.quantile(ends, [edge, 1 - edge]))
    expected = outlook.closed + weighted + new
    variance = variance_of_open(outlook.amounts, outlook.chances) + _spread(outlook.news)
    return Forecast(
        outlook.closed, weighted, new, min(low, expected), max(high, expected), math.sqrt(max(variance, 0.0))
    )


def simulated(outlook: Outlook, *, seed: int, draws: int = DRAWS) -> np.ndarray:
    """Simulated ends of the period, shape (draws,). Bounded by ONE_BY_ONE × draws whatever comes in."""
    rng = np.random.default_rng(seed)
    amounts, chances = np.asarray(outlook.amounts, float), np.asarray(outlook.chances, float)
    order = np.argsort(-np.abs(amounts) * np.sqrt(chances * (1 - chances)), kind="stable")
    large, rest = order[:ONE_BY_ONE], order[ONE_BY_ONE:]
    ends = np.full(draws, outlook.closed)
    if large.size:
        ends += (rng.random((draws, large.size)) < chances[large]) @ amounts[large]
    if rest.size:
        ends += _small_ones(rng, amounts[rest], chances[rest], draws)
    if outlook.news:
        ends += rng.choice(np.asarray(outlook.news, float), size=draws)
    return ends


def _small_ones(rng: np.random.Generator, a: np.ndarray, p: np.ndarray, draws: int) -> np.ndarray:
    """Many small deals as a normal sum, kept between the least and the most that they can come to."""
    sums = rng.normal(a @ p, math.sqrt(float((a * a) @ (p * (1 - p)))), draws)
    return np.clip(sums, np.minimum(a, 0).sum(), np.maximum(a, 0).sum())


def _spread(news: Sequence[float]) -> float:
    """Variance of a draw from what came in past periods."""
    return float(np.var(np.asarray(news, float))) if news else 0.0
