"""Baseline, inputs, events and weights → the working consensus of a cycle.

`recompute` works out every cell anew, or only those that changed inputs and events touch; both give
the same cells. Whoever writes holds the cycle's row until the transaction ends, so that two
writers never interleave.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from catalog.models import DemandUnit, Product
from core.errors import Reason, Refused
from forecasting.models import ForecastValue, RunState
from planning.engine.consensus import Statement, consensus, stream_values
from planning.engine.disaggregation import spread
from planning.models import ConsensusCell, ConsensusTotal, Cycle, DemandEvent, DemandInput
from planning.pipeline.consensus_copy import days, read_arrays, write_arrays
from planning.pipeline.consensus_rates import Rates, rates_of
from planning.selectors.addresses import cycle_path
from planning.selectors.demand_coverage import Coverage, Level, months_of

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
BASELINE = f"""
    SELECT v.demand_unit_id, v.month, v.mean
    FROM {ForecastValue._meta.db_table} v JOIN {DemandUnit._meta.db_table} d ON d.id = v.demand_unit_id
    WHERE v.run_id = %s AND v.month = ANY(%s::date[]) AND d.is_active
    ORDER BY v.demand_unit_id, v.month
"""
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


@transaction.atomic
def recompute(
    cycle: Cycle,
    inputs: Iterable[DemandInput] | None = None,
    events: Iterable[DemandEvent] | None = None,
) -> int:
    """Work the consensus out: all of it, or what the changed (or withdrawn) inputs and events touch.

    Gives the number of cells written. Raises Refused without a finished forecast.
    """
    lock_cycle(cycle)
    if (inputs is None and events is None) or not has_consensus(cycle):
        return _recompute_all(cycle)
    coverage, weights = Coverage.of_cycle(cycle), weights_of(cycle)
    by_column: dict[tuple[str, dt.date], list[DemandInput]] = defaultdict(list)
    for row in inputs or ():
        by_column[row.stream, row.month].append(row)
    written = 0
    for (stream, month), changed in by_column.items():
        written += _Column(cycle, coverage, weights, stream, month).rewrite(changed)
    products = sorted({event.product_id for event in events or ()})
    if products:
        written += _rewrite_events(cycle, coverage, weights, products)
    return written


def lock_cycle(cycle: Cycle) -> None:
    """One writer of the cycle's demand at a time, until the transaction ends."""
    Cycle.objects.select_for_update(of=("self",), no_key=True).get(pk=cycle.pk)


def has_consensus(cycle: Cycle) -> bool:
    return ConsensusCell.objects.filter(cycle=cycle).exists()


def weights_of(cycle: Cycle) -> dict[str, float]:
    """The weight of each stream, the statistical one's is the baseline's."""
    return {name: float(weight) for name, weight in cycle.streams.values_list("name", "weight")}


def level_of(row: DemandInput | DemandEvent) -> Level:
    family = row.family_id if isinstance(row, DemandInput) else None
    return Level(family, row.product_id, row.market_id)


# --- everything --------------------------------------------------------------------------------


def _recompute_all(cycle: Cycle) -> int:
    months = months_of(cycle)
    ids, baseline = _baseline(cycle, months)
    coverage = Coverage.of_units(ids)
    said = _all_statements(cycle, coverage, baseline, months)
    events = _event_units(cycle, coverage, baseline, months)
    quantity = consensus(baseline, said, weights_of(cycle), events)
    rates = rates_of(coverage, months)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {CELLS} WHERE cycle_id = %s", [cycle.pk])
        cursor.execute(f"DELETE FROM {TOTALS} WHERE cycle_id = %s", [cycle.pk])
    values = {"baseline": baseline, **said, "events": events, "quantity": quantity}
    written = _write_cells(cycle, coverage.ids, months, values, rates)
    _write_totals(cycle, coverage, months, values, rates)
    return written


