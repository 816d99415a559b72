"""The plan beside demand, budget and the last plan: units, revenue and margin by family and month.

Rows are families as the budget knows them: a family without a budget of its own is counted in the
nearest family above it that has one, so that like stands beside like.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from django.core.cache import cache
from django.db import connection

from catalog.models import Family
from catalog.selectors import reach_of
from catalog.selectors.below import families_below, markets_below
from core.models import Person
from planning.models import Cycle, Release, SupplyRun
from planning.selectors import supply
from planning.selectors.cycles import last_released_before
from planning.selectors.demand_coverage import months_of

SOURCES = ("demand", "plan", "budget", "last")
MEASURES = ("units", "revenue", "margin")
KEPT_SECONDS = 3600
NUMBERS = ["units", "revenue", "cost"]

DEMAND = """
    SELECT family_id, market_id, month, quantity AS units, revenue, cost
    FROM planning_demandtotal WHERE version_id = %(version)s
"""
# As engine.reconciliation.supplied: what a product delivers, in proportion to its demand. Worked out once,
# whatever the database believes about tables that were just filled.
PLAN = """
    WITH delivered AS MATERIALIZED (
        SELECT product_id, month,
               greatest(demand - backlog
                   + coalesce(lag(backlog) OVER (PARTITION BY product_id ORDER BY month), 0), 0) AS delivered
        FROM (
            SELECT product_id, month, sum(demand - lost) AS demand, sum(backlog) AS backlog
            FROM planning_supplyvalue WHERE run_id = %(run)s GROUP BY product_id, month
        ) by_product
    ), asked AS (
        SELECT u.product_id, u.market_id, v.month, v.quantity, v.price, v.cost,
               sum(v.quantity) OVER of_product AS total, count(*) OVER of_product AS cells
        FROM planning_demandvalue v JOIN catalog_demandunit u ON u.id = v.demand_unit_id
        WHERE v.version_id = %(version)s
        WINDOW of_product AS (PARTITION BY u.product_id, v.month)
    ), given AS (
        SELECT a.*, CASE WHEN d.delivered IS NULL THEN a.quantity
                         WHEN a.total > 0 THEN a.quantity * d.delivered / a.total
                         ELSE d.delivered / a.cells END AS supplied
        FROM asked a LEFT JOIN delivered d ON d.product_id = a.product_id AND d.month = a.month
    )
    SELECT p.family_id, g.market_id, g.month, sum(g.supplied) AS units,
           sum(g.supplied * g.price) AS revenue, sum(g.supplied * g.cost) AS cost
    FROM given g JOIN catalog_product p ON p.id = g.product_id
    GROUP BY p.family_id, g.market_id, g.month
"""
RELEASED = """
    SELECT family_id, market_id, month, supplied AS units, revenue, cost
    FROM planning_releasedtotal WHERE release_id = %(release)s
"""
# Where several budgets cover a month, the last named one counts (gathering.selectors.facts).
BUDGET = """
    SELECT coalesce(b.family_id, p.family_id) AS family_id, b.market_id, b.month,
           sum(b.quantity) AS units, sum(b.revenue) AS revenue, sum(b.cost) AS cost
    FROM gathering_budget b
    LEFT JOIN catalog_product p ON p.id = b.product_id
    JOIN (SELECT month, max(name) AS name FROM gathering_budget GROUP BY month) newest
        ON newest.month = b.month AND newest.name = b.name
    WHERE b.month BETWEEN %(first)s AND %(last)s
    GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Comparison:
    """Long rows: source, family (as the budget knows it), month, units, revenue, cost, margin.

    `months` is the horizon; `budgeted` and `repeated` are its months that the budget and the last
    plan cover: only those are compared with them.
    """

    cycle: Cycle
    run: SupplyRun
    rows: pd.DataFrame
    families: dict[int, Family]
    months: list[dt.date]
    last: Cycle | None
    budgeted: list[dt.date] = field(default_factory=list)
    repeated: list[dt.date] = field(default_factory=list)

    def months_of(self, source: str) -> list[dt.date]:
        """The months in which the plan can be compared with a source."""
        return {"budget": self.budgeted, "last": self.repeated}.get(source, self.months)

    def total(self, source: str, measure: str, months: list[dt.date] | None = None) -> float | None:
        """The sum of a source over months (all of the horizon unless told); None where it says nothing."""
        rows = self.rows[self.rows["source"] == source]
        if months is not None:
            rows = rows[rows["month"].isin(months)]
        found = rows[measure].dropna()
        return float(found.sum()) if len(found) else None

    def by(self, key: str, measure: str, months: list[dt.date] | None = None) -> Any:
        """The sums of each source (columns) by "family" or "month" (index), as a data frame; NaN where
        one says nothing."""
        rows = self.rows if months is None else self.rows[self.rows["month"].isin(months)]
        if rows.empty:
            return pd.DataFrame(columns=list(SOURCES))
        table = rows.groupby([key, "source"])[measure].sum(min_count=1).unstack("source")
        return table.reindex(columns=list(SOURCES))


