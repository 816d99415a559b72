"""The statistical baseline of many series: each by its route, never failing, never exploding."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from forecasting.engine.batch.intermittent import METHODS, levels
from forecasting.engine.batch.lanes import Lanes
from forecasting.engine.combination import Combined, combine
from forecasting.engine.panel import Floats
from forecasting.engine.plain import last_value, recent_mean, zero
from forecasting.engine.routing import Kind, Route, route_all
from forecasting.engine.stories import Member, Start

FITTED = {Kind.SHORT, Kind.REGULAR}
TESTED_PERIODS = 6  # the newest periods that choose among the methods for many zeros
TINY_MEAN = 3


@dataclass(frozen=True)
class Baseline:
    """A forecast of one series.

    values: (horizon,). one_step: root mean square of the one-step errors, 0 where nothing was fitted.
    method: what made the numbers. members: its parts and their shares. start: where the next search
    of the same series begins; None where nothing was searched.
    """

    values: Floats
    method: str
    reason: str
    one_step: float = 0.0
    members: tuple[Member, ...] = ()
    best: str = ""
    parameters: dict[str, float] = field(default_factory=dict)
    start: Start | None = None


def baseline_all(
    series: Sequence[Floats], horizon: int, season_length: int, starts: Sequence[Start | None] | None = None
) -> list[Baseline]:
    """Forecast series without gaps, each from its first known period on; an empty one gives zeros."""
    routes = route_all(series, season_length)
    begin = starts or [None] * len(series)
    found: dict[int, Baseline] = {}
    fitted = [place for place, way in enumerate(routes) if way.kind in FITTED]
    combined = combine(
        [series[place] for place in fitted], season_length, horizon, [begin[place] for place in fitted]
    )
    for place, one in zip(fitted, combined, strict=True):
        found[place] = _of_combined(one, routes[place])
    sparse = [place for place, way in enumerate(routes) if way.kind is Kind.INTERMITTENT]
    found |= zip(
        sparse, _sparse([series[p] for p in sparse], horizon, season_length, routes, sparse), strict=True
    )
    for place, way in enumerate(routes):
        if place not in found:
            found[place] = _plain(series[place], horizon, way)
    return [found[place] for place in range(len(series))]


def _of_combined(one: Combined, way: Route) -> Baseline:
    season = " A season stands out." if one.seasonal else " No season stands out."
    if one.fallen_back:
        reason = f"Fallen back to the same period a year ago: {one.fallen_back}."
        return Baseline(one.values, "seasonal naive", reason, one.one_step, start=one.start)
    return Baseline(
        one.values,
        "mean of Theta and ETS",
        way.reason + (season if way.kind is Kind.REGULAR else ""),
        one.one_step,
        one.members,
        one.best,
        one.parameters,
        one.start,
    )


def _plain(y: Floats, horizon: int, way: Route) -> Baseline:
    if way.kind in {Kind.EMPTY, Kind.DEAD}:
        return Baseline(zero(horizon), "zero", way.reason)
    if way.kind is Kind.CONSTANT:
        return Baseline(np.maximum(last_value(y, horizon), 0.0), "constant", way.reason)
    return Baseline(np.maximum(recent_mean(y, horizon, TINY_MEAN), 0.0), "recent mean", way.reason)


def _sparse(
    series: Sequence[Floats], horizon: int, season_length: int, routes: Sequence[Route], places: Sequence[int]
) -> list[Baseline]:
    """Series with many zeros, by whichever method erred least in the square over the newest periods."""
    if not series:
        return []
    lanes = Lanes.of(series, season_length)
    level = lanes.in_order(levels(lanes))
    errors = _errors_of_methods(series, season_length)
    chosen = np.nan_to_num(errors, nan=np.inf).argmin(axis=0)
    return [
        Baseline(
            np.full(horizon, max(float(level[chosen[own], own]), 0.0)),
            METHODS[chosen[own]],
            f"{routes[place].reason} {METHODS[chosen[own]]} erred least in the back-test.",
            members=(Member(METHODS[chosen[own]], 1.0),),
        )
        for own, place in enumerate(places)
    ]


def _errors_of_methods(series: Sequence[Floats], season_length: int) -> Floats:
    """Mean squared error over the newest periods of every method, forecast from before them.

    Shape (methods, series); equal within rounding to ranking by RMSSE, whose scale is the series' own.
    The first method wins where there is too little to test.
    """
    errors = np.full((len(METHODS), len(series)), np.nan)
    testable = [place for place, y in enumerate(series) if y[:-TESTED_PERIODS].any()]
    if not testable:
        return np.where(np.arange(len(METHODS))[:, None] == 0, 0.0, errors)
    lanes = Lanes.of([series[place][:-TESTED_PERIODS] for place in testable], season_length)
    level = lanes.in_order(levels(lanes))
    for own, place in enumerate(testable):
        apart = level[:, own, None] - series[place][-TESTED_PERIODS:]
        errors[:, place] = (apart**2).mean(axis=1)
    errors[0] = np.nan_to_num(errors[0])
    return errors
