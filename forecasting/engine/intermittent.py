"""Series with many zeros: a mean over a year, and Teunter, Syntetos and Babai's method."""

import numpy as np

from forecasting.engine.panel import Floats
from forecasting.engine.plain import recent_mean


def teunter_syntetos_babai(y: Floats, horizon: int, alpha: float = 0.1, beta: float = 0.1) -> Floats:
    """Chance of a sale × its size, both smoothed; the chance decays in every period without one.

    Teunter, Syntetos and Babai, EJOR 214 (2011), 606–615, equations 1–2. Shape (horizon,).
    """
    sold = y > 0
    size = float(y[sold].mean())
    chance = float(sold.mean())
    for value in y:
        chance += beta * (float(value > 0) - chance)
        if value > 0:
            size += alpha * (float(value) - size)
    return np.full(horizon, chance * size)


def intermittent(y: Floats, horizon: int, season_length: int) -> Floats:
    """The mean of the last year and TSB, averaged: neither wins on every series, together they
    err least in the square (docs/forecasting.md)."""
    return (recent_mean(y, horizon, season_length) + teunter_syntetos_babai(y, horizon)) / 2
