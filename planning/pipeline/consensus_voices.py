"""Inputs and events as the engine takes them: statements about rows, units moved by month."""

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.engine.months import add_months
from planning.engine.consensus import Statement, stream_values
from planning.engine.disaggregation import spread
from planning.models import Cycle, DemandEvent, DemandInput
from planning.pipeline.consensus_cells import SPEAKERS
from planning.selectors.demand_coverage import Coverage, Level

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def level_of(row: DemandInput | DemandEvent) -> Level:
    """What an input or event speaks about; an event knows no family."""
    family = row.family_id if isinstance(row, DemandInput) else None
    return Level(family, row.product_id, row.market_id)


def all_statements(
    cycle: Cycle, coverage: Coverage, baseline: Floats, months: list[dt.date]
) -> dict[str, Floats]:
    """By stream what it says of every unit and month, (units, months), NaN where it says nothing."""
    column = {month: place for place, month in enumerate(months)}
    said: dict[str, list[Statement]] = {name: [] for name in SPEAKERS}
    for order, row in enumerate(live_inputs(cycle).filter(month__in=months)):
        rows = coverage.rows(level_of(row))
        if rows.size:
            said[row.stream].append(statement_of(row, rows, column[row.month], order))
    return {name: stream_values(baseline, statements) for name, statements in said.items()}


def live_inputs(cycle: Cycle) -> Any:
    """What is said now, in the order in which it was said."""
    return cycle.inputs.filter(is_withdrawn=False).order_by("written", "pk")


def statement_of(row: DemandInput, rows: Ints, column: int, order: int) -> Statement:
    """Broad statements come first, so that the narrow word stands."""
    return Statement(rows, column, row.kind, float(row.value), (-rows.size, order))


def event_units(
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
    next_month = add_months(month, 1)
    begins, ends = event.period.lower, event.period.upper
    return (begins is None or begins < next_month) and (ends is None or ends > month)
