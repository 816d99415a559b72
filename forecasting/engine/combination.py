"""The default forecast: the mean of dynamic Theta and weighted exponential smoothing, with guards.

Two methods that err differently err less together (Bates & Granger 1969); which two, and that their
plain mean is taken, was fixed on held-out history (docs/forecasting.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from forecasting.engine.batch.ets_search import Fit, smooth
from forecasting.engine.batch.lanes import Bools, Floats, Lanes
from forecasting.engine.batch.seasonality import Adjusted, without_season
from forecasting.engine.batch.theta import dynamic_theta
from forecasting.engine.plain import seasonal_naive
from forecasting.engine.stories import Member, Start

EXPLODES_ABOVE = 5.0
SHOWN_WEIGHT = 0.005


@dataclass(frozen=True)
class Combined:
    """The forecast of one series. values: (horizon,). one_step: root mean square of the errors one
    step ahead. best: the smoothing model with the smallest AICc, and its parameters. start: where the
    next search begins."""

    values: Floats
    one_step: float
    members: tuple[Member, ...]
    best: str
    parameters: dict[str, float]
    start: Start = field(default_factory=dict)
    seasonal: bool = False
    fallen_back: str = ""


def combine(
    series: Sequence[Floats], season_length: int, horizon: int, starts: Sequence[Start | None]
) -> list[Combined]:
    """Forecast series without gaps. Those with a start are searched from there, the others from scratch:
    apart, so that no series' numbers depend on its neighbours."""
    found: dict[int, Combined] = {}
    for warm in (True, False):
        places = [place for place, start in enumerate(starts) if bool(start) is warm]
        chosen = [series[place] for place in places]
        own = [starts[place] or {} for place in places]
        found |= dict(zip(places, _combine(chosen, season_length, horizon, own), strict=True))
    return [found[place] for place in range(len(series))]


def _combine(
    series: Sequence[Floats], season_length: int, horizon: int, starts: Sequence[Start]
) -> list[Combined]:
    if not series:
        return []
    lanes = Lanes.of(series, season_length)
    adjusted = without_season(lanes)
    theta = dynamic_theta(adjusted.lanes, horizon)
    smoothed = smooth(lanes, horizon, _places(lanes, starts))
    theta_values = adjusted.with_season(theta.forecast)
    mean = _mean(theta_values, smoothed.forecast, smoothed.weights.sum(axis=0) > 0)
    one_step = np.sqrt(np.maximum(theta.error, 0.0))
    values = lanes.in_order(mean)
    return [
        _one(
            _Lane(
                int(lane),
                values[:, place],
                float(one_step[lane] * lanes.scale[lane]),
                series[place],
                season_length,
            ),
            adjusted,
            smoothed.weights,
            smoothed.fits,
        )
        for place, lane in enumerate(np.argsort(lanes.order, kind="stable"))
    ]


def _mean(theta: Floats, smoothed: Floats, any_fit: Bools) -> Floats:
    return np.where(any_fit, (theta + smoothed) / 2, theta)


def _places(lanes: Lanes, starts: Sequence[Start]) -> dict[str, Floats]:
    """Model → places in the unit cube, (4, lanes)."""
    names = starts[0].keys() if starts else ()
    return {name: np.array([starts[place][name] for place in lanes.order]).T for name in names}


@dataclass(frozen=True)
class _Lane:
    lane: int
    values: Floats
    one_step: float
    y: Floats
    season_length: int


def _one(own: _Lane, adjusted: Adjusted, weights: Floats, fits: tuple[Fit, ...]) -> Combined:
    lane = own.lane
    shares = weights[:, lane]
    whole = shares.sum() > 0
    half = 0.5 if whole else 1.0
    members = [Member("Theta", half)]
    members += [Member(fit.name, half * float(w)) for fit, w in zip(fits, shares, strict=True)]
    shown = tuple(one for one in members if one.weight >= SHOWN_WEIGHT)
    best = fits[int(shares.argmax())] if whole else None
    values, fallen_back = _guarded(own)
    return Combined(
        values=values,
        one_step=own.one_step,
        members=() if fallen_back else shown,
        best=best.name if best and not fallen_back else "",
        parameters=parameters_of(best, lane) if best else {},
        start={fit.name: tuple(float(part) for part in fit.place[:, lane]) for fit in fits},
        seasonal=bool(adjusted.indices[:, lane].any()),
        fallen_back=fallen_back,
    )


def parameters_of(fit: Fit, lane: int) -> dict[str, float]:
    """The parameters that a lane's model has, by name."""
    found = fit.parameters
    every = {"alpha": found.alpha, "beta": found.beta, "gamma": found.gamma, "phi": found.phi}
    used = (
        {"alpha"}
        | ({"beta"} if fit.name[1] != "N" else set())
        | ({"gamma"} if fit.name[-1] != "N" else set())
    )
    used |= {"phi"} if "Ad" in fit.name[1:-1] else set()
    return {name: float(values[lane]) for name, values in every.items() if name in used}


def _guarded(own: _Lane) -> tuple[Floats, str]:
    """Never NaN, never below 0, never far outside of the history: else the same period a year ago."""
    values = np.maximum(own.values, 0.0)
    if np.isfinite(values).all() and values.max() <= EXPLODES_ABOVE * np.abs(own.y).max():
        return values, ""
    why = "it left the range of the history" if np.isfinite(values).all() else "the fit failed"
    return np.maximum(seasonal_naive(own.y, values.size, own.season_length), 0.0), why
