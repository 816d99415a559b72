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
    step = {"N": _plain, "A": _additive, "M": _multiplicative}[form.season]
    pull = parameters.gamma / (1 - parameters.alpha) if form.season == "M" else parameters.gamma
    part = None
    for period in range(lanes.periods):
        active = int(lanes.running[period])
        if not active:
            continue
        if part is None or part.active != active:
            part = _Part.of(active, form.trend, parameters, pull, states, work, sums)
        step(part, lanes.values[period, :active, None], period % lanes.season_length)
        if period % 8 == 7:  # a product of eight means stays far from overflow
            np.add(part.log_mean, np.log(part.product), out=part.log_mean)
            part.product[...] = 1.0
    sums.log_mean[...] += np.log(work.product)
    return sums


@dataclass(frozen=True)
class _Work:
    """Memory that every step writes over: allocating it anew would cost as much as the arithmetic."""

    error: Floats
    mean: Floats
    other: Floats
    product: Floats


@dataclass(frozen=True)
class _Part:
    """The lanes that have begun: views of all arrays, cut once for as long as no other lane begins."""

    active: int
    form: str
    alpha: Floats
    beta: Floats
    phi: Floats
    pull: Floats
    level: Floats
    trend: Floats
    season: Floats
    error: Floats
    mean: Floats
    other: Floats
    product: Floats
    squares: Floats
    relative: Floats
    log_mean: Floats

    @classmethod
    def of(
        cls, active: int, form: str, parameters: Parameters, pull: Floats,
        states: States, work: _Work, sums: Errors,
    ) -> "_Part":  # fmt: skip
        """The first `active` lanes, as views: what the recursion writes stands in the whole arrays."""
        return cls(
            active=active,
            form=form,
            alpha=parameters.alpha[:active],
            beta=parameters.beta[:active],
            phi=parameters.phi[:active],
            pull=pull[:active],
            level=states.level[:active],
            trend=states.trend[:active],
            season=states.season[:, :active],
            error=work.error[:active],
            mean=work.mean[:active],
            other=work.other[:active],
            product=work.product[:active],
            squares=sums.squares[:active],
            relative=sums.relative[:active],
            log_mean=sums.log_mean[:active],
        )


def _advance(part: _Part) -> Floats:
    """The level with the trend's step added, in place."""
    if part.form != "N":
        if part.form == "D":
            np.multiply(part.trend, part.phi, out=part.trend)
        np.add(part.level, part.trend, out=part.level)
    return part.level


def _measure(part: _Part, value: Floats) -> None:
    """The error against `mean`, and what it adds to the sums."""
    error, mean, other = part.error, part.mean, part.other
    np.subtract(value, mean, out=error)
    np.multiply(error, error, out=other)
    np.add(part.squares, other, out=part.squares)
    np.abs(mean, out=mean)
    np.maximum(mean, SMALLEST, out=mean)
    np.multiply(part.product, mean, out=part.product)
    np.divide(error, mean, out=other)
    np.multiply(other, other, out=other)
    np.add(part.relative, other, out=part.relative)


def _correct(part: _Part) -> None:
    """Level and trend learn from the error (divided by the season where that is multiplicative)."""
    np.multiply(part.error, part.alpha, out=part.other)
    np.add(part.level, part.other, out=part.level)
    if part.form != "N":
        np.multiply(part.error, part.beta, out=part.other)
        np.add(part.trend, part.other, out=part.trend)


def _plain(part: _Part, value: Floats, slot: int) -> None:
    part.mean[...] = _advance(part)
    _measure(part, value)
    _correct(part)


def _additive(part: _Part, value: Floats, slot: int) -> None:
    season = part.season[slot]
    np.add(_advance(part), season, out=part.mean)
    _measure(part, value)
    _correct(part)
    np.multiply(part.error, part.pull, out=part.error)
    np.add(season, part.error, out=season)


def _multiplicative(part: _Part, value: Floats, slot: int) -> None:
    season, other = part.season[slot], part.other
    np.multiply(_advance(part), season, out=part.mean)
    _measure(part, value)
    np.maximum(season, 1e-3, out=other)
    np.divide(part.error, other, out=part.error)
    _correct(part)
    np.maximum(part.level, SMALLEST, out=other)
    np.divide(value, other, out=other)
    np.subtract(other, season, out=other)
    np.multiply(other, part.pull, out=other)
    np.add(season, other, out=season)


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
