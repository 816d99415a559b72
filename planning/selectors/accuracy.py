"""The accuracy of the last plan: what stage 1 looks at before a new one is made."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from catalog.engine.months import months_from
from planning.engine.accuracy import Accuracy, by_group, from_errors
from planning.models import AccuracyBasis, AccuracyReport, Cycle
from planning.selectors.cycles import last_released_before
from planning.selectors.data import freeze_of

Floats = NDArray[np.float64]

# A plan's first month is one month ahead of the history it was made on: lag 1.
PLAN_AND_ACTUAL = """
    SELECT f.code, f.name, v.consensus, coalesce(s.quantity, 0)::float8
    FROM planning_release r
    JOIN planning_releasedvalue v ON v.release_id = r.id AND v.month = %s
    JOIN catalog_demandunit d ON d.id = v.demand_unit_id
    JOIN catalog_product p ON p.id = d.product_id
    JOIN catalog_family f ON f.id = p.family_id
    LEFT JOIN gathering_sales s ON s.demand_unit_id = v.demand_unit_id AND s.month = v.month
    WHERE r.cycle_id = %s
"""
# A series' shares times its units of the last year give errors that can be added up.
BACK_TESTED = """
    SELECT f.code, f.name, s.wape, s.bias, coalesce(sold.units, 0)::float8
    FROM forecasting_forecastseries s
    JOIN catalog_demandunit d ON d.id = s.demand_unit_id
    JOIN catalog_product p ON p.id = d.product_id
    JOIN catalog_family f ON f.id = p.family_id
    LEFT JOIN (SELECT demand_unit_id, sum(quantity) AS units FROM gathering_sales
               WHERE month >= %s AND month < %s GROUP BY demand_unit_id) sold
           ON sold.demand_unit_id = s.demand_unit_id
    WHERE s.run_id = %s AND s.wape IS NOT NULL AND s.bias IS NOT NULL
"""


@dataclass(frozen=True)
class Measured:
    """An accuracy as it is stored: of which plan or run, in which month, in all and by family."""

    basis: AccuracyBasis
    of_cycle: Cycle | None
    month: dt.date
    content: dict[str, Any]


def measured(cycle: Cycle) -> Measured | None:
    """The last released plan against what was sold in its first month; without one, the back-test
    of the cycle's forecast. None where there is neither yet."""
    last = last_released_before(cycle)
    if last is not None and last.month < cycle.month:
        rows = _fetch(PLAN_AND_ACTUAL, [last.month, last.pk])
        plan, actual = _column(rows, 2), _column(rows, 3)
        content = _content(rows, np.abs(actual - plan), plan - actual, actual)
        return Measured(AccuracyBasis.RELEASED, last, last.month, content)
    run = cycle.forecast_run
    if run is None or run.state != "done":
        return None
    year_ago = months_from(cycle.month, -12)[0]
    rows = _fetch(BACK_TESTED, [year_ago, cycle.month, run.pk])
    units = _column(rows, 4)
    content = _content(rows, _column(rows, 2) * units, _column(rows, 3) * units, units)
    return Measured(AccuracyBasis.BACK_TEST, None, run.last_month, content)


def report_of(cycle: Cycle) -> AccuracyReport | None:
    """The newest report on the data that is frozen now."""
    freeze = freeze_of(cycle)
    if freeze is None:
        return None
    return cycle.accuracy_reports.filter(freeze=freeze).select_related("of_cycle").first()


def _content(rows: list[Any], absolute: Floats, signed: Floats, actual: Floats) -> dict[str, Any]:
    names = {row[0]: row[1] for row in rows}
    families = by_group([row[0] for row in rows], absolute, signed, actual)
    return {
        "total": asdict(from_errors(absolute, signed, actual)),
        "families": {code: _named(found, names[code]) for code, found in sorted(families.items())},
    }


def _named(found: Accuracy, name: str) -> dict[str, Any]:
    return {"name": name, **asdict(found)}


def _column(rows: list[Any], place: int) -> Floats:
    return np.array([row[place] for row in rows], dtype=np.float64)


def _fetch(sql: str, params: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
