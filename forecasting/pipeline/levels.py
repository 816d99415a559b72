"""The levels above the demand unit: forecast like units, chunk by chunk; at the end all made to add up."""

import datetime as dt
from collections.abc import Callable

import numpy as np

from catalog.engine.months import add_months, months_apart, months_from
from core.binary_copy import days, read_arrays
from forecasting.engine import Forecast, Panel, Settings
from forecasting.engine.accuracy import bias, wape
from forecasting.engine.coherence import Coherent, GroupForecasts, make_coherent
from forecasting.engine.conformal import Calibration
from forecasting.engine.forecast import forecast
from forecasting.engine.levels import Key, Levels, summed
from forecasting.engine.panel import Floats, Ints
from forecasting.models import ForecastNode, ForecastRun
from forecasting.pipeline.history import known_months
from forecasting.pipeline.level_places import Planned, plan_levels
from forecasting.pipeline.level_tables import (
    NodeRow,
    copy_node_values,
    copy_nodes,
    copy_values,
    read_leaves,
)

SUM, SUM_REASON = "sum", "The sum of its demand units: the interval is what such sums missed in back-tests."
SOLD = """
    SELECT s.demand_unit_id AS leaf, s.month AS month, s.quantity::float8 AS quantity,
           s.revenue::float8 AS revenue
    FROM gathering_sales s JOIN catalog_demandunit d ON d.id = s.demand_unit_id AND d.is_active
    WHERE s.month <= %s
"""
KINDS = {"leaf": ">i8", "month": ">i4", "quantity": ">f8", "revenue": ">f8"}


def forecast_levels(
    run: ForecastRun,
    settings: Settings,
    calibration: Calibration | None,
    groups: tuple[int, int],
    report: Callable[[int], None],
) -> Callable[[], None]:
    """Forecast some groups of nodes (the first and the last number); what is returned stores them."""
    planned = plan_levels()
    levels, (first, last) = planned.levels, groups
    one = levels.one_of_each(levels.fitted)[first : last + 1]
    history, begin = _histories(planned, run.last_month, one)
    panel = Panel(tuple(str(number) for number in range(first, last + 1)), _begun(history))
    result = forecast(panel, settings, report, calibration)
    nodes = levels.members(first, last)
    rows = [_fitted_row(levels, node, result, history, int(levels.group[node]) - first) for node in nodes]
    return lambda: copy_nodes(run, begin, rows)


def settle_levels(run: ForecastRun, calibration: Calibration) -> None:
    """Make all levels of a run add up, from what its chunks stored. Call it inside a transaction."""
    planned = plan_levels()
    leaves = read_leaves(run, planned.leaves)
    found = make_coherent(planned.levels, leaves, _groups_of(run, planned), calibration)
    months = months_from(add_months(run.last_month, 1), run.horizon)
    copy_values(run, planned.leaves, months, found.leaves)
    copy_nodes(run, *_summed_rows(run, planned, found))
    copy_node_values(_node_ids(run, planned.levels), months, found.nodes)


def _histories(planned: Planned, last_month: dt.date, nodes: Ints) -> tuple[Floats, dt.date]:
    """What was sold in some nodes, quantity or revenue as each wants it: (months, nodes) from the month that
    is returned with it; NaN in months without anybody's sales."""
    known = known_months(last_month)
    begin = known[0] if known else last_month
    sold = read_arrays(SOLD, [last_month], KINDS)
    row = _month_rows(sold["month"], begin, last_month)
    place = np.searchsorted(planned.leaves, sold["leaf"])
    shape = (months_apart(begin, last_month) + 1, len(planned.leaves))
    missing = np.ones(shape[0], dtype=bool)
    missing[[months_apart(begin, month) for month in known]] = False
    in_money = np.array([planned.levels.keys[node][2] is None for node in nodes], dtype=bool)
    out = np.empty((shape[0], len(nodes)))
    for name, chosen in (("quantity", ~in_money), ("revenue", in_money)):
        values = np.zeros(shape)
        values[row, place] = sold[name]
        out[:, chosen] = summed(planned.levels.sums[nodes[chosen]], values)
    out[missing] = np.nan
    return out, begin


def _month_rows(day_numbers: Ints, begin: dt.date, last_month: dt.date) -> Ints:
    """Months as PostgreSQL counts days → how many months after the first."""
    months = months_from(begin, months_apart(begin, last_month) + 1)
    return np.searchsorted(days(months), day_numbers).astype(np.int64)


def _begun(history: Floats) -> Floats:
    """NaN before the first sale: there a series begins."""
    begun = np.maximum.accumulate(np.nan_to_num(history) != 0, axis=0)
    return np.where(begun, history, np.nan)


def _fitted_row(levels: Levels, node: int, result: Forecast, history: Floats, place: int) -> NodeRow:
    return NodeRow(
        key=levels.keys[node],
        demand_units=int(levels.counts[node]),
        method=result.methods[place],
        reason=result.reasons[place],
        wape=float(result.accuracy.wape[place]),
        bias=float(result.accuracy.bias[place]),
        size=result.stories[place].size,
        history=history[:, place],
        base=result.mean[:, place],
        actual=result.actual[:, :, place],
        predicted=result.predicted[:, :, place],
    )


def _summed_rows(run: ForecastRun, planned: Planned, found: Coherent) -> tuple[dt.date, list[NodeRow]]:
    """The first month of the data, and the nodes without a forecast of their own."""
    history, begin = _histories(planned, run.last_month, found.summed)
    levels = planned.levels
    rows = [
        NodeRow(
            key=levels.keys[node],
            demand_units=int(levels.counts[node]),
            method=SUM,
            reason=SUM_REASON,
            wape=wape(found.actual[:, :, place], found.predicted[:, :, place]),
            bias=bias(found.actual[:, :, place], found.predicted[:, :, place]),
            size=float(found.size[place]),
            history=history[:, place],
            base=np.empty(0),
            actual=found.actual[:, :, place],
            predicted=found.predicted[:, :, place],
        )
        for place, node in enumerate(found.summed.tolist())
    ]
    return begin, rows


def _groups_of(run: ForecastRun, planned: Planned) -> GroupForecasts:
    """The stored forecasts of the groups, in their order."""
    rows = ForecastNode.objects.filter(run=run).values_list("family", "market", "unit", "base", "size")
    known = {(family, market, unit): (base, size) for family, market, unit, base, size in rows}
    levels = planned.levels
    made = [known[levels.keys[node]] for node in levels.one_of_each(levels.fitted)]
    base = np.array([base for base, _ in made], dtype=float).reshape(len(made), run.horizon)
    return GroupForecasts(base.T, np.array([size for _, size in made], dtype=float))


def _node_ids(run: ForecastRun, levels: Levels) -> Ints:
    rows = ForecastNode.objects.filter(run=run).values_list("pk", "family", "market", "unit")
    known: dict[Key, int] = {(family, market, unit): pk for pk, family, market, unit in rows}
    return np.array([known[key] for key in levels.keys], dtype=np.int64)