def compare(cycle: Cycle, user: Person | None, run: SupplyRun | None = None) -> Comparison | None:
    """The plan of the run that counts (or of another) beside demand, budget and last plan, as far as
    the reader sees; None before there is a supply plan."""
    run = run or supply.run_of(cycle)
    if run is None:
        return None
    months = months_of(cycle)
    last = last_released_before(cycle)
    frames = {
        "demand": _frame(DEMAND, {"version": run.version_id}),
        "plan": _plan(run),
        "budget": _frame(BUDGET, {"first": months[0], "last": months[-1]}),
        "last": _last(last),
    }
    rows = pd.concat([frame.assign(source=name) for name, frame in frames.items()], ignore_index=True)
    rows = _summed(_in_reach(rows[rows["month"].isin(months)], user))
    families = {family.pk: family for family in Family.objects.all()}
    budgeted = set(rows.loc[rows["source"] == "budget", "family_id"])
    rows = rows.assign(
        family=rows["family_id"].map({key: _row_of(key, families, budgeted) for key in families}),
        margin=rows["revenue"] - rows["cost"],
    )
    return Comparison(
        cycle=cycle,
        run=run,
        rows=rows,
        families=families,
        months=months,
        last=last,
        budgeted=_months(rows, "budget"),
        repeated=_months(rows, "last"),
    )


def _plan(run: SupplyRun) -> pd.DataFrame:
    release = Release.objects.filter(run=run).only("pk").first()
    if release is not None:
        return _frame(RELEASED, {"release": release.pk})
    # A finished solve never changes, and summing ten thousand demand units takes half a second.
    key = f"plan-of-run:{run.pk}:{run.created.timestamp()}:{run.version_id}"
    frame = cache.get(key)
    if frame is None:
        frame = _frame(PLAN, {"run": run.pk, "version": run.version_id})
        cache.set(key, frame, KEPT_SECONDS)
    return frame


def _last(last: Cycle | None) -> pd.DataFrame:
    release = Release.objects.filter(cycle=last).only("pk").first() if last else None
    return _frame(RELEASED, {"release": release.pk if release else None})


def _frame(query: str, parameters: dict[str, Any]) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        names = [column[0] for column in cursor.description]
        frame = pd.DataFrame(cursor.fetchall(), columns=names)
    return frame.astype(dict.fromkeys(NUMBERS, "float64"))


def _in_reach(rows: pd.DataFrame, user: Person | None) -> pd.DataFrame:
    reach = reach_of(user)
    if reach.families:
        rows = rows[rows["family_id"].isin(set(families_below(reach.families).values_list("pk", flat=True)))]
    if reach.markets:
        rows = rows[rows["market_id"].isin(set(markets_below(reach.markets).values_list("pk", flat=True)))]
    return rows


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    """Over the markets: a tenth of the rows, and nobody asks for more."""
    keys = ["source", "family_id", "month"]
    return rows.groupby(keys, as_index=False, sort=False)[NUMBERS].sum(min_count=1)


def _row_of(key: int, families: dict[int, Family], budgeted: set[int]) -> int:
    """The nearest family at or above this one that has a budget; itself where none has."""
    at: int | None = key
    while at is not None:
        if at in budgeted:
            return at
        at = families[at].parent_id
    return key


def _months(rows: pd.DataFrame, source: str) -> list[dt.date]:
    return sorted(set(rows.loc[rows["source"] == source, "month"]))
