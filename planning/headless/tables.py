"""The files of a headless cycle: the released plan and its pack, the forecast, the supply plan."""

import csv
from pathlib import Path
from typing import Any

from django.db import connection

from planning.models import Cycle, Release
from planning.pipeline.pack_content import pack_of_release
from planning.pipeline.pack_files import FILES

PACK = {"plan.csv": "csv", "plan.xlsx": "xlsx", "pack.pdf": "pdf"}

FORECAST = """
    SELECT p.code || '|' || m.code, v.month, v.mean, v.lower_80, v.upper_80, v.lower_95, v.upper_95, s.method
    FROM forecasting_forecastvalue v
    JOIN catalog_demandunit u ON u.id = v.demand_unit_id
    JOIN catalog_product p ON p.id = u.product_id
    JOIN catalog_market m ON m.id = u.market_id
    JOIN forecasting_forecastseries s ON s.run_id = v.run_id AND s.demand_unit_id = v.demand_unit_id
    WHERE v.run_id = %s
    ORDER BY p.code COLLATE "C", m.code COLLATE "C", v.month
"""
FORECAST_COLUMNS = ("unique_id", "ds", "mean", "lo-80", "hi-80", "lo-95", "hi-95", "model")

SUPPLY = """
    SELECT p.code, s.code, v.month, v.demand, v.make, v.buy, v.stock, v.target, v.backlog, v.lost
    FROM planning_supplyvalue v
    JOIN catalog_product p ON p.id = v.product_id
    JOIN catalog_site s ON s.id = v.site_id
    WHERE v.run_id = %s
    ORDER BY p.code COLLATE "C", s.code COLLATE "C", v.month
"""
SUPPLY_COLUMNS = (
    *("product", "site", "month", "demand", "make", "buy", "stock", "target", "backlog", "lost"),
)


def write_tables(cycle: Cycle, release: Release, out: Path) -> dict[str, int]:
    """Write forecast.csv and supply.csv; how many rows each has. All in units."""
    forecast, supply = _rows(FORECAST, cycle.forecast_run_id), _rows(SUPPLY, release.run_id)
    return {
        "forecast.csv": _write(out / "forecast.csv", FORECAST_COLUMNS, forecast),
        "supply.csv": _write(out / "supply.csv", SUPPLY_COLUMNS, supply),
    }


def write_pack(release: Release, out: Path) -> dict[str, int]:
    """Write plan.csv, plan.xlsx and pack.pdf as the release page gives them; the bytes of each."""
    pack = pack_of_release(release)
    sizes = {}
    for name, kind in PACK.items():
        content = FILES[kind](pack)
        (out / name).write_bytes(content)
        sizes[name] = len(content)
    return sizes


def _rows(sql: str, key: int | None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [key])
        return cursor.fetchall()


def _write(path: Path, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> int:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_plain(value) for value in row] for row in rows)
    return len(rows)


def _plain(value: Any) -> Any:
    """Numbers without the noise behind the sixth decimal."""
    return round(value, 6) + 0.0 if isinstance(value, float) else value
