"""How sure a forecast is: from what earlier forecasts of this and of many other series missed.

Each back-test error is divided by its series' own size of error, so that those of many series say
together how errors spread at each distance (split conformal prediction: Vovk, Gammerman & Shafer 2005;
Lei et al. 2018). A series' size is the geometric mean of its one-step error and of its own back-test
errors, each brought to one distance by the growth that all series share.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.engine.backtest import Backtests
from forecasting.engine.panel import Floats

FEWEST_ERRORS = 40  # of a distance; below it the usual spread stands in
USUAL = {80: 1.28, 95: 2.05}  # of a normal error around its root mean square, by level
USUAL_GROWTH = 0.3  # usual growth of an error with the distance


@dataclass(frozen=True)
class Calibration:
    """growth: how large errors are at each distance against one step, (horizon,). reach: level in
    percent → how many sizes the interval reaches on each side, (horizon,)."""

    growth: Floats
    reach: dict[int, Floats]
    errors: int

    def as_json(self) -> dict[str, Any]:
        """As a run keeps it."""
        reach = {str(level): values.tolist() for level, values in self.reach.items()}
        return {"growth": self.growth.tolist(), "reach": reach, "errors": self.errors}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Calibration":
        """What `as_json` wrote."""
        reach = {int(level): np.array(values) for level, values in kept["reach"].items()}
        return cls(np.array(kept["growth"]), reach, kept["errors"])


def calibrate(tests: Backtests, levels: tuple[int, ...]) -> Calibration:
    """Pool the back-tests of many series."""
    errors = np.abs(tests.predicted - tests.actual)
    growth = _growth(errors, tests.one_step)
    sizes = _sizes_without_own_cut(errors, tests.one_step, growth)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = errors / (sizes[:, None, :] * growth[None, :, None])
    scaled = np.where(np.isfinite(scaled), scaled, np.nan)
    reach = {level: growth * _quantiles(scaled, level) for level in levels}
    return Calibration(growth, _nested(reach), int(np.isfinite(scaled).sum()))


def sizes(tests: Backtests, one_step: Floats, calibration: Calibration) -> Floats:
    """The size of each series' errors one step ahead, (series,); NaN where neither is known."""
    own = own_size(np.abs(tests.predicted - tests.actual), calibration.growth)
    return _blended(one_step, own)


def _growth(errors: Floats, one_step: Floats) -> Floats:
    """The median over series of |error| against the one-step size, by distance, never falling."""
    horizon = errors.shape[1]
    usual = np.arange(1, horizon + 1) ** USUAL_GROWTH
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = errors / np.where(one_step > 0, one_step, np.nan)[:, None, :]
    known = np.isfinite(relative).sum(axis=(0, 2))
    if known[0] < FEWEST_ERRORS:
        return usual
    middle = np.array([_median(relative[:, ahead]) for ahead in range(horizon)])
    enough = (known >= FEWEST_ERRORS) & (middle > 0)
    ratio = np.where(enough, middle / middle[0], np.nan)
    last = int(np.flatnonzero(enough)[-1]) if enough.any() else -1
    beyond = usual / usual[last] * ratio[last] if last >= 0 else usual
    return np.maximum.accumulate(np.where(enough, np.nan_to_num(ratio, nan=1.0), beyond))


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else 0.0


def own_size(errors: Floats, growth: Floats) -> Floats:
    """Root mean square of a series' own back-test errors, each brought to one step: (series,)."""
    scaled = (errors / growth[None, :, None]) ** 2
    known = np.isfinite(scaled)
    count = known.sum(axis=(0, 1))
    total = np.where(known, scaled, 0.0).sum(axis=(0, 1))
    return np.sqrt(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _sizes_without_own_cut(errors: Floats, one_step: Floats, growth: Floats) -> Floats:
    """(cuts, series): what was known of a series' size without the cut that is judged."""
    rows = []
    for cut in range(errors.shape[0]):
        others = np.delete(errors, cut, axis=0)
        rows.append(_blended(one_step[cut], own_size(others, growth)))
    return np.array(rows)


def _blended(one_step: Floats, own: Floats) -> Floats:
    """The geometric mean of both sizes; the one that is known where the other is not."""
    first = np.where(one_step > 0, one_step, np.nan)
    second = np.where(own > 0, own, np.nan)
    both = np.sqrt(first * second)
    return np.where(np.isfinite(both), both, np.where(np.isfinite(first), first, second))


def _quantiles(scaled: Floats, level: int) -> Floats:
    """The level's quantile of the scaled errors at each distance, (horizon,); the usual one where few."""
    out = np.full(scaled.shape[1], USUAL.get(level, 2.0))
    for ahead in range(scaled.shape[1]):
        known = scaled[:, ahead][np.isfinite(scaled[:, ahead])]
        if known.size >= FEWEST_ERRORS:
            share = min(1.0, np.ceil((known.size + 1) * level / 100) / known.size)
            out[ahead] = float(np.quantile(known, share, method="inverted_cdf"))
    return out


def _nested(reach: dict[int, Floats]) -> dict[int, Floats]:
    """Wider levels reach at least as far, and farther months at least as far as nearer ones."""
    widest: Floats | None = None
    out = {}
    for level in sorted(reach):
        grown = np.maximum.accumulate(reach[level])
        widest = grown if widest is None else np.maximum(widest, grown)
        out[level] = widest
    return out


def bounds(mean: Floats, size: Floats, reach: Floats) -> tuple[Floats, Floats]:
    """Lower and upper bounds (horizon, series) of the central interval, clipped at 0."""
    half = reach[:, None] * size[None, :]
    return np.maximum(mean - half, 0.0), mean + half
