"""The dynamic optimised Theta model (Fiorucci et al. 2016, "Models for optimising the theta method").

    μ_t = ℓ_{t−1} + w [(1−α)^{t−1} A_{t−1} + (1 − (1−α)^t)/α · B_{t−1}],   ℓ_t = α y_t + (1−α) ℓ_{t−1}

A and B are the line through what is known so far, w = 1 − 1/θ. Given α the errors are linear in ℓ_0
and w, so that least squares gives both exactly; only α is searched.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.engine.batch.lanes import Floats, Lanes

ALPHAS = np.append(np.linspace(0.1, 0.95, 18), 0.99)
REFINEMENTS = 2
WARM_UP = 3  # the first errors say more about ℓ_0 than about α
BLOCK = 256  # lanes at a time: the working set stays in the processor's cache


@dataclass(frozen=True)
class Theta:
    """A fit of every lane. forecast: (horizon, lanes). alpha, weight (w), level (ℓ_0), error (the mean
    squared one-step error after the warm-up): (lanes,)."""

    forecast: Floats
    alpha: Floats
    weight: Floats
    level: Floats
    error: Floats


def dynamic_theta(lanes: Lanes, horizon: int) -> Theta:
    """Fit and forecast lanes without a season."""
    blocks = [
        _fit(lanes.part(slice(first, min(first + BLOCK, lanes.count))), horizon)
        for first in range(0, lanes.count, BLOCK)
    ]
    if not blocks:
        nothing = np.empty(0)
        return Theta(np.empty((horizon, 0)), nothing, nothing, nothing, nothing)
    return Theta(
        np.concatenate([block.forecast for block in blocks], axis=1),
        *(
            np.concatenate([getattr(block, name) for block in blocks])
            for name in ("alpha", "weight", "level", "error")
        ),
    )


@dataclass(frozen=True)
class _Lines:
    """The line through what was known before each period: (periods + 1, lanes); age of each lane at
    each period, counted from 1."""

    intercept: Floats
    slope: Floats
    age: Floats


def _lines(lanes: Lanes) -> _Lines:
    values = lanes.values
    place = np.arange(lanes.periods)[:, None] - (lanes.periods - lanes.lengths)[None, :]
    age = place.astype(np.float64) + 1.0
    known = np.where(age >= 1, age, 1.0)
    total = np.cumsum(values, axis=0)
    weighted = np.cumsum(values * np.where(age >= 1, age, 0.0), axis=0)
    mean = total / known
    spread = known * (known * known - 1) / 12
    slope = np.where(
        known > 1, (weighted - mean * known * (known + 1) / 2) / np.where(spread > 0, spread, 1.0), 0.0
    )
    intercept = mean - slope * (known + 1) / 2
    nothing = np.zeros((1, lanes.count))
    return _Lines(np.vstack([nothing, intercept]), np.vstack([nothing, slope]), age)


@dataclass
class _Sums:
    """What least squares needs, for each lane and candidate: the state at the end (decay of ℓ_0, level
    with ℓ_0 = 0), and sums of products of the two regressors (decay, drift) and of the filtered series."""

    decay: Floats
    level: Floats
    decay_decay: Floats
    decay_drift: Floats
    drift_drift: Floats
    decay_value: Floats
    drift_value: Floats
    value_value: Floats


def _filter(lanes: Lanes, lines: _Lines, alpha: Floats) -> _Sums:
    """Run every candidate α (lanes, candidates) through time with ℓ_0 = 0."""
    shape = alpha.shape
    sums = _Sums(np.ones(shape), *[np.zeros(shape) for _ in range(7)])
    keep, inverse = 1 - alpha, 1 / alpha
    for period in range(lanes.periods):
        active = int(lanes.running[period])
        if not active:
            continue
        decay, level = sums.decay[:active], sums.level[:active]
        kept, value = keep[:active], lanes.values[period, :active, None]
        drift = decay * lines.intercept[period, :active, None]
        drift += (1 - decay * kept) * inverse[:active] * lines.slope[period, :active, None]
        off = value - level
        warm = int(np.searchsorted(-lines.age[period, :active], -WARM_UP, side="left"))
        if warm:
            _add(sums, warm, decay[:warm], drift[:warm], off[:warm])
        level += alpha[:active] * off
        decay *= kept
    return sums


def _add(sums: _Sums, lanes: int, decay: Floats, drift: Floats, off: Floats) -> None:
    sums.decay_decay[:lanes] += decay * decay
    sums.decay_drift[:lanes] += decay * drift
    sums.drift_drift[:lanes] += drift * drift
    sums.decay_value[:lanes] += decay * off
    sums.drift_value[:lanes] += drift * off
    sums.value_value[:lanes] += off * off


def _solve(sums: _Sums) -> tuple[Floats, Floats, Floats]:
    """ℓ_0, w and the sum of squares for each lane and candidate; w is kept within 0…1 (θ ≥ 1)."""
    ridge = 1e-9 * (sums.decay_decay + 1e-12)
    first = sums.decay_decay + ridge
    determinant = first * sums.drift_drift - sums.decay_drift**2
    solvable = determinant > 1e-10 * (sums.decay_decay * sums.drift_drift + 1e-30)
    raw = first * sums.drift_value - sums.decay_drift * sums.decay_value
    weight = np.clip(np.where(solvable, raw / np.where(solvable, determinant, 1.0), 0.0), 0.0, 1.0)
    level = (sums.decay_value - weight * sums.decay_drift) / first
    squares = (
        sums.value_value
        - 2 * (level * sums.decay_value + weight * sums.drift_value)
        + level**2 * sums.decay_decay
        + 2 * level * weight * sums.decay_drift
        + weight**2 * sums.drift_drift
    )
    return level, weight, squares


def _fit(lanes: Lanes, horizon: int) -> Theta:
    lines, rows = _lines(lanes), np.arange(lanes.count)
    alpha = np.broadcast_to(ALPHAS, (lanes.count, ALPHAS.size)).copy()
    step = np.full(lanes.count, ALPHAS[1] - ALPHAS[0])
    found: dict[str, Floats] = {}
    for _ in range(REFINEMENTS + 1):
        sums = _filter(lanes, lines, alpha)
        level, weight, squares = _solve(sums)
        place = squares.argmin(axis=1)
        new = {
            "alpha": alpha[rows, place],
            "level": level[rows, place],
            "weight": weight[rows, place],
            "squares": squares[rows, place],
            "filtered": sums.level[rows, place],
            "decay": sums.decay[rows, place],
        }
        better = new["squares"] < found["squares"] if found else np.ones(lanes.count, dtype=bool)
        found = {name: np.where(better, new[name], found[name]) if found else new[name] for name in new}
        step = step / 3
        around = found["alpha"][:, None] + step[:, None] * np.array([-2.0, -1.0, 1.0, 2.0])
        alpha = np.clip(around, ALPHAS[0] / 2, 0.995)
    counted = np.maximum(lanes.lengths - WARM_UP, 1)
    return Theta(
        _extrapolate(lanes, lines, found, horizon),
        found["alpha"],
        found["weight"],
        found["level"],
        np.maximum(found["squares"], 0.0) / counted,
    )


def _extrapolate(lanes: Lanes, lines: _Lines, found: dict[str, Floats], horizon: int) -> Floats:
    """Each forecast joins the history that the line of the next one goes through."""
    alpha, weight = found["alpha"], found["weight"]
    keep, decay = 1 - alpha, found["decay"]
    level = found["filtered"] + decay * found["level"]
    count, mean = lanes.lengths.astype(float), lanes.values.sum(axis=0) / np.maximum(lanes.lengths, 1)
    intercept, slope = lines.intercept[-1].copy(), lines.slope[-1].copy()
    forecast = np.empty((horizon, lanes.count))
    for ahead in range(horizon):
        drift = decay * intercept + (1 - decay * keep) / alpha * slope
        forecast[ahead] = level + weight * drift
        level = alpha * forecast[ahead] + keep * level
        decay = decay * keep
        slope = ((count - 1) * slope + 6 * (forecast[ahead] - mean) / (count + 1)) / (count + 2)
        mean = (count * mean + forecast[ahead]) / (count + 1)
        count = count + 1
        intercept = mean - slope * (count + 1) / 2
    return forecast
