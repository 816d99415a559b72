"""What is left of a forecast once the orders in hand are taken off it."""

import numpy as np

from forecasting.engine.panel import Floats


def still_to_come(forecast: Floats, orders: Floats, early: int = 0, late: int = 0) -> Floats:
    """The forecast less the orders that use it up, (periods,), in units; never below 0.

    An order uses up the forecast of its own period first, then of up to `early` periods before it, the
    nearest first, then of up to `late` periods after it. What no period has room for was not forecast.
    Orders are taken in the order of their periods (forecast netting as frePPLe's documentation describes
    it). Raises ValueError when the shapes differ or a window is negative.
    """
    if forecast.shape != orders.shape:
        raise ValueError(f"The forecast has {forecast.shape} periods, the orders {orders.shape}.")
    if early < 0 or late < 0:
        raise ValueError("A window is 0 periods or more.")
    left = np.maximum(forecast, 0.0)
    for period, ordered in enumerate(np.maximum(orders, 0.0)):
        for place in _reached(period, len(left), early, late):
            used = min(ordered, left[place])
            left[place] -= used
            ordered -= used
    return left


def _reached(period: int, periods: int, early: int, late: int) -> list[int]:
    before = range(period - 1, max(period - early, 0) - 1, -1)
    after = range(period + 1, min(period + late, periods - 1) + 1)
    return [period, *before, *after]