def _baseline(cycle: Cycle, months: list[dt.date]) -> tuple[Ints, Floats]:
    """The units of the pinned run, and their forecast, (units, months)."""
    run = cycle.forecast_run
    where = cycle_path(cycle, "data")
    if run is None or run.state != RunState.DONE:
        text = "There is no finished forecast to build the consensus on. Run it, and wait until it is done."
        raise Refused(Reason(text, "no_forecast", url=where))
    kinds = {"unit": ">i8", "month": ">i4", "mean": ">f8"}
    found = read_arrays(BASELINE, [run.pk, months], kinds)
    units = np.unique(found["unit"])
    if units.size == 0 or found["unit"].size != units.size * len(months):
        text = f"{run} does not cover every month up to {months[-1]:%b %Y}. Run the forecast again."
        raise Refused(Reason(text, "forecast_incomplete", url=where))
    return units, found["mean"].reshape(units.size, len(months))


def _all_statements(
    cycle: Cycle, coverage: Coverage, baseline: Floats, months: list[dt.date]
) -> dict[str, Floats]:
    column = {month: place for place, month in enumerate(months)}
    said: dict[str, list[Statement]] = {name: [] for name in SPEAKERS}
    for order, row in enumerate(_live_inputs(cycle).filter(month__in=months)):
        rows = coverage.rows(level_of(row))
        if rows.size:
            said[row.stream].append(_statement(row, rows, column[row.month], order))
    return {name: stream_values(baseline, statements) for name, statements in said.items()}


def _live_inputs(cycle: Cycle) -> Any:
    """What is said now, in the order in which it was said."""
    return cycle.inputs.filter(is_withdrawn=False).order_by("written", "pk")


def _statement(row: DemandInput, rows: Ints, column: int, order: int) -> Statement:
    """Broad statements come first, so that the narrow word stands."""
    return Statement(rows, column, row.kind, float(row.value), (-rows.size, order))


def _write_cells(
    cycle: Cycle, ids: Ints, months: list[dt.date], values: dict[str, Floats], rates: Rates
) -> int:
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


def _write_totals(
    cycle: Cycle, coverage: Coverage, months: list[dt.date], values: dict[str, Floats], rates: Rates
) -> None:
    """The sums by family, market and month: the same as `_add_totals` finds in the table."""
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


def _add_totals(cycle: Cycle, months: list[dt.date], families: list[int], markets: list[int]) -> None:
    """The totals of some families and markets in these months anew."""
    params = {"cycle": cycle.pk, "months": months, "families": families, "markets": markets}
    with connection.cursor() as cursor:
        cursor.execute(DROP_TOTALS, params)
        cursor.execute(ADD_TOTALS, params)


# --- what a change touches ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Column:
    """What one stream says about one month."""

    cycle: Cycle
    coverage: Coverage
    weights: dict[str, float]
    stream: str
    month: dt.date

    def rewrite(self, changed: list[DemandInput]) -> int:
        """Work out the cells that these inputs cover, and those that narrower statements tie to them."""
        live = _live_inputs(self.cycle).filter(stream=self.stream, month=self.month)
        statements = [
            _statement(row, rows, 0, order)
            for order, row in enumerate(live)
            if (rows := self.coverage.rows(level_of(row))).size
        ]
        begun = [self.coverage.rows(level_of(row)) for row in changed]
        broadest = max(rows.size for rows in begun)
        covered = np.unique(np.concatenate(begun))
        if not covered.size:
            return 0
        later = [one for one in statements if one.rows.size <= broadest]
        touched = _tied(covered, later, self.coverage.ids.size)
        needed = _tied(touched, statements, self.coverage.ids.size)
        cells = _read_cells(self.cycle, self.month, self.coverage.ids[needed])
        place = np.full(self.coverage.ids.size, -1)
        place[needed] = np.arange(needed.size)
        local = [
            Statement(place[one.rows], 0, one.kind, one.value, one.order)
            for one in statements
            if place[one.rows[0]] >= 0
        ]
        cells[self.stream] = stream_values(cells["baseline"], local)
        self._put({name: values[place[touched]] for name, values in cells.items()}, touched)
        return int(touched.size)

    def _put(self, cells: dict[str, Floats], touched: Ints) -> None:
        said = {name: cells[name] for name in SPEAKERS}
        quantity = consensus(cells["baseline"], said, self.weights, cells["events"])
        _put_cells(
            self.cycle, self.month, self.coverage.ids[touched], self.stream, said[self.stream], quantity
        )
        _add_totals(self.cycle, [self.month], *_places(self.coverage, touched))


