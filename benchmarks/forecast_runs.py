"""A forecast of 10,000 demand units × 60 months: through Celery, by the worker, into PostgreSQL.

    python -m benchmarks forecast_runs

The whole is timed from the moment somebody asks for the run until it is done; memory is the most that any
process of the worker ever held. Rows are compared with a bare COPY of the same rows into the same tables.
"""

import json
import re
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.product import Product

UNITS, MONTHS, HORIZON = 10_000, 60, 18
BAR_SECONDS, BAR_MEGABYTES, BAR_COPY = 25.0, 400.0, 0.50
START = """
import datetime as dt
from forecasting.services.runs import start_run
print(start_run(actor=None, last_month=dt.date.fromisoformat("{last}"), horizon={horizon}).pk)
"""
WRITING = """
import json
from benchmarks.forecast_writing import measure
print(json.dumps(measure({run})))
"""
STATE = "SELECT state FROM forecasting_forecastrun WHERE id = {run}"
SPENT = """
    SELECT extract(epoch FROM finished - created)::float8, series,
        (SELECT count(*) FROM forecasting_forecastvalue WHERE run_id = r.id)
    FROM forecasting_forecastrun r WHERE id = {run}
"""


def run() -> dict[str, Any]:
    """Seconds, memory and the speed of writing, in a product of its own; the second run starts warm."""
    with tempfile.TemporaryDirectory(prefix="sopcycle-bench-") as folder:
        product = Product(Path(folder))
        try:
            product.start()
            product.shell(f"from benchmarks.forecast_company import make; make({UNITS}, {MONTHS})")
            product.revive("worker")
            product.wait_until(lambda: _answers(product), "the worker")
            cold = _measured(product, "2024-11-01")
            warm = _measured(product, "2024-12-01")
            writing = json.loads(product.shell(WRITING.format(run=warm["run"])))
        finally:
            product.stop()
    passes = (
        max(cold["seconds"], warm["seconds"]) <= BAR_SECONDS
        and warm["megabytes_of_a_worker"] <= BAR_MEGABYTES
        and writing["of_bare_copy"] >= BAR_COPY
    )
    return {"cold": cold, "warm": warm, "writing": writing, "passes": passes}


def _answers(product: Product) -> bool:
    """Whether the worker is there: it needs seconds to start, which no run has to wait for."""
    try:
        product.module("celery", "--app", "sopcycle.celery", "inspect", "ping", "--timeout", "2")
    except RuntimeError:
        return False
    return True


def _measured(product: Product, last: str) -> dict[str, Any]:
    run = int(product.shell(START.format(last=last, horizon=HORIZON)))
    product.wait_until(lambda: product.rows(STATE.format(run=run))[0][0] == "done", "the forecast")
    ((seconds, series, values),) = product.rows(SPENT.format(run=run))
    return {
        "run": run,
        "seconds": round(seconds, 1),
        "series": series,
        "values": values,
        "series_per_second": round(series / seconds),
        "megabytes_of_a_worker": max(_most_memory(pid) for pid in product.processes("worker")),
    }


def _most_memory(process: int) -> float:
    """The most that a process ever held, in megabytes."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return round(int(found[1]) / 1024, 1) if found else 0.0


if __name__ == "__main__":
    begun = time.monotonic()
    print(json.dumps(run(), indent=2), round(time.monotonic() - begun))
