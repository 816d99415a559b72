"""What one series' page reads beside the series: the forecast before it, its back-tests by months ahead."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.db.models import Case, IntegerField, Value, When

from catalog.engine.months import add_months, months_apart
from core.models import Person
from forecasting.engine.horizons import Ahead, by_horizon, last_year_at_cuts, seasonal_step
from forecasting.engine.panel import Floats
from forecasting.models import ForecastRun, ForecastSeries, ForecastValue, RunState
from forecasting.selectors.values import series_of_unit, values_of_series

SEASON = 12


@dataclass(frozen=True)
class Before:
    """The forecast before a series' own: its run, and the mean of each month."""

    run: ForecastRun
    means: dict[dt.date, float]


@dataclass(frozen=True)
class Cut:
    """A back-test: what would have been forecast at the end of `made`, by month."""

    made: dt.date
    predicted: dict[dt.date, float]


def forecast_before(user: Person | None, series: ForecastSeries) -> Before | None:
    """The newest forecast of the same demand unit on earlier data, else the one before it on the same."""
    last = series.run.last_month
    rows = series_of_unit(user, series.demand_unit_id).filter(
        run__state=RunState.DONE, run__lt=series.run_id, run__last_month__lte=last
    )
    same = Case(When(run__last_month=last, then=Value(1)), default=Value(0), output_field=IntegerField())
    found = rows.order_by(same, "-run__last_month", "-run").first()
    if found is None:
        return None
    return Before(found.run, {value.month: value.mean for value in values_of_series(user, found)})


def cuts_of(series: ForecastSeries) -> list[Cut]:
    """The back-tests of a series, the newest cut first; those that could not be made are left out."""
    found = []
    for made, line in zip(_cut_months(series), series.predicted, strict=False):
        known = {
            add_months(made, ahead): value for ahead, value in enumerate(line, start=1) if value is not None
        }
        if known:
            found.append(Cut(made, known))
    return found


def horizons_of(series: ForecastSeries, sold: dict[dt.date, float]) -> list[Ahead]:
    """How far off the back-tests were by months ahead, beside last year's value at the same cuts."""
    if not series.predicted:
        return []
    history = history_up_to(sold, series.run.last_month)
    actual, predicted = _matrix(series.actual), _matrix(series.predicted)
    backs = [months_apart(made, series.run.last_month) for made in _cut_months(series)][: len(actual)]
    naive = last_year_at_cuts(history, backs, actual.shape[1], SEASON)
    return by_horizon(actual, predicted, naive, seasonal_step(history, SEASON))


def history_up_to(sold: dict[dt.date, float], last: dt.date) -> Floats:
    """The months from the first sale to the last known one of a run, 0 where nothing was sold."""
    known = [month for month in sold if month <= last]
    if not known:
        return np.empty(0)
    first = min(known)
    return np.array([sold.get(add_months(first, at), 0.0) for at in range(months_apart(first, last) + 1)])


def _cut_months(series: ForecastSeries) -> list[dt.date]:
    """The last known month of each cut, as the run's settings say."""
    settings = series.run.settings
    backs = [
        settings.get("horizon", series.run.horizon) + cut * settings.get("cut_step", 0)
        for cut in range(settings.get("cuts", 0))
    ]
    return [add_months(series.run.last_month, -back) for back in backs]


def _matrix(rows: list[list[float | None]]) -> Floats:
    return np.array([[np.nan if cell is None else cell for cell in row] for row in rows], dtype=np.float64)


def own_means(series: ForecastSeries, values: list[ForecastValue]) -> dict[dt.date, float]:
    """The engine's own forecast by month, before all levels add up and before what planners said of the
    unit's life; the stored one where a run kept no other."""
    stored = {value.month: value.mean for value in values}
    if not series.base:
        return stored
    mean, said = series.base[0], series.base[3]
    return {month: (mean[at] or 0.0) - (said[at] or 0.0) for at, month in enumerate(sorted(stored))}
