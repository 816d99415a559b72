"""1,000,000 order lines end to end, against a bare COPY of the very same rows.

    python -m benchmarks import_lines            one million lines
    python -m benchmarks import_lines --large    ten million as well

The import runs in a process of its own, so that its peak memory is its own. The baseline is measured
in the same minute on the same server: COPY of the committed rows into a table with the same key,
indexes and checks, and into one without any. The lines are those of a company with 960 demand units over
five years, some 58,000 months of sales.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from django.db import connection

LINES, LARGE = 1_000_000, 10_000_000
PRODUCTS, MARKETS, ACCOUNTS = 120, 8, 2_000
BAR_RATIO, BAR_MEGABYTES = 4.0, 500
CHILD = "import django; django.setup(); from benchmarks.import_child import main; main()"
HEADER = "order_number,line,day,product,market,account,quantity,unit_price,revenue,cost,currency\n"


def run(*, large: bool = False) -> dict[str, Any]:
    """Measure one million lines, and ten million on request."""
    found = measure(LINES)
    return found | {"large": measure(LARGE)} if large else found


def measure(count: int) -> dict[str, Any]:
    """Import `count` generated lines and copy the same rows barely; leaves no rows behind."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.csv"
        write_lines(path, count)
        _prepare_catalog()
        child = _import_in_a_process(path)
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
        baseline = _copy_seconds(Path(folder) / "rows.csv")
        _forget()
    ratio = child["seconds"] / baseline["same_table"]
    return {
        "lines": count,
        "import_seconds": round(child["seconds"], 2),
        "steps": child["steps"],
        "copy_seconds": round(baseline["same_table"], 2),
        "copy_without_indexes_seconds": round(baseline["heap"], 2),
        "ratio": round(ratio, 2),
        "peak_megabytes": child["megabytes"],
        "sums_agree": child["sums_agree"],
        "passes": ratio <= BAR_RATIO and child["megabytes"] <= BAR_MEGABYTES and child["sums_agree"],
    }


def write_lines(path: Path, count: int, seed: int = 7) -> None:
    """Order lines as a shop writes them: three to an order, days over five years."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for number in range(count):
            quantity, price = chance.randint(1, 40), chance.randint(100, 90_000) / 100
            product, market, account = (
                chance.randrange(PRODUCTS),
                chance.randrange(MARKETS),
                chance.randrange(ACCOUNTS),
            )
            day = f"{2021 + number % 5}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
            file.write(
                f"SO{number // 3:08d},{number % 3 + 1},{day},P{product:05d},M{market:02d},A{account:05d},"
                f"{quantity},{price:.2f},{quantity * price:.2f},{quantity * price * 0.62:.2f},EUR\n"
            )


def _prepare_catalog() -> None:
    statements = [
        "INSERT INTO catalog_currency (code, name) VALUES ('EUR', 'Euro') ON CONFLICT DO NOTHING",
        "INSERT INTO catalog_unit (code, name, revision) VALUES ('PCS', 'Piece', 1) ON CONFLICT DO NOTHING",
        "INSERT INTO catalog_family (code, name, revision) VALUES ('BENCH', 'B', 1) ON CONFLICT DO NOTHING",
        f"""
        INSERT INTO catalog_product (code, name, family_id, unit_id, life_cycle, revision)
        SELECT 'P' || to_char(n, 'FM00000'), 'Product ' || n, f.id, u.id, 'active', 1
        FROM generate_series(0, {PRODUCTS - 1}) n, catalog_family f, catalog_unit u
        WHERE f.code = 'BENCH' AND u.code = 'PCS' ON CONFLICT DO NOTHING
        """,
        f"""
        INSERT INTO catalog_market (code, name, kind, revision)
        SELECT 'M' || to_char(n, 'FM00'), 'Market ' || n, 'region', 1
        FROM generate_series(0, {MARKETS - 1}) n ON CONFLICT DO NOTHING
        """,
        f"""
        INSERT INTO crm_account (code, name, industry, country, region, city, is_active, revision)
        SELECT 'A' || to_char(n, 'FM00000'), 'Account ' || n, '', '', '', '', true, 1
        FROM generate_series(0, {ACCOUNTS - 1}) n ON CONFLICT DO NOTHING
        """,
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _import_in_a_process(path: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", CHILD, str(path)]
    environment = os.environ | {"BENCH_DATABASE": connection.settings_dict["NAME"]}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _copy_seconds(rows: Path) -> dict[str, float]:
    """Seconds of a bare COPY of the committed rows, with and without the table's indexes and checks."""
    with connection.cursor() as cursor, rows.open("wb") as file:
        cursor.copy_expert("COPY gathering_salesline TO STDOUT (FORMAT csv)", file)
    kinds = {"same_table": "INCLUDING ALL", "heap": ""}
    return {  # the better of two: a disturbance must not make the import look good
        name: min(_copy_into(f"bench_{name}", including, rows) for _ in range(2))
        for name, including in kinds.items()
    }


def _copy_into(table: str, including: str, rows: Path) -> float:
    with connection.cursor() as cursor, rows.open("rb") as file:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TABLE {table} (LIKE gathering_salesline {including})")
        started = time.perf_counter()
        cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv)", file)
        seconds = time.perf_counter() - started
        cursor.execute(f"DROP TABLE {table}")
    return seconds


def _forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE gathering_salesline, gathering_sales RESTART IDENTITY")
        cursor.execute("UPDATE gathering_importrun SET state = 'cancelled', committed = NULL")
