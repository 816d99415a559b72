"""How fast a run's months are written, against a bare COPY of the same rows, ready as text, into a table
without any index, trigger or constraint.

    manage.py shell -c "from benchmarks.forecast_writing import measure; print(measure(run_id))"
"""

import io
import statistics
import time
from collections.abc import Callable

import numpy as np
from django.db import connection, transaction

from catalog.engine.months import months_from
from core.binary_copy import read_arrays
from forecasting.engine.coherence import Fan
from forecasting.models import ForecastRun, ForecastValue
from forecasting.pipeline.level_tables import copy_values

ROUNDS = 5
READ = """
    SELECT demand_unit_id AS unit, month, mean, lower_80, upper_80, lower_95, upper_95
    FROM forecasting_forecastvalue WHERE run_id = %s ORDER BY demand_unit_id, month
"""
KINDS = {"unit": ">i8", "month": ">i4"} | dict.fromkeys(
    ("mean", "lower_80", "upper_80", "lower_95", "upper_95"), ">f8"
)
BARE = "CREATE TABLE bare (LIKE forecasting_forecastvalue)"  # rolled back with the rest
NOWHERE = 2**40  # no such run


def measure(run_id: int) -> dict[str, float]:
    """Rows a second, both ways, in turns; nothing is kept."""
    run = ForecastRun.objects.get(pk=run_id)
    found = read_arrays(READ, [run_id], KINDS)
    units = np.unique(found["unit"])
    months = months_from(run.last_month, run.horizon + 1)[1:]
    parts = {name: found[name].reshape(units.size, -1).T for name, kind in KINDS.items() if kind == ">f8"}
    fan = Fan(
        parts["mean"],
        {80: parts["lower_80"], 95: parts["lower_95"]},
        {80: parts["upper_80"], 95: parts["upper_95"]},
    )
    text = _as_text(ForecastValue._meta.db_table, run_id)
    run.pk = NOWHERE
    pairs = [
        (_timed(lambda: copy_values(run, units, months, fan)), _timed(lambda: _bare(text)))
        for _ in range(ROUNDS)
    ]
    ours, bare = (found["unit"].size / statistics.median(times) for times in zip(*pairs, strict=True))
    return {
        "rows": found["unit"].size,
        "rows_per_second": round(ours),
        "bare_copy_rows_per_second": round(bare),
        "of_bare_copy": round(ours / bare, 3),
    }


def _timed(work: Callable[[], None]) -> float:
    with transaction.atomic():
        begun = time.perf_counter()
        work()
        spent = time.perf_counter() - begun
        transaction.set_rollback(True)
    return spent


def _as_text(table: str, run_id: int) -> str:
    text = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY (SELECT * FROM {table} WHERE run_id = {run_id}) TO STDOUT", text)
    return text.getvalue()


def _bare(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE)
        cursor.copy_expert("COPY bare FROM STDIN", io.StringIO(text))
