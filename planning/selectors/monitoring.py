"""The released plans against what was sold since: by lag, by family, and what left its tolerance.

Lag 1 is the first planned month, one month ahead of the history the plan was made on. Accuracy is
measured where the plan is made, by demand unit and month, and summed; the plan is the consensus.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.core.cache import cache
from django.db import connection

from catalog.engine.months import add_months, months_apart
from catalog.models import Family
from core import company
from core.models import Person
from forecasting.engine.measures import share, tracking_signal
from gathering.selectors.facts import last_month_of_sales
from planning.models import Release
from planning.selectors import data
from planning.selectors.reach_ids import reach_ids_of, within

KEPT_SECONDS = 3600
MONTHS_BACK = 12
ALERT_MONTHS = 3
MOST_ALERTS = 50
NO_ERRORS = ["first", "month", "family_id", "market_id", "lag"]

ERRORS = f"""
    SELECT c.month AS first, v.month, p.family_id, u.market_id,
           sum(abs(v.consensus - coalesce(s.quantity, 0)))::float8 AS plan_error,
           sum(v.consensus - coalesce(s.quantity, 0))::float8 AS plan_net,
           sum(abs(v.baseline - coalesce(s.quantity, 0)))::float8 AS baseline_error,
           sum(abs(v.supplied - coalesce(s.quantity, 0)))::float8 AS released_error,
           sum(coalesce(s.quantity, 0))::float8 AS actual
    FROM planning_release r
    JOIN planning_cycle c ON c.id = r.cycle_id AND c.stage = 'released'
    JOIN planning_releasedvalue v ON v.release_id = r.id AND v.month <= %(last)s
    JOIN catalog_demandunit u ON u.id = v.demand_unit_id
    JOIN catalog_product p ON p.id = u.product_id
    LEFT JOIN gathering_sales s ON s.demand_unit_id = v.demand_unit_id AND s.month = v.month
    WHERE c.month >= %(since)s AND {within("p.family_id", "u.market_id")}
    GROUP BY c.month, v.month, p.family_id, u.market_id
"""  # noqa: S608 - put together from our own pieces
# The newest plan that covers a month, at its shortest lag, beside what was sold.
ATTAINED = f"""
    WITH plan AS (
        SELECT DISTINCT ON (t.family_id, t.market_id, t.month)
               t.family_id, t.market_id, t.month, t.supplied, t.revenue
        FROM planning_releasedtotal t
        JOIN planning_release r ON r.id = t.release_id
        JOIN planning_cycle c ON c.id = r.cycle_id AND c.stage = 'released'
        WHERE t.month BETWEEN %(since)s AND %(last)s AND {within("t.family_id", "t.market_id")}
        ORDER BY t.family_id, t.market_id, t.month, c.month DESC
    ), sold AS (
        SELECT p.family_id, u.market_id, s.month, sum(s.quantity)::float8 AS units,
               sum(s.revenue)::float8 AS revenue
        FROM gathering_sales s
        JOIN catalog_demandunit u ON u.id = s.demand_unit_id
        JOIN catalog_product p ON p.id = u.product_id
        WHERE s.month BETWEEN %(since)s AND %(last)s
        GROUP BY p.family_id, u.market_id, s.month
    )
    SELECT f.name, m.name, plan.month, plan.supplied, coalesce(sold.units, 0),
           plan.revenue, coalesce(sold.revenue, 0)
    FROM plan
    JOIN catalog_family f ON f.id = plan.family_id
    JOIN catalog_market m ON m.id = plan.market_id
    LEFT JOIN sold USING (family_id, market_id, month)
    ORDER BY abs(plan.revenue - coalesce(sold.revenue, 0)) DESC, f.name, m.name, plan.month
