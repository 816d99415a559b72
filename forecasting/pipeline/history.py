"""Sales by month → the engine's panel, and a hash that tells whether they are still the same.

A month without a row means different things (docs/adr/0009-forecast-chunks.md):

- before a unit's first sale: nothing is known yet, NaN; the series begins with its first sale;
- after it, where anybody bought anything that month: nothing of this unit was sold, 0;
- where nobody bought anything at all: the month is missing from the data, NaN, a gap to the engine.
"""

import datetime as dt
import hashlib
import json
from typing import Any

import numpy as np
from django.db import connection

from catalog.engine.months import add_months, months_apart
from catalog.models import DemandUnit
from forecasting.engine import VERSION, Panel, Settings
from forecasting.engine.panel import Floats
from forecasting.pipeline.level_places import levels_hash
from forecasting.pipeline.steering import lines_of, marks_of, steering_hash

KNOWN_MONTHS = """
    SELECT m::date FROM generate_series(
        (SELECT min(month) FROM gathering_sales), %s::date, interval '1 month') m
    WHERE EXISTS (SELECT 1 FROM gathering_sales s WHERE s.month = m::date)
"""
SOLD = """
    SELECT demand_unit_id, month, quantity::float8 FROM gathering_sales
    WHERE month <= %s AND demand_unit_id = ANY(%s)
"""
# One line per active demand unit, so that a unit without any sales counts, too.
DIGEST = """
    SELECT encode(sha256(convert_to(coalesce(string_agg(line, ';' ORDER BY id), ''), 'UTF8')), 'hex')
    FROM (
        SELECT d.id, d.id || ':' || coalesce(
            md5(string_agg(s.month || '=' || s.quantity, ',' ORDER BY s.month)), '') AS line
        FROM catalog_demandunit d
        LEFT JOIN gathering_sales s ON s.demand_unit_id = d.id AND s.month <= %s
        WHERE d.is_active GROUP BY d.id
    ) lines
"""


def history_hash(last_month: dt.date) -> str:
    """SHA-256 over the data that a run reads: the active units, and their history up to a month."""
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, [last_month])
        return str(cursor.fetchone()[0])


def work_hash(
    history: str,
    last_month: dt.date,
    settings: Settings,
    started_from: int | None,
    pins: dict[str, dict[str, Any]] | None = None,
) -> str:
    """SHA-256 over everything a run's numbers depend on: its data (`history_hash`), what planners said
    about it, the trees, settings, engine, and the run whose parameters it starts from."""
    said = f"{steering_hash(last_month)}|{levels_hash(last_month)}"
    work = f"{history}|{last_month}|{settings}|{VERSION}|{started_from}|{said}|{_pinned(pins)}"
    return hashlib.sha256(work.encode()).hexdigest()


def _pinned(pins: dict[str, dict[str, Any]] | None) -> str:
    return json.dumps(pins, sort_keys=True) if pins else ""


def active_units(first: int = 0, last: int | None = None) -> list[int]:
    """The ids of the active demand units in a range of ids, in order."""
    units = DemandUnit.objects.filter(is_active=True, pk__gte=first)
    if last is not None:
        units = units.filter(pk__lte=last)
    return list(units.order_by("pk").values_list("pk", flat=True))


def load_panel(units: list[int], last_month: dt.date) -> Panel:
    """The gross quantities of these demand units up to a month: (months, units), the newest last.

    Units that follow each other have one history, the sum of theirs; what people and dated events say
    about its months marks them, whichever of the units they name.
    """
    lines = lines_of()
    members = [lines[unit].units if unit in lines else (unit,) for unit in units]
    needed = sorted({unit for inside in members for unit in inside})
    own = own_values(needed, last_month)
    place = {unit: at for at, unit in enumerate(needed)}
    columns = [_joint(own[:, [place[unit] for unit in inside]]) for inside in members]
    values = np.stack(columns, axis=1) if columns else own
    first = add_months(last_month, 1 - len(values))
    masked, kept = marks_of(units, members, first, last_month)
    return Panel(tuple(str(unit) for unit in units), values, masked=masked, kept=kept)


def own_values(units: list[int], last_month: dt.date) -> Floats:
    """What each demand unit itself sold, (months, units), from the first month of the data on."""
    known = known_months(last_month)
    with connection.cursor() as cursor:
        cursor.execute(SOLD, [last_month, units])
        sold = cursor.fetchall()
    first = known[0] if known else last_month
    values = np.full((months_apart(first, last_month) + 1, len(units)), np.nan)
    values[[months_apart(first, month) for month in known]] = 0.0
    column = {unit: place for place, unit in enumerate(units)}
    for unit, month, quantity in sold:
        values[months_apart(first, month), column[unit]] = quantity
    _forget_before_first_sale(values)
    return values


def known_months(last_month: dt.date) -> list[dt.date]:
    """The months up to one in which anybody bought anything."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_MONTHS, [last_month])
        return [month for (month,) in cursor.fetchall()]


def _joint(values: Floats) -> Floats:
    """The sum of some histories, NaN where none of them is known."""
    if values.shape[1] == 1:
        return values[:, 0]
    known = np.isfinite(values).any(axis=1)
    return np.where(known, np.nansum(values, axis=1), np.nan)


def first_months(panel: Panel, last_month: dt.date) -> list[dt.date]:
    """The month in which each series begins; the month after the last where none does."""
    return [add_months(last_month, 1 - len(y)) for y in panel.series()]


def _forget_before_first_sale(values: Floats) -> None:
    """NaN until a series' first sale, in place; all of it where there is none."""
    begun = np.maximum.accumulate(np.nan_to_num(values) != 0, axis=0)
    values[~begun] = np.nan
