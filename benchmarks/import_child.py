"""The measured import itself, step by step. Runs in the child process of import_lines."""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from django.db import connection

from gathering.pipeline.committing import commit_staged
from gathering.pipeline.reading import Silent
from gathering.pipeline.summing import all_sums
from gathering.services.imports import import_now

SAME = """
    SELECT count(*)
    FROM ({sums}) AS wanted(unit, month, quantity, revenue, cost, back, back_money, lines, run)
    FULL JOIN gathering_sales s ON s.demand_unit_id = wanted.unit AND s.month = wanted.month
    WHERE ROW(s.quantity, s.revenue, s.cost, s.lines)
          IS DISTINCT FROM ROW(wanted.quantity, wanted.revenue, wanted.cost, wanted.lines)
"""


def main() -> None:
    """Import the file of the command line and print what was measured as JSON."""
    connection.settings_dict["NAME"] = os.environ["BENCH_DATABASE"]
    found = import_and_measure(Path(sys.argv[1]))
    found["megabytes"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(found))


def import_and_measure(path: Path) -> dict[str, Any]:
    """Upload, read, check and commit the file; then compare Sales with a full sum of the lines."""
    started = time.perf_counter()
    with path.open("rb") as file:
        run = import_now(actor=None, file=file, file_name=path.name, dataset="sales", dry_run=True)
    checked = time.perf_counter()
    commit_staged(run, Silent())
    committed = time.perf_counter()
    return {
        "seconds": committed - started,
        "steps": {
            "read, validate, stage, preview": round(checked - started, 2),
            "commit and sum": round(committed - checked, 2),
        },
        "sums_agree": _differences() == 0,
    }


def _differences() -> int:
    query, params = all_sums()
    with connection.cursor() as cursor:
        cursor.execute(SAME.format(sums=query), params)
        return cursor.fetchone()[0]
