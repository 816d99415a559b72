"""The plan as rows: what was agreed for each demand unit and month, and what is supplied of it."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from django.db import connection

from planning.engine.canonical import fingerprint, number
from planning.engine.reconciliation import supplied
from planning.models import SupplyRun

NUMBERS = ("baseline", "consensus", "supplied", "price", "cost")
COLUMNS = ("demand_unit", "product", "market", "month", *NUMBERS)

# What a product delivers of the plan's demand: demand less what is lost and what is owed longer.
DELIVERED = """
    SELECT product_id, month,
           demand - backlog + coalesce(lag(backlog) OVER (PARTITION BY product_id ORDER BY month), 0)
               AS delivered
    FROM (
        SELECT product_id, month, sum(demand - lost) AS demand, sum(backlog) AS backlog
        FROM planning_supplyvalue WHERE run_id = %(run)s GROUP BY product_id, month
    ) by_product
"""
# Worked out once: with the statistics of tables just filled, it was worked out again for every row.
ROWS = f"""
    WITH delivered AS MATERIALIZED ({DELIVERED})
    SELECT v.demand_unit_id, p.code, m.code, v.month, v.baseline, v.quantity, v.price, v.cost,
           p.id, d.delivered
    FROM planning_demandvalue v
    JOIN catalog_demandunit u ON u.id = v.demand_unit_id
    JOIN catalog_product p ON p.id = u.product_id
    JOIN catalog_market m ON m.id = u.market_id
    LEFT JOIN delivered d ON d.product_id = p.id AND d.month = v.month
    WHERE v.version_id = %(version)s
    ORDER BY p.code COLLATE "C", m.code COLLATE "C", v.month
"""


class PlanRow(NamedTuple):
    """A demand unit in a month: units, and price and cost of a unit in base currency."""

    demand_unit: int
    product: str
    market: str
    month: dt.date
    baseline: float
    consensus: float
    supplied: float
    price: float
    cost: float

    def plain(self) -> list[str]:
        """The row as the canonical content and the export write it (COLUMNS)."""
        names = [str(self.demand_unit), self.product, self.market, self.month.isoformat()]
        return [*names, *map(number, self[4:])]


def plan_rows(run: SupplyRun) -> list[PlanRow]:
    """Every demand unit and month of the demand version that the run supplies, by code and month."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"run": run.pk, "version": run.version_id})
        found = cursor.fetchall()
    given = _supplied(found)
    return [
        PlanRow(unit, product, market, month, baseline, consensus, float(share), price, cost)
        for (unit, product, market, month, baseline, consensus, price, cost, *_), share in zip(
            found, given, strict=True
        )
    ]


def _supplied(found: list[tuple]) -> np.ndarray:
    """The share of each row: one group for each product and month."""
    places: dict[tuple[int, dt.date], int] = {}
    group = np.array([places.setdefault((row[8], row[3]), len(places)) for row in found], dtype=np.int64)
    delivered = np.full(len(places), np.nan)
    for place, row in zip(group, found, strict=True):
        if row[9] is not None:
            delivered[place] = row[9]
    consensus = np.array([row[5] for row in found], dtype=np.float64)
    return supplied(consensus, group, delivered) if found else consensus


def values_of(rows: Iterable[PlanRow]) -> list[list[str]]:
    """The rows as lists of text, as the canonical content holds them. Codes are those of that day; the
    number of the demand unit stays when a product or market gets another code."""
    return [row.plain() for row in rows]


def hash_of_values(values: list[list[str]]) -> str:
    """SHA-256 over the canonical text of the values: what signatures stand under."""
    return fingerprint(values)
