"""Where demand is above capacity, before anything is planned: by resource and month."""

from collections import defaultdict
from typing import Any

from django.db import connection

from planning.models import ResourceLoad, SupplyRun

# What demand would take of each resource at the site that makes it, month by month, and what is there
# before the first month (stock less what is owed), in capacity units.
DEMANDED = """
    SELECT r.id, r.code, v.month, sum(v.demand * c.per_unit),
           sum(CASE WHEN v.month = %(first)s
               THEN (v.stock - v.backlog + v.demand - v.make - v.buy - v.lost) * c.per_unit ELSE 0 END)
    FROM planning_supplyvalue v
    JOIN catalog_capacityuse c ON c.product_id = v.product_id AND c.valid @> v.month
    JOIN catalog_resource r ON r.id = c.resource_id AND r.site_id = v.site_id
    WHERE v.run_id = %(run)s
    GROUP BY r.id, r.code, v.month
    ORDER BY r.code COLLATE "C", v.month
"""


def capacity_balance(run: SupplyRun) -> list[dict[str, Any]]:
    """For each resource: the months in which demand is above regular capacity, and what stock would be
    left if every month made as much as its regular capacity allows (negative: what would be missing).

    All in the resource's capacity units.
    """
    regular = {(load.resource_id, load.month): load.regular for load in ResourceLoad.objects.filter(run=run)}
    by_resource: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(DEMANDED, {"run": run.pk, "first": run.cycle.month})
        for key, code, month, demand, opening in cursor.fetchall():
            months = by_resource[code]
            before = months[-1]["unconstrained_ending_stock"] if months else opening
            there = regular.get((key, month), 0.0)
            months.append(
                {
                    "month": month.isoformat(),
                    "demand": round(demand, 4),
                    "regular_capacity": round(there, 4),
                    "unconstrained_ending_stock": round(before + there - demand, 4),
                }
            )
    return [_resource(code, months) for code, months in by_resource.items()]


def _resource(code: str, months: list[dict[str, Any]]) -> dict[str, Any]:
    above = [one["month"] for one in months if one["demand"] > one["regular_capacity"]]
    return {"resource": code, "months_above_capacity": len(above), "above_capacity": above, "months": months}
