"""A forecast → its two tables, by COPY."""

import csv
import io
from collections.abc import Iterable

import numpy as np
from django.db import connection

from catalog.engine.months import add_months
from forecasting.engine import Forecast
from forecasting.models import ForecastRun, ForecastSeries, ForecastValue

SERIES = "run_id, demand_unit_id, method, reason, mase, wape, bias"
VALUES = "run_id, demand_unit_id, month, mean, lower_80, upper_80, lower_95, upper_95"


def copy_forecast(run: ForecastRun, result: Forecast) -> None:
    """Write the series and values of some demand units. Call it inside a transaction."""
    _copy(f"{ForecastSeries._meta.db_table} ({SERIES})", _series(run, result))
    _copy(f"{ForecastValue._meta.db_table} ({VALUES})", _values(run, result))


def _series(run: ForecastRun, result: Forecast) -> Iterable[list[object]]:
    accuracy = result.accuracy
    for place, unit in enumerate(result.ids):
        figures = (accuracy.mase[place], accuracy.wape[place], accuracy.bias[place])
        known = [float(figure) if np.isfinite(figure) else None for figure in figures]
        yield [run.pk, unit, result.methods[place][:80], result.reasons[place][:200], *known]


def _values(run: ForecastRun, result: Forecast) -> Iterable[list[object]]:
    parts = (
        result.mean,
        result.lower[80],
        result.upper[80],
        result.lower[95],
        result.upper[95],
    )
    cells = np.stack(parts, axis=-1).tolist()  # months × units × 5
    months = [add_months(run.last_month, ahead) for ahead in range(1, run.horizon + 1)]
    for place, unit in enumerate(result.ids):
        for row, month in enumerate(months):
            yield [run.pk, unit, month, *cells[row][place]]


def _copy(target: str, rows: Iterable[list[object]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)  # None is an empty cell, which COPY reads as null
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN (FORMAT csv)", text)
