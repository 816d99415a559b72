"""Exceptions of the demand plan, ranked by the money at stake."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection

from catalog.selectors import reach_of
from catalog.selectors.scope import Reach
from core import company
from core.models import Person
from planning.engine.exceptions import Cell, findings
from planning.models import Cycle
from planning.selectors.addresses import cycle_path
from planning.selectors.cycles import last_released_before
from planning.selectors.demand_coverage import Trees

MOST = 200
STREAMS = ("sales", "marketing", "finance", "pipeline")
KINDS = {
    "streams": "Streams disagree",
    "baseline": "Away from the baseline",
    "last": "Away from the last plan",
    "budget": "Away from the budget",
}
CELLS = """
    WITH cell AS (
        SELECT c.*, r.consensus AS last,
               GREATEST(
                   abs(c.quantity - c.baseline), coalesce(abs(c.quantity - r.consensus), 0),
                   coalesce(GREATEST(c.sales, c.marketing, c.finance, c.pipeline)
                            - LEAST(c.sales, c.marketing, c.finance, c.pipeline), 0)
               ) * c.price AS money
        FROM planning_consensuscell c
        LEFT JOIN planning_releasedvalue r
               ON r.release_id = %(release)s AND r.demand_unit_id = c.demand_unit_id AND r.month = c.month
        WHERE c.cycle_id = %(cycle)s
    )
    SELECT p.code, p.name, m.code, m.name, c.month, c.quantity, c.baseline, c.sales, c.marketing,
           c.finance, c.pipeline, c.last, c.price
    FROM cell c
    JOIN catalog_demandunit d ON d.id = c.demand_unit_id
    JOIN catalog_product p ON p.id = d.product_id
    JOIN catalog_market m ON m.id = d.market_id
    WHERE c.money >= %(limit)s AND c.money > 0
      AND (%(families)s IS NULL OR p.family_id = ANY(%(families)s::bigint[]))
      AND (%(markets)s IS NULL OR d.market_id = ANY(%(markets)s::bigint[]))
    ORDER BY c.money DESC, p.code, m.code, c.month
    LIMIT %(most)s
"""
AGAINST_BUDGET = """
    WITH budget AS (
        SELECT coalesce(b.family_id, p.family_id) AS family_id, b.market_id, b.month,
               sum(b.revenue)::float8 AS revenue
        FROM gathering_budget b LEFT JOIN catalog_product p ON p.id = b.product_id
        WHERE b.revenue IS NOT NULL GROUP BY 1, 2, 3
    )
    SELECT f.code, f.name, m.code, m.name, t.month, t.revenue, b.revenue
    FROM planning_consensustotal t
    JOIN budget b USING (family_id, market_id, month)
    JOIN catalog_family f ON f.id = t.family_id
    JOIN catalog_market m ON m.id = t.market_id
    WHERE t.cycle_id = %(cycle)s AND abs(t.revenue - b.revenue) >= GREATEST(%(limit)s, 0.01)
      AND (%(families)s IS NULL OR t.family_id = ANY(%(families)s::bigint[]))
      AND (%(markets)s IS NULL OR t.market_id = ANY(%(markets)s::bigint[]))
    ORDER BY abs(t.revenue - b.revenue) DESC, f.code, m.code, t.month
    LIMIT %(most)s
"""


@dataclass(frozen=True)
class DemandException:
    """One place that deserves a look. Money in base currency; `difference` in units, or in money for
    the budget, above zero where the consensus is higher."""

    kind: str
    subject: str
    market: str
    month: dt.date
    difference: float
    money: float
    url: str

    @property
    def label(self) -> str:
        """What is the matter, as people read it."""
        return KINDS[self.kind]


def exceptions_of(user: Person | None, cycle: Cycle, limit: int = MOST) -> list[DemandException]:
    """The dearest exceptions in the person's scope, from the company's threshold on. Six queries."""
    last = last_released_before(cycle)
    params = {
        "cycle": cycle.pk,
        "release": last.release.pk if last is not None else None,
        "limit": float(company.value("exception_money")),
        "most": limit,
        **_scope(reach_of(user)),
    }
    found = [_of_cell(cycle, row) for row in _fetch(CELLS, params)]
    found += [_of_budget(cycle, row) for row in _fetch(AGAINST_BUDGET, params)]
    return sorted(found, key=lambda one: -one.money)[:limit]


def _scope(reach: Reach) -> dict[str, list[int] | None]:
    trees = Trees()
    families = {key for top in reach.families for key in trees.families[top]} if reach.families else None
    markets = {key for top in reach.markets for key in trees.markets[top]} if reach.markets else None
    return {
        "families": None if families is None else sorted(families),
        "markets": None if markets is None else sorted(markets),
    }


def _of_cell(cycle: Cycle, row: tuple[Any, ...]) -> DemandException:
    product, name, market, market_name, month, quantity, baseline, *said, last, price = row
    streams = {stream: value for stream, value in zip(STREAMS, said, strict=True) if value is not None}
    worst = findings(Cell(quantity, baseline, streams, last, price))[0]
    url = _cell_url(cycle, product=product, market=market, month=f"{month:%Y-%m}")
    return DemandException(worst.kind, name, market_name, month, worst.units, worst.money, url)


def _of_budget(cycle: Cycle, row: tuple[Any, ...]) -> DemandException:
    family, name, market, market_name, month, revenue, budget = row
    url = _cell_url(cycle, family=family, market=market, month=f"{month:%Y-%m}")
    above = revenue - budget
    return DemandException("budget", name, market_name, month, above, abs(above), url)


def _cell_url(cycle: Cycle, **place: str) -> str:
    return f"{cycle_path(cycle, 'demand')}cell/?{urlencode(place)}"


def _fetch(sql: str, params: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