"""  # noqa: S608 - put together from our own pieces


@dataclass(frozen=True)
class LagAccuracy:
    """All plans at one lag: how many months were compared, and shares of what was sold."""

    lag: int
    months: int
    wape: float | None
    bias: float | None
    baseline_wape: float | None
    units: float


@dataclass(frozen=True)
class FamilyAccuracy:
    """One family at one lag, over the last months: shares of what was sold, and the tracking signal."""

    family: str
    months: int
    wape: float | None
    bias: float | None
    signal: float | None
    units: float


@dataclass(frozen=True)
class Alert:
    """A family in a market and month that left its tolerance: plan and actual, units and money."""

    family: str
    market: str
    month: dt.date
    planned: float
    sold: float
    planned_revenue: float
    revenue: float

    @property
    def difference(self) -> float:
        """Revenue less plan, in base currency."""
        return self.revenue - self.planned_revenue

    @property
    def share(self) -> float | None:
        """The difference as a share of the plan's revenue; None where none was planned."""
        return share(self.difference, self.planned_revenue)


def errors_of(user: Person | None) -> pd.DataFrame:
    """By released cycle, month, family and market: absolute and net error of the plan, error of the
    baseline, what was sold (units), and the lag. Kept until a plan or sales come in."""
    last = last_month_of_sales()
    reach = reach_ids_of(user)
    newest = Release.objects.order_by("-released").values_list("pk", "released").first()
    if last is None or newest is None:
        return pd.DataFrame(columns=NO_ERRORS)
    since = add_months(last, -MONTHS_BACK)
    stamp = f"{newest[0]}:{newest[1].timestamp()}:{data.last_imports().get('sales')}:{last}"
    key = f"plan-errors-2:{stamp}"
    frame = cache.get(key) if reach.is_everything else None
    if frame is None:
        frame = _frame(ERRORS, {"last": last, "since": since, **reach.parameters})
        frame["lag"] = [months_apart(a, b) + 1 for a, b in zip(frame["first"], frame["month"], strict=True)]
        if reach.is_everything:
            cache.set(key, frame, KEPT_SECONDS)
    return frame


def accuracy_by_lag(user: Person | None) -> list[LagAccuracy]:
    """Every lag that has something sold to compare with, the shortest first."""
    groups: Any = errors_of(user).groupby("lag")
    found = []
    for lag, rows in groups:
        sold = float(rows["actual"].sum())
        found.append(
            LagAccuracy(
                lag=int(lag),
                months=int(rows["month"].nunique()),
                wape=share(float(rows["plan_error"].sum()), sold),
                bias=share(float(rows["plan_net"].sum()), sold),
                baseline_wape=share(float(rows["baseline_error"].sum()), sold),
                units=sold,
            )
        )
    return found


def accuracy_by_family(user: Person | None, lag: int = 1) -> list[FamilyAccuracy]:
    """Every family at a lag, the most units of error first."""
    frame = errors_of(user)
    frame = frame[frame["lag"] == lag]
    names = dict(Family.objects.values_list("pk", "name"))
    ranked = []
    groups: Any = frame.groupby("family_id")
    for family, rows in groups:
        sold, error = float(rows["actual"].sum()), float(rows["plan_error"].sum())
        monthly = rows.groupby("month")["plan_net"].sum().to_numpy(dtype="float64")
        found = FamilyAccuracy(
            family=names[family],
            months=int(rows["month"].nunique()),
            wape=share(error, sold),
            bias=share(float(rows["plan_net"].sum()), sold),
            signal=tracking_signal(monthly),
            units=sold,
        )
        ranked.append((error, found))
    return [found for _, found in sorted(ranked, key=lambda pair: -pair[0])]


def alerts_of(user: Person | None) -> list[Alert]:
    """Families and markets whose revenue left the tolerance in the last months, the most money first."""
    last = last_month_of_sales()
    if last is None:
        return []
    since = add_months(last, 1 - ALERT_MONTHS)
    rows = _fetch(ATTAINED, {"last": last, "since": since, **reach_ids_of(user).parameters})
    limit = float(company.value("exception_money"))
    percent = float(company.value("tolerance_percent")) / 100
    alerts = [Alert(*row) for row in rows]
    outside = [
        alert
        for alert in alerts
        if abs(alert.difference) >= limit and abs(alert.difference) > percent * abs(alert.planned_revenue)
    ]
    return outside[:MOST_ALERTS]


def _frame(query: str, parameters: dict[str, Any]) -> pd.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])


def _fetch(query: str, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
