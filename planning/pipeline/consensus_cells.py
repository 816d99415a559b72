"""The tables of the working consensus: cells and totals read and written as arrays."""

import datetime as dt
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from catalog.models import DemandUnit, Product
from core.binary_copy import days, read_arrays, write_arrays
from planning.models import ConsensusCell, ConsensusTotal, Cycle
from planning.pipeline.consensus_rates import Rates
from planning.selectors.demand_coverage import Coverage

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CELLS = ConsensusCell._meta.db_table
TOTALS = ConsensusTotal._meta.db_table
SPEAKERS = ("sales", "marketing", "finance", "pipeline")
STREAMS = ("baseline", *SPEAKERS, "events")
KINDS = {"cycle_id": ">i8", "demand_unit_id": ">i8", "month": ">i4"} | dict.fromkeys(
    (*STREAMS, "quantity", "price", "cost"), ">f8"
)
TOTAL_KINDS = {"cycle_id": ">i8", "family_id": ">i8", "market_id": ">i8", "month": ">i4"} | dict.fromkeys(
    ("baseline", "quantity", "baseline_revenue", "revenue", "cost"), ">f8"
)
ADD_TOTALS = f"""
    INSERT INTO {TOTALS}
        (cycle_id, family_id, market_id, month, baseline, quantity, baseline_revenue, revenue, cost)
    SELECT c.cycle_id, p.family_id, d.market_id, c.month, sum(c.baseline), sum(c.quantity),
           sum(c.baseline * c.price), sum(c.quantity * c.price), sum(c.quantity * c.cost)
    FROM {CELLS} c
    JOIN {DemandUnit._meta.db_table} d ON d.id = c.demand_unit_id
    JOIN {Product._meta.db_table} p ON p.id = d.product_id
    WHERE c.cycle_id = %(cycle)s AND c.month = ANY(%(months)s::date[])
      AND p.family_id = ANY(%(families)s::bigint[]) AND d.market_id = ANY(%(markets)s::bigint[])
    GROUP BY c.cycle_id, p.family_id, d.market_id, c.month
"""
DROP_TOTALS = f"""
    DELETE FROM {TOTALS}
    WHERE cycle_id = %(cycle)s AND month = ANY(%(months)s::date[])
      AND family_id = ANY(%(families)s::bigint[]) AND market_id = ANY(%(markets)s::bigint[])
"""
READ_CELLS = f"""
    SELECT demand_unit_id, {", ".join(f"coalesce({name}, 'NaN')" for name in STREAMS)}
    FROM {CELLS}
    WHERE cycle_id = %s AND month = %s AND demand_unit_id = ANY(%s::bigint[])
    ORDER BY demand_unit_id
"""
PUT_CELLS = """
    UPDATE {cells} c SET {column} = nullif(n.said, 'NaN'), quantity = n.quantity
    FROM unnest(%s::bigint[], %s::float8[], %s::float8[]) AS n(unit, said, quantity)
    WHERE c.cycle_id = %s AND c.month = %s AND c.demand_unit_id = n.unit
"""


def drop_all(cycle: Cycle) -> None:
    """Take every cell and total of the cycle away, to write them anew."""
    with connection.cursor() as cursor:
        for table in (CELLS, TOTALS):
            cursor.execute(f"DELETE FROM {table} WHERE cycle_id = %s", [cycle.pk])


def write_cells(
    cycle: Cycle, ids: Ints, months: list[dt.date], values: dict[str, Floats], rates: Rates
) -> int:
    """Copy the cells in: `values` by column (units, months), NaN for nothing said. How many were written."""
    count = ids.size * len(months)
    columns: dict[str, NDArray[Any]] = {
        "cycle_id": np.full(count, cycle.pk, dtype=np.int64),
        "demand_unit_id": np.repeat(ids, len(months)),
        "month": np.tile(days(months), ids.size),
        **{name: matrix.ravel() for name, matrix in values.items()},
        "price": rates.price.ravel(),
        "cost": rates.cost.ravel(),
    }
    return write_arrays(CELLS, columns, KINDS)


def write_totals(
    cycle: Cycle, coverage: Coverage, months: list[dt.date], values: dict[str, Floats], rates: Rates
) -> None:
    """The sums by family, market and month: the same as `put_totals` finds in the table."""
    places, group = np.unique(
        np.stack([coverage.families, coverage.markets], axis=1), axis=0, return_inverse=True
    )
    baseline, quantity = values["baseline"], values["quantity"]
    summed = {
        "baseline": baseline,
        "quantity": quantity,
        "baseline_revenue": baseline * rates.price,
        "revenue": quantity * rates.price,
        "cost": quantity * rates.cost,
    }
    count = len(places) * len(months)
    columns: dict[str, NDArray[Any]] = {
        "cycle_id": np.full(count, cycle.pk, dtype=np.int64),
        "family_id": np.repeat(places[:, 0], len(months)),
        "market_id": np.repeat(places[:, 1], len(months)),
        "month": np.tile(days(months), len(places)),
    }
    for name, matrix in summed.items():
        sums = np.zeros((len(places), len(months)))
        np.add.at(sums, group.ravel(), matrix)
        columns[name] = sums.ravel()
    write_arrays(TOTALS, columns, TOTAL_KINDS)


def put_totals(cycle: Cycle, months: list[dt.date], families: list[int], markets: list[int]) -> None:
    """The totals of some families and markets in these months anew."""
    params: dict[str, Any] = {"cycle": cycle.pk, "months": months, "families": families, "markets": markets}
    with connection.cursor() as cursor:
        cursor.execute(DROP_TOTALS, params)
        cursor.execute(ADD_TOTALS, params)


def read_cells(cycle: Cycle, month: dt.date, ids: Ints) -> dict[str, Floats]:
    """The cells of a month, each column (units, 1), in the order of the ids."""
    kinds = {"unit": ">i8"} | dict.fromkeys(STREAMS, ">f8")
    found = read_arrays(READ_CELLS, [cycle.pk, month, ids.tolist()], kinds)
    return {name: found[name].reshape(-1, 1) for name in STREAMS}


def put_cells(cycle: Cycle, month: dt.date, ids: Ints, column: str, said: Floats, quantity: Floats) -> None:
    """Store a month of some units: what one stream says, and the quantity that follows, (units,) each."""
    with connection.cursor() as cursor:
        cursor.execute(
            PUT_CELLS.format(cells=CELLS, column=column),
            [ids.tolist(), said.ravel().tolist(), quantity.ravel().tolist(), cycle.pk, month],
        )


def places_of(coverage: Coverage, rows: Ints) -> tuple[list[int], list[int]]:
    """The families and markets that the units of these rows lie in, by id."""
    return np.unique(coverage.families[rows]).tolist(), np.unique(coverage.markets[rows]).tolist()
