"""The recursions of exponential smoothing: nine forms, each run for many series and candidates at once.

Trend N (none), A (additive) or D (damped), season N, A or M (multiplicative). With forecast
μ_t = (ℓ + φb) ∘ s and error e_t = y_t − μ_t:

    additive season        ℓ += αe, b += βe, s += γe
    multiplicative season  ℓ += αe/s, b += βe/s, s += γ/(1−α) · (y/ℓ_new − s)

Models with multiplicative errors (e_t/μ_t) run through the same states, so that one pass serves
both; 15 models need nine passes. The multiplicative season divides by the new level, as
statsmodels does (Hyndman et al. 2008 divide by the old one).
"""

from dataclasses import dataclass

import numpy as np

from forecasting.engine.batch.lanes import Floats, Lanes

SMALLEST = 1e-6


@dataclass(frozen=True)
class Form:
    """A form of exponential smoothing: trend N, A or D; season N, A or M."""

    trend: str
    season: str

    @property
    def name(self) -> str:
        """Trend and season as the literature writes them: AdM is a damped trend, multiplicative season."""
        return {"N": "N", "A": "A", "D": "Ad"}[self.trend] + self.season

    @property
    def searched(self) -> tuple[int, ...]:
        """Which of α, β, γ, φ (0…3) the form has."""
        rows = [0]
        rows += [1] if self.trend != "N" else []
        rows += [2] if self.season != "N" else []
        return (*rows, *([3] if self.trend == "D" else []))


@dataclass(frozen=True)
class Parameters:
    """α, β, γ, φ of every lane and candidate: each (lanes, candidates)."""

    alpha: Floats
    beta: Floats
    gamma: Floats
    phi: Floats


@dataclass(frozen=True)
class States:
    """Level and trend (lanes, candidates), season (season length, lanes, candidates) by period modulo
    season length."""

    level: Floats
    trend: Floats
    season: Floats


@dataclass(frozen=True)
class Errors:
    """Sums over a run: squared errors, squared relative errors, and ln |μ|; each (lanes, candidates)."""

    squares: Floats
    relative: Floats
    log_mean: Floats


def run(lanes: Lanes, form: Form, parameters: Parameters, states: States) -> Errors:
    """Run the form through the lanes; `states` are the initial ones and become the final ones in place."""
    shape = parameters.alpha.shape
    sums = Errors(np.zeros(shape), np.zeros(shape), np.zeros(shape))
    work = _Work(np.empty(shape), np.empty(shape), np.empty(shape), np.ones(shape))
    pull = parameters.gamma / (1 - parameters.alpha) if form.season == "M" else parameters.gamma
    step = {"N": _plain, "A": _additive, "M": _multiplicative}[form.season]
    for period in range(lanes.periods):
        active = int(lanes.running[period])
        if not active:
            continue
        now = _Now(lanes.values[period, :active, None], period % lanes.season_length, active, form.trend)
        step(now, parameters, pull, states, work, sums)
        if period % 8 == 7:  # a product of eight means stays far from overflow
            sums.log_mean[:active] += np.log(work.product[:active])
            work.product[:active] = 1.0
    sums.log_mean[...] += np.log(work.product)
    return sums


@dataclass(frozen=True)
class _Now:
    value: Floats
    slot: int
    active: int
    trend: str


@dataclass(frozen=True)
class _Work:
    """Memory that every step writes over: allocating it anew would cost as much as the arithmetic."""

    error: Floats
    mean: Floats
    other: Floats
    product: Floats


def _advance(now: _Now, parameters: Parameters, states: States) -> Floats:
    """The level with the trend's step added, in place."""
    level = states.level[: now.active]
    if now.trend != "N":
        trend = states.trend[: now.active]
        if now.trend == "D":
            trend *= parameters.phi[: now.active]
        level += trend
    return level


def _measure(now: _Now, work: _Work, sums: Errors) -> Floats:
    """The error against `work.mean`, and what it adds to the sums."""
    error, mean, other = work.error[: now.active], work.mean[: now.active], work.other[: now.active]
    np.subtract(now.value, mean, out=error)
    np.multiply(error, error, out=other)
    sums.squares[: now.active] += other
    np.abs(mean, out=mean)
    np.maximum(mean, SMALLEST, out=mean)
    np.divide(error, mean, out=other)
    other *= other
    sums.relative[: now.active] += other
    work.product[: now.active] *= mean
    return error


def _correct(now: _Now, parameters: Parameters, states: States, error: Floats, other: Floats) -> None:
    """Level and trend learn from the error (divided by the season where that is multiplicative)."""
    np.multiply(error, parameters.alpha[: now.active], out=other)
    states.level[: now.active] += other
    if now.trend != "N":
        np.multiply(error, parameters.beta[: now.active], out=other)
        states.trend[: now.active] += other


def _plain(
    now: _Now, parameters: Parameters, pull: Floats, states: States, work: _Work, sums: Errors
) -> None:
    work.mean[: now.active] = _advance(now, parameters, states)
    error = _measure(now, work, sums)
    _correct(now, parameters, states, error, work.other[: now.active])


def _additive(
    now: _Now, parameters: Parameters, pull: Floats, states: States, work: _Work, sums: Errors
) -> None:
    season = states.season[now.slot, : now.active]
    np.add(_advance(now, parameters, states), season, out=work.mean[: now.active])
    error = _measure(now, work, sums)
    _correct(now, parameters, states, error, work.other[: now.active])
    error *= pull[: now.active]
    season += error


def _multiplicative(
    now: _Now, parameters: Parameters, pull: Floats, states: States, work: _Work, sums: Errors
) -> None:
    season = states.season[now.slot, : now.active]
    np.multiply(_advance(now, parameters, states), season, out=work.mean[: now.active])
    error = _measure(now, work, sums)
    error /= np.maximum(season, 1e-3)
    other = work.other[: now.active]
    _correct(now, parameters, states, error, other)
    np.maximum(states.level[: now.active], SMALLEST, out=other)
    np.divide(now.value, other, out=other)
    other -= season
    other *= pull[: now.active]
    season += other


def extrapolate(form: Form, phi: Floats, states: States, first_slot: int, horizon: int) -> Floats:
    """Forecasts (horizon, lanes) from final states of one candidate for each lane."""
    level, trend = states.level.copy(), states.trend.copy()
    forecast = np.empty((horizon, level.size))
    for ahead in range(horizon):
        if form.trend == "D":
            trend = trend * phi
        if form.trend != "N":
            level = level + trend
        season = states.season[(first_slot + ahead) % states.season.shape[0]] if form.season != "N" else None
        if season is None:
            forecast[ahead] = level
        else:
            forecast[ahead] = level + season if form.season == "A" else level * season
    return forecast
