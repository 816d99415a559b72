"""How demand units were forecast → its table, by COPY."""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import numpy as np
from django.db import connection

from catalog.engine.months import add_months
from forecasting.engine import Forecast
from forecasting.engine.panel import Floats
from forecasting.engine.stories import Story
from forecasting.models import ForecastRun, ForecastSeries
from forecasting.pipeline.level_tables import array_text

SERIES = (
    "run_id, demand_unit_id, method, reason, mase, wape, bias, rmsse, smape, size, members, best, "
    "parameters, components, cleaned, start, without_pin, actual, predicted, base, price"
)
EMPTY_TEXT = ", FORCE_NOT_NULL (best)"  # an empty cell is null elsewhere


def copy_forecast(
    run: ForecastRun,
    result: Forecast,
    first_months: Sequence[dt.date],
    base: Floats,
    prices: Sequence[float | None],
) -> None:
    """Write how some demand units were forecast; call it inside a transaction.

    `first_months`: in which each series begins. `base`: (units, 4, horizon), what all levels are made to add
    up from; the months themselves are written then (forecasting/pipeline/levels.py). `prices`: what one of
    each unit earned.
    """
    rows = zip(_series(run, result, first_months), base, prices, strict=True)
    _copy(
        f"{ForecastSeries._meta.db_table} ({SERIES})",
        ([*row, array_text(own), price] for row, own, price in rows),
        EMPTY_TEXT,
    )


def _series(run: ForecastRun, result: Forecast, first_months: Sequence[dt.date]) -> Iterable[list[object]]:
    accuracy = result.accuracy
    for place, unit in enumerate(result.ids):
        figures = (accuracy.mase, accuracy.wape, accuracy.bias, accuracy.rmsse, accuracy.smape)
        known = [_finite(figure[place]) for figure in figures]
        made = [run.pk, unit, result.methods[place][:80], result.reasons[place][:400]]
        story = _story(result.stories[place], first_months[place])
        tests = (array_text(result.actual[:, :, place]), array_text(result.predicted[:, :, place]))
        yield [*made, *known, *story, *tests]


def _finite(figure: float) -> float | None:
    return float(figure) if np.isfinite(figure) else None


def _story(story: Story, first_month: dt.date) -> list[object]:
    """size, members, best, parameters, components, cleaned, start, without_pin: as the table keeps them."""
    parts = story.components
    cleaned = [
        [add_months(first_month, point.place).isoformat(), point.was, point.now, point.reason]
        for point in story.cleaned
    ]
    return [
        story.size,
        json.dumps([[member.name, round(member.weight, 4)] for member in story.members]),
        story.best,
        json.dumps(story.parameters),
        json.dumps(asdict(parts)) if parts else None,
        json.dumps(cleaned),
        json.dumps(story.start) if story.start else None,
        _without_pin(story),
    ]


def _without_pin(story: Story) -> str | None:
    """MASE, WAPE and bias of the route, where a pin took its place."""
    if story.without_pin is None:
        return None
    return json.dumps(
        dict(zip(("mase", "wape", "bias"), (_finite(x) for x in story.without_pin), strict=True))
    )


def _copy(target: str, rows: Iterable[list[object]], options: str = "") -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)  # None is an empty cell, which COPY reads as null
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN (FORMAT csv{options})", text)
