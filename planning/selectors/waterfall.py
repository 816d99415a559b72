"""The waterfall: what each past cycle said about each month, beside what was sold, and whether it converged.

Rows are cycles, columns are months; a month is at lag 1 in the cycle that planned it first. In units.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from catalog.engine.months import add_months, months_apart
from catalog.models import Family, Market
from catalog.selectors import families_below, markets_below
from core.models import Person
from forecasting.engine.measures import share
from gathering.selectors.facts import last_month_of_sales
from planning.selectors.accuracy_cells import Asked
from planning.selectors.monitoring import MONTHS_BACK, errors_of
from planning.selectors.reach_ids import reach_ids_of, within

AHEAD = 6
SAID_BY = ("statistical", "consensus", "released")


def _inside(family: str, market: str) -> str:
    """The reader's scope, and the place that was asked for."""
    return f"""
        {within(family, market)}
        AND (%(below)s::bigint[] IS NULL OR {family} = ANY(%(below)s))
        AND (%(where)s::bigint[] IS NULL OR {market} = ANY(%(where)s))
    """


TOTALS = f"""
    SELECT c.month, t.month, sum(t.baseline), sum(t.consensus), sum(t.supplied)
    FROM planning_releasedtotal t
    JOIN planning_release r ON r.id = t.release_id
    JOIN planning_cycle c ON c.id = r.cycle_id AND c.stage = 'released'
    WHERE c.month > %(since)s AND t.month <= %(ahead)s
      AND {_inside("t.family_id", "t.market_id")}
    GROUP BY c.month, t.month
"""  # noqa: S608 - put together from our own pieces
OF_UNIT = f"""
    SELECT c.month, v.month, v.baseline, v.consensus, v.supplied
    FROM planning_releasedvalue v
    JOIN planning_release r ON r.id = v.release_id
    JOIN planning_cycle c ON c.id = r.cycle_id AND c.stage = 'released'
    JOIN catalog_demandunit u ON u.id = v.demand_unit_id
    JOIN catalog_product p ON p.id = u.product_id
    WHERE v.demand_unit_id = %(unit)s AND c.month > %(since)s AND v.month <= %(ahead)s
      AND {_inside("p.family_id", "u.market_id")}
"""  # noqa: S608 - put together from our own pieces
SOLD = f"""
    SELECT m::date, coalesce(sum(s.quantity), 0)::float8
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 month') m
    LEFT JOIN (
        SELECT s.month, s.quantity FROM gathering_sales s
        JOIN catalog_demandunit u ON u.id = s.demand_unit_id
        JOIN catalog_product p ON p.id = u.product_id
        WHERE s.month BETWEEN %(first)s AND %(last)s
          AND (%(unit)s::bigint IS NULL OR s.demand_unit_id = %(unit)s)
          AND {_inside("p.family_id", "u.market_id")}
    ) s ON s.month = m::date
    GROUP BY m
"""  # noqa: S608 - put together from our own pieces

Triangle = dict[tuple[dt.date, dt.date], float]


@dataclass(frozen=True)
class Waterfall:
    """What each released plan said about each month, by maker, and what came of it, in units."""

    cycles: list[dt.date] = field(default_factory=list)
    months: list[dt.date] = field(default_factory=list)
    said: dict[str, Triangle] = field(default_factory=dict)
    sold: dict[dt.date, float] = field(default_factory=dict)

    def error(self, maker: str, cycle: dt.date, month: dt.date) -> float | None:
        """What a plan was off by, as a share of what was sold; None before the month is over."""
        said, sold = self.said[maker].get((cycle, month)), self.sold.get(month)
        return None if said is None or sold is None else share(said - sold, sold)


@dataclass(frozen=True)
class Convergence:
    """The mean WAPE of all plans at one lag, by maker, over so many months."""

    lag: int
    months: int
    wape: dict[str, float | None]


def waterfall_of(user: Person | None, asked: Asked | None = None) -> Waterfall:
    """The released plans of the last year for a place and all below it, or for one demand unit."""
    last, place = last_month_of_sales(), asked or Asked()
    if last is None:
        return Waterfall()
    parameters = _parameters(user, place, last)
    rows = _fetch(OF_UNIT if place.unit else TOTALS, parameters)
    cycles = sorted({row[0] for row in rows})
    if not cycles:
        return Waterfall()
    said = {
        maker: {(row[0], row[1]): float(row[at]) for row in rows} for at, maker in enumerate(SAID_BY, start=2)
    }
    sold = _fetch(SOLD, parameters | {"first": cycles[0]})
    return Waterfall(cycles, sorted({row[1] for row in rows}), said, dict(sold))


def convergence_of(user: Person | None, asked: Asked, found: Waterfall) -> list[Convergence]:
    """WAPE by lag, the shortest first: measured by demand unit and month, then summed."""
    if asked.unit:
        return _of_one(found)
    frame = errors_of(user)
    for name, top, below in (
        ("family_id", asked.family, families_below),
        ("market_id", asked.market, markets_below),
    ):
        if top is not None:
            frame = frame[frame[name].isin(_ids(top, below) or [])]
    errors = {"statistical": "baseline_error", "consensus": "plan_error", "released": "released_error"}
    groups: Any = frame.groupby("lag")
    return [
        Convergence(
            int(lag),
            int(rows["month"].nunique()),
            {
                maker: share(float(rows[name].sum()), float(rows["actual"].sum()))
                for maker, name in errors.items()
            },
        )
        for lag, rows in groups
    ]


def _of_one(found: Waterfall) -> list[Convergence]:
    by_lag: dict[int, list[tuple[dt.date, dt.date]]] = {}
    for cycle, month in found.said.get("consensus", {}):
        if month in found.sold:
            by_lag.setdefault(months_apart(cycle, month) + 1, []).append((cycle, month))
    return [
        Convergence(lag, len(cells), {maker: _wape(found, maker, cells) for maker in SAID_BY})
        for lag, cells in sorted(by_lag.items())
    ]


def _wape(found: Waterfall, maker: str, cells: list[tuple[dt.date, dt.date]]) -> float | None:
    off = sum(abs(found.said[maker][cell] - found.sold[cell[1]]) for cell in cells)
    return share(off, sum(abs(found.sold[month]) for _, month in cells))


def _parameters(user: Person | None, asked: Asked, last: dt.date) -> dict[str, Any]:
    return {
        "since": add_months(last, -MONTHS_BACK),
        "last": last,
        "ahead": add_months(last, AHEAD),
        "unit": asked.unit,
        "below": _ids(asked.family, families_below),
        "where": _ids(asked.market, markets_below),
        **reach_ids_of(user).parameters,
    }


def _ids(top: Family | Market | None, below: Any) -> list[int] | None:
    return None if top is None else list(below([top.pk]).values_list("pk", flat=True))


def _fetch(query: str, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