def _tied(rows: Ints, statements: list[Statement], size: int) -> Ints:
    """These rows and all that statements tie to them, directly or through others."""
    inside = np.zeros(size, dtype=bool)
    inside[rows] = True
    waiting = statements
    while True:
        tied = [one for one in waiting if inside[one.rows].any()]
        if not tied:
            return np.flatnonzero(inside)
        for one in tied:
            inside[one.rows] = True
        waiting = [one for one in waiting if not any(one is other for other in tied)]


def _read_cells(cycle: Cycle, month: dt.date, ids: Ints) -> dict[str, Floats]:
    """The cells of a month, each column (units, 1), in the order of the ids."""
    kinds = {"unit": ">i8"} | dict.fromkeys(STREAMS, ">f8")
    found = read_arrays(READ_CELLS, [cycle.pk, month, ids.tolist()], kinds)
    return {name: found[name].reshape(-1, 1) for name in STREAMS}


def _put_cells(cycle: Cycle, month: dt.date, ids: Ints, column: str, said: Floats, quantity: Floats) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            PUT_CELLS.format(cells=CELLS, column=column),
            [ids.tolist(), said.ravel().tolist(), quantity.ravel().tolist(), cycle.pk, month],
        )


def _places(coverage: Coverage, rows: Ints) -> tuple[list[int], list[int]]:
    return np.unique(coverage.families[rows]).tolist(), np.unique(coverage.markets[rows]).tolist()


# --- events ------------------------------------------------------------------------------------


def _event_units(
    cycle: Cycle,
    coverage: Coverage,
    baseline: Floats,
    months: list[dt.date],
    products: list[int] | None = None,
) -> Floats:
    """What dated events move, (units, months): each month that a period touches gets its units,
    spread over the markets by the baseline."""
    moved = np.zeros(baseline.shape)
    events = DemandEvent.objects.filter(cycle=cycle).order_by("pk")
    for event in events if products is None else events.filter(product__in=products):
        rows = coverage.rows(level_of(event))
        for column, month in enumerate(months):
            if rows.size and _touches(event, month):
                moved[rows, column] += spread(float(event.units_a_month), baseline[rows, column])
    return moved


def _touches(event: DemandEvent, month: dt.date) -> bool:
    next_month = dt.date(month.year + month.month // 12, month.month % 12 + 1, 1)
    begins, ends = event.period.lower, event.period.upper
    return (begins is None or begins < next_month) and (ends is None or ends > month)


def _rewrite_events(cycle: Cycle, coverage: Coverage, weights: dict[str, float], products: list[int]) -> int:
    """The events of some products in every month: few rows, whatever their periods were before."""
    rows = np.flatnonzero(np.isin(coverage.products, products))
    part = coverage.part(rows)
    months = months_of(cycle)
    if not rows.size:
        return 0
    for month in months:
        cells = _read_cells(cycle, month, part.ids)
        moved = _event_units(cycle, part, cells["baseline"], [month], products)
        said = {name: cells[name] for name in SPEAKERS}
        quantity = consensus(cells["baseline"], said, weights, moved)
        _put_cells(cycle, month, part.ids, "events", moved, quantity)
    _add_totals(cycle, months, *_places(coverage, rows))
    return int(rows.size) * len(months)
