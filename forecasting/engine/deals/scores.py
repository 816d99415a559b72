"""How good chances were: Brier score, log loss, calibration, money.

Brier 1950, Mon. Wea. Rev. 78, 1–3: mean (p − y)². Expected calibration error over ten equal bins of p:
Σ n_b / n |mean p_b − share won_b| (Naeini et al. 2015, AAAI, 2901–2907).
"""

from dataclasses import dataclass

import numpy as np

from forecasting.engine.deals.book import Floats

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Deals whose chance lay between `low` and `high`: how many, their mean chance, the share won."""

    low: float
    high: float
    deals: int
    told: float
    won: float


@dataclass(frozen=True)
class Scores:
    """The figures of one method. Money in the deals' currency; `money_bias` of what was realised: above 0
    too much was expected. `calibration` is the expected calibration error."""

    deals: int
    brier: float
    log_loss: float
    calibration: float
    expected: float
    realised: float
    money_bias: float | None
    curve: tuple[Bin, ...]


def scores(told: Floats, won: Floats, worth: Floats, brought: Floats) -> Scores:
    """Of n deals with chances `told`, outcomes `won` (0 or 1), `worth` if won and what they `brought`."""
    kept = np.clip(told, 1e-6, 1 - 1e-6)
    loss = -np.mean(won * np.log(kept) + (1 - won) * np.log(1 - kept))
    curve = _curve(told, won)
    error = sum(one.deals * abs(one.told - one.won) for one in curve) / len(told)
    expected, realised = float(np.sum(told * worth)), float(np.sum(brought))
    return Scores(
        len(told),
        float(np.mean((told - won) ** 2)),
        float(loss),
        float(error),
        expected,
        realised,
        expected / realised - 1 if realised > 0 else None,
        curve,
    )


def _curve(told: Floats, won: Floats) -> tuple[Bin, ...]:
    place = np.minimum((told * BINS).astype(int), BINS - 1)
    found = []
    for number in range(BINS):
        inside = place == number
        if inside.any():
            shares = float(told[inside].mean()), float(won[inside].mean())
            found.append(Bin(number / BINS, (number + 1) / BINS, int(inside.sum()), *shares))
    return tuple(found)
