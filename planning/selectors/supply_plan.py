"""Reading a supply plan: by month, by resource, by item. Each as far as the person may see it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Greatest

from catalog.models import Resource
from catalog.selectors import reach_of
from catalog.selectors.scope import may_see_costs
from core.models import Person
from planning.models import ResourceLoad, Scenario, SupplyAction, SupplyRun, SupplyValue

AMOUNTS = ("demand", "make", "buy", "stock", "target", "backlog", "lost")
SMALL = 1e-6


def runs_visible_to(user: Person | None) -> QuerySet[SupplyRun]:
    """Every supply run, the newest first."""
    return SupplyRun.objects.select_related("scenario", "version", "cycle", "job", "requested_by")


def values_visible_to(user: Person | None) -> QuerySet[SupplyValue]:
    """The plans of the products and sites that the person may see."""
    reach = reach_of(user)
    rows = SupplyValue.objects.filter(
        reach.of_family("product__family"), reach.of_market("site__market", or_everywhere=True)
    )
    return rows.select_related("product", "site")


def loads_visible_to(user: Person | None) -> QuerySet[ResourceLoad]:
    """What plans ask of the resources that the person may see."""
    rows = ResourceLoad.objects.filter(reach_of(user).of_market("resource__site__market", or_everywhere=True))
    return rows.select_related("resource__site")


def actions_visible_to(user: Person | None) -> QuerySet[SupplyAction]:
    """What is done about gaps."""
    return SupplyAction.objects.select_related("cycle", "owner")


@dataclass(frozen=True)
class MonthSum:
    """One month of a plan: units; money in base currency."""

    month: dt.date
    demand: float
    make: float
    buy: float
    stock: float
    target: float
    backlog: float
    lost: float
    revenue: float
    late_revenue: float
    lost_revenue: float
    stock_value: float


def months_of_plan(run: SupplyRun, user: Person | None) -> list[MonthSum]:
    """The plan by month, summed over what the person may see, in one query."""
    rows = values_visible_to(user).filter(run=run).order_by("month").values("month")
    supplied = Greatest(F("demand") - F("lost"), 0.0)
    sums = rows.annotate(
        **{f"sum_{name}": Sum(name) for name in AMOUNTS},
        sum_revenue=Sum(supplied * F("price")),
        sum_late_revenue=Sum(F("backlog") * F("price")),
        sum_lost_revenue=Sum(F("lost") * F("price")),
        sum_stock_value=Sum(F("stock") * F("cost")),
    )
    names = (*AMOUNTS, "revenue", "late_revenue", "lost_revenue", "stock_value")
    found: list[Any] = list(sums)
    return [MonthSum(row["month"], **{name: row[f"sum_{name}"] or 0.0 for name in names}) for row in found]


def loads_of_plan(run: SupplyRun, user: Person | None) -> dict[Resource, list[ResourceLoad]]:
    """The load of each resource by month, resources by code."""
    rows = loads_visible_to(user).filter(run=run).order_by("resource__code", "month")
    found: dict[Resource, list[ResourceLoad]] = {}
    for row in rows:
        found.setdefault(row.resource, []).append(row)
    return found


def full_spans(loads: Iterable[ResourceLoad]) -> list[tuple[dt.date, dt.date, float]]:
    """The runs of months in which a resource holds the plan back: first, last, the dearest hour."""
    spans: list[tuple[dt.date, dt.date, float]] = []
    before_was_full = False
    for load in loads:
        price = load.capacity_price or 0.0
        is_full = price > SMALL
        if is_full and before_was_full:
            first, _, most = spans[-1]
            spans[-1] = (first, load.month, max(most, price))
        elif is_full:
            spans.append((load.month, load.month, price))
        before_was_full = is_full
    return spans


def item_rows(run: SupplyRun, user: Person | None) -> QuerySet[SupplyValue]:
    """One row for each item of a plan: that of its first month."""
    return values_visible_to(user).filter(run=run, month=run.cycle.month)


def values_of_items(run: SupplyRun, items: Iterable[SupplyValue]) -> dict[tuple[int, int], list[SupplyValue]]:
    """Every month of some items, by product and site, in one query."""
    wanted = {(item.product_id, item.site_id) for item in items}
    rows = SupplyValue.objects.filter(
        run=run, product__in={p for p, _ in wanted}, site__in={s for _, s in wanted}
    ).order_by("month")
    found: dict[tuple[int, int], list[SupplyValue]] = {pair: [] for pair in wanted}
    for row in rows:
        if (row.product_id, row.site_id) in found:
            found[row.product_id, row.site_id].append(row)
    return found


def newest_runs(scenarios: Iterable[Scenario]) -> dict[int, SupplyRun]:
    """The newest finished solve of each scenario, in one query."""
    rows = runs_visible_to(None).filter(scenario__in=list(scenarios), state="done")
    newest = rows.order_by("scenario_id", "-id").distinct("scenario_id")
    return {run.scenario_id: run for run in newest}


def last_attempt(scenario: Scenario) -> SupplyRun | None:
    """The newest solve of a scenario, however it ended."""
    return scenario.runs.select_related("job").first()


def summary_for(run: SupplyRun, user: Person | None) -> dict[str, Any]:
    """The figures of a plan without its gaps, and without costs for those who may not see them."""
    hidden = {"gaps"} if may_see_costs(user) else {"gaps", "costs", "cost", "margin", "ending_stock_value"}
    return {name: value for name, value in run.summary.items() if name not in hidden}
