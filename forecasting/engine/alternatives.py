"""Other methods for one series, each judged at the same rolling cuts, and each able to be pinned.

ETS, Theta, SARIMAX and STL come from statsmodels; a method that cannot be fitted says why in a sentence.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.stl import STLForecast
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

from forecasting.engine import accuracy as measures
from forecasting.engine.backtest import LEAST_HISTORY
from forecasting.engine.batch.ets_initial import initial_states, level_without_trend
from forecasting.engine.batch.ets_search import smooth
from forecasting.engine.batch.lanes import Lanes
from forecasting.engine.classical import Unfit, line_and_season
from forecasting.engine.combination import EXPLODES_ABOVE, combine, parameters_of
from forecasting.engine.finish import known_model, smoothed
from forecasting.engine.panel import Floats
from forecasting.engine.pin import Method
from forecasting.engine.plain import recent_mean, seasonal_naive
from forecasting.engine.settings import Settings

FEWEST = 8  # known periods below which nothing is fitted
SARIMA_YEARS = 3  # one is lost to the seasonal difference
# One order of differences, so that their AICc can be compared: Box & Jenkins' airline model first.
SARIMA_ORDERS = ((0, 1, 1), (1, 1, 0), (1, 1, 1))
SARIMA_STEPS = 50
FITTED = frozenset(Method) - {Method.SEASONAL_NAIVE, Method.YEAR_MEAN}


class CannotFit(Exception):
    """A method has no forecast for this series; the text goes on after “but”."""


@dataclass(frozen=True)
class Alternative:
    """One method on one series. values: (horizon,), None where it cannot be fitted. predicted: (cuts,
    horizon), NaN where a cut left too little. mase, wape, bias: of the back-tests, NaN without any.
    fault: why it cannot be fitted."""

    method: Method
    values: Floats | None
    predicted: Floats
    mase: float
    wape: float
    bias: float
    fault: str = ""


def compare(
    y: Floats,
    raw: Floats,
    season_length: int,
    settings: Settings,
    methods: Sequence[Method] = tuple(Method),
    report: Callable[[int], None] = lambda done: None,
) -> list[Alternative]:
    """Every method on one series: `y` cleaned and without gaps, `raw` as it happened, both (periods,).

    `report` hears how many methods are done.
    """
    made = []
    for method in methods:
        made.append(_alternative(method, y, raw, season_length, settings))
        report(len(made))
    return made


def forecast_by(method: Method, y: Floats, horizon: int, season_length: int) -> Floats:
    """The forecast (horizon,) of one series without gaps by one method: finite, never negative, within
    5 × the history. Raises CannotFit."""
    if len(y) < FEWEST:
        raise CannotFit(f"{len(y)} known periods are too few for it")
    scale = float(np.abs(y).mean())
    if not scale > 0:
        raise CannotFit("no period is above zero")
    if method in FITTED and y.min() == y.max():
        raise CannotFit("every known period has the same value")
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # of convergence: the guards below judge what came out
            values = scale * MAKERS[method](y / scale, horizon, season_length)
    except (ValueError, np.linalg.LinAlgError, ZeroDivisionError) as error:
        raise CannotFit("its fit failed") from error
    return _guarded(values, y)


def rolling(method: Method, y: Floats, season_length: int, settings: Settings) -> Floats:
    """What a method would have said at each cut: (cuts, horizon), NaN beyond the known end and where it
    could not be fitted. The newest cut first."""
    predicted = np.full((settings.cuts, settings.horizon), np.nan)
    for cut in range(settings.cuts):
        back = settings.back(cut)
        if len(y) - back < LEAST_HISTORY:
            continue
        try:
            values = forecast_by(method, y[: len(y) - back], settings.horizon, season_length)
        except CannotFit:
            continue
        ahead = min(settings.horizon, back)
        predicted[cut, :ahead] = values[:ahead]
    return predicted


def actual_at_cuts(raw: Floats, settings: Settings) -> Floats:
    """What was sold after each cut: (cuts, horizon), NaN where it is not known."""
    actual = np.full((settings.cuts, settings.horizon), np.nan)
    for cut in range(settings.cuts):
        end = len(raw) - settings.back(cut)
        if end >= LEAST_HISTORY:
            known = raw[end : end + settings.horizon]
            actual[cut, : len(known)] = known
    return actual


def judged(actual: Floats, predicted: Floats, raw: Floats, season_length: int) -> tuple[float, float, float]:
    """MASE, WAPE and bias over what was predicted; NaN where nothing was."""
    seen = np.where(np.isfinite(predicted), actual, np.nan)
    if not np.isfinite(seen).any():
        return (float("nan"),) * 3
    return (
        measures.mase(seen, predicted, raw, season_length),
        measures.wape(seen, predicted),
        measures.bias(seen, predicted),
    )


def _alternative(
    method: Method, y: Floats, raw: Floats, season_length: int, settings: Settings
) -> Alternative:
    try:
        values, fault = forecast_by(method, y, settings.horizon, season_length), ""
    except CannotFit as error:
        nothing = np.full((settings.cuts, settings.horizon), np.nan)
        return Alternative(method, None, nothing, *(float("nan"),) * 3, str(error))
    predicted = rolling(method, y, season_length, settings)
    figures = judged(actual_at_cuts(raw, settings), predicted, raw, season_length)
    return Alternative(method, values, predicted, *figures, fault)


def _guarded(values: Floats, y: Floats) -> Floats:
    if not np.isfinite(values).all():
        raise CannotFit("its fit failed")
    kept = np.maximum(values, 0.0)
    if kept.max() > EXPLODES_ABOVE * np.abs(y).max():
        raise CannotFit("its forecast left the range of the history")
    return kept


def _combination(y: Floats, horizon: int, season_length: int) -> Floats:
    made = combine([y], season_length, horizon, [None])[0]
    if made.fallen_back:
        raise CannotFit(made.fallen_back)
    return made.values


def _ets(y: Floats, horizon: int, season_length: int) -> Floats:
    """Of the 15 models the one with the smallest AICc, run by statsmodels (Hyndman et al. 2008, ch. 2)."""
    lanes = Lanes.of([y], season_length)
    found = smooth(lanes, horizon, {})
    weights = found.weights[:, 0]
    if not weights.sum() > 0:
        raise CannotFit("no smoothing model fits so few periods")
    best = found.fits[int(weights.argmax())]
    season = best.name[-1]
    begin = level_without_trend(lanes, season) if best.name[1] == "N" else initial_states(lanes, season)
    return _forecast(smoothed(known_model(lanes, 0, best.name, begin), parameters_of(best, 0)), horizon)


def _theta(y: Floats, horizon: int, season_length: int) -> Floats:
    """Theta with two lines (Assimakopoulos & Nikolopoulos 2000), the season taken out by its own test."""
    seasonal = len(y) > 2 * season_length
    model = ThetaModel(
        y,
        period=season_length if seasonal else None,
        deseasonalize=seasonal,
        method="auto" if y.min() > 0 else "additive",
    )
    return np.asarray(model.fit().forecast(horizon, theta=2), dtype=np.float64)


def _sarimax(y: Floats, horizon: int, season_length: int) -> Floats:
    """(p,1,q)(0,1,1), or (p,1,q) below three years: the orders with the smallest AICc."""
    seasonal = (0, 1, 1, season_length) if len(y) >= SARIMA_YEARS * season_length else (0, 0, 0, 0)
    fits = [
        SARIMAX(y, order=order, seasonal_order=seasonal, concentrate_scale=True).fit(
            disp=False, maxiter=SARIMA_STEPS, cov_type="none"
        )
        for order in SARIMA_ORDERS
    ]
    best = min(fits, key=lambda fit: fit.aicc if np.isfinite(fit.aicc) else np.inf)
    return _forecast(best, horizon)


def _stl(y: Floats, horizon: int, season_length: int) -> Floats:
    """Season by robust STL (Cleveland et al. 1990), the rest by ETS with a damped trend, put together."""
    if len(y) <= 2 * season_length:
        raise CannotFit("it needs more than two years")
    parts = {"error": "add", "trend": "add", "damped_trend": True}
    model = STLForecast(y, ETSModel, model_kwargs=parts, period=season_length, robust=True)
    return _forecast(model.fit(fit_kwargs={"disp": False}), horizon)


def _line(y: Floats, horizon: int, season_length: int) -> Floats:
    try:
        return line_and_season(y, season_length).ahead(len(y), horizon)
    except Unfit as error:
        raise CannotFit(str(error)) from error


def _seasonal_naive(y: Floats, horizon: int, season_length: int) -> Floats:
    if len(y) < season_length:
        raise CannotFit("there is less than a year")
    return seasonal_naive(y, horizon, season_length)


def _year_mean(y: Floats, horizon: int, season_length: int) -> Floats:
    return recent_mean(y, horizon, season_length)


def _forecast(fit: object, horizon: int) -> Floats:
    return np.asarray(fit.forecast(horizon), dtype=np.float64)  # type: ignore[attr-defined]


MAKERS: dict[Method, Callable[[Floats, int, int], Floats]] = {
    Method.COMBINATION: _combination,
    Method.ETS: _ets,
    Method.THETA: _theta,
    Method.SARIMAX: _sarimax,
    Method.STL: _stl,
    Method.LINE: _line,
    Method.SEASONAL_NAIVE: _seasonal_naive,
    Method.YEAR_MEAN: _year_mean,
}
