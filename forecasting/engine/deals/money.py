"""Expected revenue by month ahead, with its variance and a simulated interval.

A deal brings its worth a in one month at most, with chance p in that month: the mean of a month is Σ a p,
its variance Σ a² p (1 − p) (independent deals). The interval draws every deal's fate anew, many times.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.engine.deals.book import Floats

CELLS = 4_000_000  # deals × draws held at a time


@dataclass(frozen=True)
class Revenue:
    """Mean and variance by month, (months,), the quantiles by level, (months,), and those of the total."""

    mean: Floats
    variance: Floats
    lower: dict[int, Floats]
    upper: dict[int, Floats]
    total: float
    total_lower: dict[int, float]
    total_upper: dict[int, float]


def revenue(worth: Floats, chance: Floats, levels: tuple[int, ...], draws: int, seed: int) -> Revenue:
    """`worth` (n,) if won; `chance` (n, months) to be won in each month. The same seed, the same draws."""
    sums = _simulated(worth, chance, draws, seed)
    total = sums.sum(axis=1)
    low = {level: (100 - level) / 200 for level in levels}
    return Revenue(
        worth @ chance,
        (worth**2) @ (chance * (1 - chance)),
        {level: np.quantile(sums, q, axis=0) for level, q in low.items()},
        {level: np.quantile(sums, 1 - q, axis=0) for level, q in low.items()},
        float((worth @ chance).sum()),
        {level: float(np.quantile(total, q)) for level, q in low.items()},
        {level: float(np.quantile(total, 1 - q)) for level, q in low.items()},
    )


def _simulated(worth: Floats, chance: Floats, draws: int, seed: int) -> Floats:
    """What the deals bring by month in each draw, (draws, months)."""
    random = np.random.default_rng(seed)
    months = chance.shape[1]
    bounds = np.cumsum(chance, axis=1)
    sums = np.zeros((draws, months))
    step = max(1, CELLS // max(len(worth), 1))
    for first in range(0, draws, step):
        luck = random.random((min(step, draws - first), len(worth)))
        before = np.zeros(len(worth))
        for month in range(months):
            hit = (luck >= before) & (luck < bounds[:, month])
            sums[first : first + step, month] = hit @ worth
            before = bounds[:, month]
    return sums
