"""Exponential smoothing over the 15 usual models, weighted by their information criteria.

Parameters are searched in stages: a quasi-random cover of the region first, then ever smaller
neighbourhoods of the best; a search that is told where to start skips the cover. Models count by
exp(−½ ΔAICc) (Burnham & Anderson 2002, section 2.9; Kolassa 2011, International Journal of
Forecasting 27, 238–251).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from forecasting.engine.batch.ets_initial import initial_states, level_without_trend
from forecasting.engine.batch.ets_recursion import Errors, Form, Parameters, States, extrapolate, run
from forecasting.engine.batch.lanes import Bools, Floats, Lanes

FORMS = tuple(Form(trend, season) for trend in "NAD" for season in "NAM")
STAGES = ((32, 1.0), (12, 0.25), (10, 0.08))  # candidates, size of the neighbourhood
CELLS = 3000  # lanes × candidates at a time: the working set stays in the processor's cache
TINY = 1e-300

# Where a search starts: model → places in the unit cube, (4, lanes), NaN where none is known.
Starts = Mapping[str, Floats]


@dataclass(frozen=True)
class Fit:
    """One model, fitted to every lane.

    name: such as "AAdA". forecast: (horizon, lanes). criterion (AICc) and error (root mean square of
    the one-step errors; relative ones for models with multiplicative errors): (lanes,). place: where
    in the unit cube the parameters lie, (4, lanes).
    """

    name: str
    forecast: Floats
    criterion: Floats
    place: Floats
    error: Floats

    @property
    def parameters(self) -> Parameters:
        """α, β, γ, φ, each (lanes,)."""
        return parameters_at(self.place)


@dataclass(frozen=True)
class Smoothing:
    """The weighted forecast, (horizon, lanes), and the models with their weights, (models, lanes)."""

    forecast: Floats
    weights: Floats
    fits: tuple[Fit, ...]


def smooth(
    lanes: Lanes, horizon: int, starts: Starts | None = None, forms: tuple[Form, ...] = FORMS
) -> Smoothing:
    """Fit every model that a lane allows, and weigh their forecasts."""
    fits = tuple(fit for form in forms for fit in fit_form(lanes, form, horizon, starts or {}))
    criteria = np.array([_allowed(lanes, fit) for fit in fits])
    best = criteria.min(axis=0)
    with np.errstate(invalid="ignore"):
        weights = np.where(np.isfinite(criteria), np.exp(-0.5 * (criteria - best)), 0.0)
    weights = weights / np.maximum(weights.sum(axis=0), TINY)
    forecasts = np.nan_to_num(np.array([fit.forecast for fit in fits]))
    return Smoothing(np.einsum("mk,mhk->hk", weights, forecasts), weights, fits)


def _allowed(lanes: Lanes, fit: Fit) -> Floats:
    """The criterion, infinite where the lane forbids the model or the forecast went wrong."""
    error, season = fit.name[0], fit.name[-1]
    allowed: Bools = np.asarray(np.isfinite(fit.forecast).all(axis=0))
    if error == "M" or season == "M":
        allowed = allowed & lanes.positive
    if season != "N":
        allowed = allowed & (lanes.lengths >= 2 * lanes.season_length + 1)
    return np.where(allowed, fit.criterion, np.inf)


def fit_form(lanes: Lanes, form: Form, horizon: int, starts: Starts) -> list[Fit]:
    """Fit a form with additive errors (where the season is not multiplicative) and multiplicative ones."""
    size = max(8, CELLS // STAGES[0][0])
    blocks = []
    for first in range(0, lanes.count, size):
        part = slice(first, min(first + size, lanes.count))
        own = {name: place[:, part] for name, place in starts.items()}
        blocks.append(_fit_block(lanes.part(part), form, horizon, own))
    return [_joined([block[place] for block in blocks]) for place in range(len(blocks[0]))] if blocks else []


def _joined(parts: list[Fit]) -> Fit:
    return Fit(
        parts[0].name,
        np.concatenate([part.forecast for part in parts], axis=1),
        np.concatenate([part.criterion for part in parts]),
        np.concatenate([part.place for part in parts], axis=1),
        np.concatenate([part.error for part in parts]),
    )


# --- the search ----------------------------------------------------------------------------------


@dataclass
class _Best:
    """The best candidate of every lane so far, for one kind of error."""

    place: Floats
    score: Floats
    states: States
    squares: Floats


def _fit_block(lanes: Lanes, form: Form, horizon: int, starts: Starts) -> list[Fit]:
    begin = (
        level_without_trend(lanes, form.season) if form.trend == "N" else initial_states(lanes, form.season)
    )
    names = [kind + form.name for kind in (("M",) if form.season == "M" else ("A", "M"))]
    known = [starts[name] for name in names if name in starts]
    warm = len(known) == len(names) and bool(np.isfinite(np.array(known)).all())
    best: dict[str, _Best] = {}
    for candidates, radius in STAGES[1:] if warm else STAGES:
        centres = [best[name].place for name in best] or (known if warm else [])
        places = _candidates(form, lanes.count, candidates, radius, centres, with_centres=not best)
        states = _repeated(begin, places.shape[2])
        errors = run(lanes, form, parameters_at(places), states)
        for name in names:
            score = _score(lanes, errors, name[0])
            best[name] = _better(best.get(name), places, states, score, errors, name[0])
    return [_finished(lanes, form, name, best[name], horizon) for name in names]


def _candidates(
    form: Form, lanes: int, count: int, radius: float, centres: list[Floats], *, with_centres: bool
) -> Floats:
    """Places in the unit cube, (4, lanes, candidates): a cover first, then around the best of each kind."""
    if not centres:
        return np.repeat(_cover(form.searched, count)[:, None, :], lanes, axis=1)
    steps = radius * _steps(form.searched, count)[:, None, : count // len(centres)]
    around = [centre[:, :, None] + steps for centre in centres]
    if with_centres:
        around += [centre[:, :, None] for centre in centres]
    return np.clip(np.concatenate(around, axis=2), 0.0, 1.0)


def parameters_at(places: Floats) -> Parameters:
    """The usual region: 0 < α < 1, 0 < β < α, 0 < γ < 1 − α, 0.8 ≤ φ ≤ 0.98; small β, γ more often."""
    alpha = 1e-4 + 0.9998 * places[0]
    beta = alpha * (1e-4 + 0.9998 * places[1] ** 2)
    gamma = (1 - alpha) * (1e-4 + 0.9998 * places[2] ** 1.5)
    return Parameters(alpha, beta, gamma, 0.8 + 0.18 * places[3])


def _repeated(states: States, count: int) -> States:
    return States(
        np.repeat(states.level[:, None], count, axis=1),
        np.repeat(states.trend[:, None], count, axis=1),
        np.repeat(states.season[:, :, None], count, axis=2),
    )


def _score(lanes: Lanes, errors: Errors, kind: str) -> Floats:
    """−2 ln L without constants: n ln(Σe²/n), with 2 Σ ln|μ| more for multiplicative errors."""
    count = lanes.lengths[:, None].astype(float)
    if kind == "A":
        return count * np.log(errors.squares / count + TINY)
    return count * np.log(errors.relative / count + TINY) + 2 * errors.log_mean


def _better(
    before: _Best | None, places: Floats, states: States, score: Floats, errors: Errors, kind: str
) -> _Best:
    rows = np.arange(score.shape[0])
    score = np.where(np.isfinite(score), score, np.inf)
    pick = score.argmin(axis=1)
    squares = errors.squares if kind == "A" else errors.relative
    new = _Best(
        places[:, rows, pick],
        score[rows, pick],
        States(states.level[rows, pick], states.trend[rows, pick], states.season[:, rows, pick]),
        squares[rows, pick],
    )
    if before is None:
        return new
    wins = new.score < before.score
    return _Best(
        np.where(wins, new.place, before.place),
        np.where(wins, new.score, before.score),
        States(
            np.where(wins, new.states.level, before.states.level),
            np.where(wins, new.states.trend, before.states.trend),
            np.where(wins, new.states.season, before.states.season),
        ),
        np.where(wins, new.squares, before.squares),
    )


def _finished(lanes: Lanes, form: Form, name: str, best: _Best, horizon: int) -> Fit:
    found = parameters_at(best.place)
    forecast = extrapolate(form, found.phi, best.states, lanes.periods, horizon)
    count = lanes.lengths.astype(float)
    free = len(form.searched) + 1 + (form.trend != "N") + (lanes.season_length - 1) * (form.season != "N") + 1
    left = count - free - 1
    penalty = 2 * free + 2 * free * (free + 1) / np.where(left > 0, left, 1.0)
    return Fit(
        name=name,
        forecast=forecast,
        criterion=np.where(left > 0, best.score + penalty, np.inf),
        place=best.place,
        error=np.sqrt(np.maximum(best.squares, 0.0) / count),
    )


@lru_cache(maxsize=64)
def _cover(searched: tuple[int, ...], count: int) -> Floats:
    """Halton's points over the searched axes of the unit cube, the others in the middle: (4, count)."""
    places = np.full((4, count), 0.5)
    places[list(searched)] = _halton(count, len(searched)).T
    return places


@lru_cache(maxsize=64)
def _steps(searched: tuple[int, ...], count: int) -> Floats:
    """Directions from −1 to 1 along the searched axes: (4, count)."""
    steps = np.zeros((4, count))
    steps[list(searched)] = (_halton(count + 3, len(searched))[3:].T - 0.5) * 2
    return steps


def _halton(count: int, axes: int) -> Floats:
    """Halton's sequence in bases 2, 3, 5, 7 (Halton 1960): (count, axes)."""
    points = np.zeros((count, axes))
    for axis, base in enumerate((2, 3, 5, 7)[:axes]):
        for number in range(count):
            share, rest = 1.0, number + 1
            while rest:
                share /= base
                points[number, axis] += share * (rest % base)
                rest //= base
    return points
