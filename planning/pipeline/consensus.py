"""Baseline, inputs, events and weights → the working consensus of a cycle.

`recompute` works out every cell anew, or only those that changed inputs and events touch; both give
the same cells. Whoever writes holds the cycle's row until the transaction ends, so that two
writers never interleave.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from catalog.models import DemandUnit
from core.binary_copy import read_arrays
from core.errors import Reason, Refused
from forecasting.models import ForecastValue, RunState
from planning.engine.consensus import Statement, consensus, stream_values
from planning.models import ConsensusCell, Cycle, DemandEvent, DemandInput
from planning.pipeline.consensus_cells import (
    SPEAKERS,
    drop_all,
    places_of,
    put_cells,
    put_totals,
    read_cells,
    write_cells,
    write_totals,
)
from planning.pipeline.consensus_rates import rates_of
from planning.pipeline.consensus_voices import (
    all_statements,
    event_units,
    level_of,
    live_inputs,
    statement_of,
)
from planning.selectors.addresses import cycle_path
from planning.selectors.demand_coverage import Coverage, months_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BASELINE = f"""
    SELECT v.demand_unit_id, v.month, v.mean
    FROM {ForecastValue._meta.db_table} v JOIN {DemandUnit._meta.db_table} d ON d.id = v.demand_unit_id
    WHERE v.run_id = %s AND v.month = ANY(%s::date[]) AND d.is_active
    ORDER BY v.demand_unit_id, v.month
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
    """Whether the working consensus of the cycle was made."""
    return ConsensusCell.objects.filter(cycle=cycle).exists()


def weights_of(cycle: Cycle) -> dict[str, float]:
    """The weight of each stream, the statistical one's is the baseline's."""
    return {name: float(weight) for name, weight in cycle.streams.values_list("name", "weight")}


# --- everything --------------------------------------------------------------------------------


def _recompute_all(cycle: Cycle) -> int:
    months = months_of(cycle)
    ids, baseline = _baseline(cycle, months)
    coverage = Coverage.of_units(ids)
    said = all_statements(cycle, coverage, baseline, months)
    events = event_units(cycle, coverage, baseline, months)
    quantity = consensus(baseline, said, weights_of(cycle), events)
    rates = rates_of(coverage, months)
    drop_all(cycle)
    values = {"baseline": baseline, **said, "events": events, "quantity": quantity}
    written = write_cells(cycle, coverage.ids, months, values, rates)
    write_totals(cycle, coverage, months, values, rates)
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
        live = live_inputs(self.cycle).filter(stream=self.stream, month=self.month)
        statements = [
            statement_of(row, rows, 0, order)
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
        cells = read_cells(self.cycle, self.month, self.coverage.ids[needed])
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
        put_cells(
            self.cycle, self.month, self.coverage.ids[touched], self.stream, said[self.stream], quantity
        )
        put_totals(self.cycle, [self.month], *places_of(self.coverage, touched))


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


def _rewrite_events(cycle: Cycle, coverage: Coverage, weights: dict[str, float], products: list[int]) -> int:
    """The events of some products in every month: few rows, whatever their periods were before."""
    rows = np.flatnonzero(np.isin(coverage.products, products))
    part = coverage.part(rows)
    months = months_of(cycle)
    if not rows.size:
        return 0
    for month in months:
        cells = read_cells(cycle, month, part.ids)
        moved = event_units(cycle, part, cells["baseline"], [month], products)
        said = {name: cells[name] for name in SPEAKERS}
        quantity = consensus(cells["baseline"], said, weights, moved)
        put_cells(cycle, month, part.ids, "events", moved, quantity)
    put_totals(cycle, months, *places_of(coverage, rows))
    return int(rows.size) * len(months)
