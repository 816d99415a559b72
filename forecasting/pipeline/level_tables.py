"""What levels are made of ↔ their tables, by COPY."""

import csv
import datetime as dt
import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db import connection

from core.binary_copy import days, write_arrays
from forecasting.engine import Forecast
from forecasting.engine.coherence import BOUNDS, Fan, LeafForecasts
from forecasting.engine.levels import Key
from forecasting.engine.panel import Floats, Ints
from forecasting.engine.pin import PINNED
from forecasting.models import ForecastNode, ForecastNodeValue, ForecastRun, ForecastValue

NODES = (
    "run_id, family_id, market_id, unit_id, demand_units, method, reason, wape, bias, size, first_month, "
    "history, base, actual, predicted"
)
# Arrays as text: a hundred times faster read than by the driver, number by number.
LEAVES = """
    SELECT size, coalesce(price, 0), array_to_string(base, ','), array_to_string(actual, ',', 'nan'),
           array_to_string(predicted, ',', 'nan'), starts_with(method, %s)
    FROM forecasting_forecastseries WHERE run_id = %s ORDER BY demand_unit_id
"""
PRICES = """
    SELECT demand_unit_id, sum(revenue) FILTER (WHERE month > %(year_ago)s)::float8,
           sum(quantity) FILTER (WHERE month > %(year_ago)s)::float8, sum(revenue)::float8,
           sum(quantity)::float8
    FROM gathering_sales WHERE month <= %(last)s AND demand_unit_id = ANY(%(units)s)
    GROUP BY demand_unit_id
"""
BASE = ("mean", "half_80", "half_95", "told")  # the rows of ForecastSeries.base
FLOATS = ("mean", "lower_80", "upper_80", "lower_95", "upper_95")


@dataclass(frozen=True)
class NodeRow:
    """A node as its table keeps it: history (months,), base (horizon,) or empty, tests (cuts, horizon)."""

    key: Key
    demand_units: int
    method: str
    reason: str
    wape: float
    bias: float
    size: float
    history: Floats
    base: Floats
    actual: Floats
    predicted: Floats


def prices_of(units: list[int], last_month: dt.date) -> dict[int, float]:
    """What one of each demand unit earned on average in the twelve months before, else ever, in base
    currency; units that never earned anything are left out."""
    year_ago = last_month.replace(year=last_month.year - 1)
    with connection.cursor() as cursor:
        cursor.execute(PRICES, {"year_ago": year_ago, "last": last_month, "units": units})
        rows = cursor.fetchall()
    found = {}
    for unit, *of_year_and_ever in rows:
        for revenue, quantity in (of_year_and_ever[:2], of_year_and_ever[2:]):
            if unit not in found and quantity and quantity > 0:
                found[unit] = max(revenue / quantity, 0.0)
    return found


def read_leaves(run: ForecastRun, units: Ints) -> LeafForecasts:
    """How each unit was forecast by itself; raises LookupError unless these very units were."""
    with connection.cursor() as cursor:
        cursor.execute(LEAVES, [PINNED, run.pk])
        rows = cursor.fetchall()
    if len(rows) != len(units):
        raise LookupError(f"{len(rows)} series are stored, {len(units)} demand units are active.")
    cuts, horizon = int(run.settings["cuts"]), run.horizon
    parts = _stacked([row[2] for row in rows], (len(BASE), horizon))
    return LeafForecasts(
        base=parts[0],
        told=parts[3],
        fixed=np.array([row[5] for row in rows], dtype=bool) | parts[3].any(axis=0),
        half={level: parts[place] for place, level in enumerate(BOUNDS, start=1)},
        size=np.array([row[0] for row in rows], dtype=float),
        price=np.array([row[1] for row in rows], dtype=float),
        actual=_stacked([row[3] for row in rows], (cuts, horizon)),
        predicted=_stacked([row[4] for row in rows], (cuts, horizon)),
    )


def _stacked(texts: list[str], shape: tuple[int, int]) -> Floats:
    """Arrays written as text → (*shape, rows); NaN where there is none."""
    out = np.full((len(texts), shape[0] * shape[1]), np.nan)
    for place, text in enumerate(texts):
        if text:
            out[place] = np.fromstring(text, sep=",")
    return out.T.reshape(*shape, len(texts))


def copy_values(run: ForecastRun, units: Ints, months: list[dt.date], fan: Fan) -> None:
    """The months of the demand units."""
    columns = {
        "run_id": np.full(units.size * len(months), run.pk),
        **_months(units, months, "demand_unit_id"),
    }
    write_arrays(ForecastValue._meta.db_table, columns | _floats(fan), _kinds("run_id", "demand_unit_id"))


def copy_node_values(nodes: Ints, months: list[dt.date], fan: Fan) -> None:
    """The months of the nodes."""
    columns = _months(nodes, months, "node_id") | _floats(fan)
    write_arrays(ForecastNodeValue._meta.db_table, columns, _kinds("node_id"))


def _months(ids: Ints, months: list[dt.date], name: str) -> dict[str, Ints]:
    return {name: np.repeat(ids, len(months)), "month": np.tile(days(months), ids.size)}


def _floats(fan: Fan) -> dict[str, Floats]:
    parts = (fan.mean, fan.lower[80], fan.upper[80], fan.lower[95], fan.upper[95])
    return {name: part.T.ravel() for name, part in zip(FLOATS, parts, strict=True)}


def _kinds(*ids: str) -> dict[str, str]:
    return dict.fromkeys(ids, ">i8") | {"month": ">i4"} | dict.fromkeys(FLOATS, ">f8")


def copy_nodes(run: ForecastRun, first_month: dt.date, rows: Iterable[NodeRow]) -> None:
    """The nodes and how they were forecast."""
    text = io.StringIO()
    csv.writer(text).writerows([run.pk, *_cells(row, first_month)] for row in rows)
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {ForecastNode._meta.db_table} ({NODES}) FROM STDIN (FORMAT csv)", text)


def _cells(row: NodeRow, first_month: dt.date) -> list[object]:
    made = [*row.key, row.demand_units, row.method[:80], row.reason[:200]]
    figures = [_finite(row.wape), _finite(row.bias), row.size, first_month]
    tests = [array_text(row.actual), array_text(row.predicted)]
    return [*made, *figures, array_text(row.history), array_text(row.base), *tests]


def _finite(figure: float) -> float | None:
    return figure if np.isfinite(figure) else None


def base_of(made: Forecast, plain: Forecast, leads: list[bool]) -> Floats:
    """What levels need of units' own forecasts: (units, 4, horizon), in the order of BASE.

    plain: the same before planners' words; leads: whether a unit's history is its own, not its successor's.
    """
    told = made.mean - np.where(leads, plain.mean, 0.0)
    rows = (made.mean, *(made.upper[level] - made.mean for level in BOUNDS), told)
    return np.stack(rows).transpose(2, 0, 1)


def array_text(values: Floats) -> str:
    """An array of one or two dimensions as PostgreSQL writes it: null for NaN, empty if nothing is known."""
    if not np.isfinite(values).any():
        return "{}"
    rows = [
        "{" + ",".join("NULL" if x != x else repr(x) for x in row) + "}"
        for row in np.atleast_2d(values).tolist()
    ]
    return rows[0] if values.ndim == 1 else "{" + ",".join(rows) + "}"
