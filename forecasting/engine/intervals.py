"""How sure a forecast is, from its own back-tests."""

import numpy as np
from scipy.stats import t as student

from forecasting.engine.backtest import Backtest
from forecasting.engine.panel import Floats

FEW_ERRORS = 6
GROWTH = 0.4
DEGREES = 5


def spread(test: Backtest, y: Floats, horizon: int) -> Floats:
    """The standard error per period ahead, shape (horizon,), growing with the distance.

    The back-tests' errors, each divided by distance^GROWTH so that all of them speak about one
    size; the size is the root of their mean square. Without enough back-tests the steps of the
    history stand in for them, growing like a random walk's.
    """
    errors = test.predicted - test.actual
    ahead = np.arange(1, horizon + 1)
    if np.isfinite(errors).sum() < FEW_ERRORS:
        steps = np.diff(y[np.isfinite(y)])
        size = float(np.sqrt(np.mean(steps**2))) if steps.size else float(np.nansum(np.abs(y)))
        return np.asarray(size * np.sqrt(ahead), dtype=np.float64)
    growth = ahead**GROWTH
    size = float(np.sqrt(np.nanmean((errors / growth) ** 2)))
    return np.asarray(size * growth, dtype=np.float64)


def bounds(mean: Floats, errors: Floats, level: int) -> tuple[Floats, Floats]:
    """Lower and upper bound of the central `level` % interval, clipped at 0.

    Student's t with few degrees of freedom: the errors of one back-test are of a kind, so that
    three cuts know little more than three errors do.
    """
    reach = float(student.ppf(0.5 + level / 200, DEGREES)) * errors
    return np.maximum(mean - reach, 0.0), mean + reach
