"""Reading the facts, each within the person's scope of families and markets."""

import datetime as dt
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from catalog.selectors import reach_of
from core.models import Person
from gathering.models import (
    Budget,
    Capacity,
    ExternalForecast,
    OpenOrder,
    Sales,
    SalesLine,
    StockLevel,
    Target,
)

UNIT = "demand_unit"


def _of_units(user: Person | None) -> Q:
    reach = reach_of(user)
    return reach.of_family(f"{UNIT}__product__family") & reach.of_market(f"{UNIT}__market")


def sales_visible_to(user: Person | None) -> QuerySet[Sales]:
    """Sales by demand unit and month."""
    rows = Sales.objects.filter(_of_units(user))
    return rows.select_related(
        "demand_unit__product__family", "demand_unit__product__unit", "demand_unit__market"
    )


def lines_visible_to(user: Person | None) -> QuerySet[SalesLine]:
    """Order lines and returned lines as they came."""
    rows = SalesLine.objects.filter(_of_units(user))
    return rows.select_related("demand_unit__product", "demand_unit__market", "account", "rep", "run")


def returns_visible_to(user: Person | None) -> QuerySet[SalesLine]:
    """Returned lines as they came."""
    return lines_visible_to(user).filter(kind="return")


def stock_visible_to(user: Person | None) -> QuerySet[StockLevel]:
    """What was on hand, by site, product and day."""
    reach = reach_of(user)
    rows = StockLevel.objects.filter(
        reach.of_family("product__family"), reach.of_market("site__market", or_everywhere=True)
    )
    return rows.select_related("product__unit", "site", "run")


def open_orders_visible_to(user: Person | None) -> QuerySet[OpenOrder]:
    """Order lines that are not delivered yet."""
    rows = OpenOrder.objects.filter(_of_units(user))
    return rows.select_related("demand_unit__product", "demand_unit__market", "account", "run")


def newest_order_lists(up_to: dt.date) -> Q:
    """The open orders of each source's newest list up to a day: an older list is not true any more."""
    known = OpenOrder.objects.filter(as_of__lte=up_to).order_by()
    newest = {row["source"]: row["last"] for row in known.values("source").annotate(last=Max("as_of"))}
    listed = Q(pk=None)
    for source, day in newest.items():
        listed |= Q(source=source, as_of=day)
    return listed


def capacity_visible_to(user: Person | None) -> QuerySet[Capacity]:
    """What resources can give, by month."""
    rows = Capacity.objects.filter(reach_of(user).of_market("resource__site__market", or_everywhere=True))
    return rows.select_related("resource__site", "run")


def budget_visible_to(user: Person | None) -> QuerySet[Budget]:
    """What finance budgeted, by product or family, market and month."""
    reach = reach_of(user)
    rows = Budget.objects.filter(
        reach.of_family("product__family") | reach.of_family("family"), reach.of_market("market")
    )
    return rows.select_related("product", "family", "market", "run")


def targets_visible_to(user: Person | None) -> QuerySet[Target]:
    """What reps and markets should sell, by month."""
    rows = Target.objects.filter(reach_of(user).of_market("market", or_everywhere=True))
    return rows.select_related("rep", "market", "run")


def external_forecasts_visible_to(user: Person | None) -> QuerySet[ExternalForecast]:
    """What somebody outside forecasts."""
    rows = ExternalForecast.objects.filter(_of_units(user))
    return rows.select_related("demand_unit__product", "demand_unit__market", "run")


def last_month_of_sales() -> dt.date | None:
    """The latest month with sales, not later than today's: the end of the history."""
    return Sales.objects.aggregate(last=Max("month"))["last"]


def last_day_of_sales() -> dt.date | None:
    """The latest day with an order line: what came since is not imported yet."""
    return SalesLine.objects.aggregate(last=Max("day"))["last"]


def totals_of(rows: QuerySet, *names: str) -> dict[str, Any]:
    """The sums of some columns over a filtered list, and its count, in one query."""
    return rows.order_by().aggregate(count=Count("pk"), **{name: Sum(name) for name in names})


def monthly_sales(user: Person | None, first: dt.date, last: dt.date) -> list[Any]:
    """Revenue and cost of all visible sales by month, in order."""
    rows = Sales.objects.filter(_of_units(user), month__gte=first, month__lte=last)
    sums = rows.order_by("month").values("month")
    return list(sums.annotate(revenue=Sum("revenue"), returned=Sum("returned_revenue"), units=Count("pk")))


def monthly_budget(user: Person | None, first: dt.date, last: dt.date) -> dict[dt.date, Any]:
    """Budgeted revenue by month. Where several budgets cover a month, the last named one counts."""
    rows = budget_visible_to(user).filter(month__gte=first, month__lte=last, revenue__isnull=False)
    sums = rows.order_by("month", "name").values("month", "name").annotate(total=Sum("revenue"))
    return {row["month"]: row["total"] for row in sums}


def sales_of_unit(user: Person | None, unit: int) -> QuerySet[Sales]:
    """Every month of one demand unit, with the last import behind each."""
    return sales_visible_to(user).filter(demand_unit=unit).select_related("run").order_by("month")


def budget_of_unit(user: Person | None, product: int, market: int) -> dict[dt.date, Any]:
    """Budgeted quantity of one product in one market by month."""
    rows = budget_visible_to(user).filter(product=product, market=market, quantity__isnull=False)
    return dict(rows.order_by("month", "name").values_list("month", "quantity"))


def stock_of_product(user: Person | None, product: int) -> QuerySet[StockLevel]:
    """The latest stock of a product at each site."""
    rows = stock_visible_to(user).filter(product=product)
    return rows.order_by("site_id", "-day").distinct("site_id")


def files_behind(user: Person | None, unit: int, month: dt.date) -> QuerySet[SalesLine, Any]:
    """The imports whose lines make one month of one demand unit, with how much each brought."""
    after = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    rows = lines_visible_to(user).filter(demand_unit=unit, day__gte=month, day__lt=after)
    return (
        rows.order_by()
        .values("run_id", "kind", file=F("run__file_name"), committed=F("run__committed"))
        .annotate(lines=Count("pk"), quantity=Sum("quantity"), revenue=Sum("revenue"))
        .order_by("-revenue")
    )
