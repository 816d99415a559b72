"""Pages of the facts: filtered, summed up above, and exported exactly as shown."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from catalog.engine.months import add_months
from core import company
from core.access import person_of
from core.explain import address
from core.formats import show
from core.listing import Column, Empty, ListPage
from core.roles import can
from gathering import filters
from gathering.models import Sales, SalesLine
from gathering.selectors import facts

SHOWN_MONTHS = 12


def history_url(row: Any) -> str:
    """The history of the demand unit that a row is about."""
    return reverse("gathering:history", args=[row.demand_unit_id])


def file_url(row: Any) -> str:
    return reverse("gathering:import-detail", args=[row.run_id])


PRODUCT = Column("product", "Product", "demand_unit.product.name", order="demand_unit__product__name")
CODE = Column("code", "Code", "demand_unit.product.code", "code", order="demand_unit__product__code")
MARKET = Column("market", "Market", "demand_unit.market.name", order="demand_unit__market__name")
MONTH = Column("month", "Month", kind="month", order="month")
FILE = Column("file", "File", "run.file_name", link=file_url)


class FactPage(ListPage):
    """A list of facts. `sums` are the columns whose totals stand above the list, with their labels."""

    action = "facts.view"
    dataset: ClassVar[str]
    costs: ClassVar[frozenset[str]] = frozenset()
    sums: ClassVar[dict[str, tuple[str, str]]] = {}
    template_name = "gathering/facts/list.html"

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        if can(request.user, "catalog.costs"):
            return self.columns
        return [column for column in self.columns if column.key not in self.costs]

    def totals(self, request: HttpRequest, rows: QuerySet) -> dict[str, Any]:
        hidden = frozenset() if can(request.user, "catalog.costs") else self.costs
        return facts.totals_of(rows, *(name for name in self.sums if name not in hidden))

    def about_totals(self, request: HttpRequest, totals: dict[str, Any]) -> dict[str, Any]:
        shown = [
            self._figure(label, kind, totals[name])
            for name, (label, kind) in self.sums.items()
            if name in totals
        ]
        return {"figures": shown[:4], "dataset": self.dataset}

    def _figure(self, label: str, kind: str, value: Any) -> dict[str, Any]:
        text, exact = show(value or 0, "quantity")
        unit = company.value("base_currency") if kind == "money" else ""
        return {"label": label, "value": text, "unit": unit, "title": exact}


class SalesList(FactPage):
    title = "Sales by month"
    rows_name = "Rows"
    dataset = "sales"
    filterset_class = filters.SalesFilter
    default_order = "-month"
    costs = frozenset({"cost"})
    sums: ClassVar[dict[str, tuple[str, str]]] = {
        "revenue": ("Revenue", "money"),
        "quantity": ("Quantity sold", "quantity"),
        "returned_revenue": ("Returned", "money"),
        "cost": ("Cost", "money"),
    }
    empty = Empty(
        "No sales here",
        "Sales by demand unit and month, summed from the imported order lines. Widen the filters, "
        "or import a file.",
        "Import a file",
        "/data/imports/start/",
    )
    columns = [
        PRODUCT,
        CODE,
        MARKET,
        MONTH,
        Column(
            "quantity",
            "Sold",
            kind="quantity",
            order="quantity",
            link=lambda row: address("sales", row.demand_unit_id, row.month),
        ),
        Column("returned_quantity", "Returned", kind="quantity", order="returned_quantity"),
        Column("revenue", "Revenue", kind="money", order="revenue"),
        Column("cost", "Cost", kind="money", order="cost"),
        Column(
            "price",
            "Price",
            lambda row: row.revenue / row.quantity if row.quantity else None,
            "money",
            help="Revenue by quantity",
        ),
        Column("lines", "Lines", kind="quantity", order="lines", link=lambda row: lines_url(row)),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Sales]:
        return facts.sales_visible_to(person_of(request))

    def row_url(self, row: Sales) -> str:
        return history_url(row)

    def _filters(self, request: HttpRequest) -> django_filters.FilterSet:
        """Without a range the last twelve months of the history; an emptied range is all of it."""
        data = request.GET.copy()
        if "first" not in data and "last" not in data:
            _last_year(data)
        return filters.SalesFilter(data, queryset=self.rows(request), request=request)


def _last_year(data: QueryDict) -> None:
    last = facts.last_month_of_sales()
    if last is not None:
        data["first"] = f"{add_months(last, 1 - SHOWN_MONTHS):%Y-%m}"


def lines_url(row: Sales) -> str:
    """The order lines behind one month of one demand unit."""
    month = f"{row.month:%Y-%m}"
    return f"{reverse('gathering:line-list')}?demand_unit={row.demand_unit_id}&first={month}&last={month}"


class LineList(FactPage):
    title = "Order lines"
    dataset = "sales"
    filterset_class = filters.LineFilter
    default_order = "-day"
    costs = frozenset({"cost"})
    sums: ClassVar[dict[str, tuple[str, str]]] = {
        "quantity": ("Quantity", "quantity"),
        "revenue": ("Revenue, all currencies", "number"),
    }
    empty = Empty("No order lines here", "Order lines as they came in the files. Widen the filters.")
    columns = [
        Column("order_number", "Order", kind="code", order="order_number"),
        Column("line", "Line", kind="code"),
        Column("day", "Day", kind="date", order="day"),
        Column("product", "Product", "demand_unit.product.name", link=history_url),
        MARKET,
        Column("account", "Account", "account.name", order="account__name"),
        Column("rep", "Rep", "rep.name", order="rep__name"),
        Column("quantity", "Quantity", kind="quantity", order="quantity"),
        Column("unit_price", "Unit price", kind="money", order="unit_price"),
        Column("revenue", "Revenue", kind="money", order="revenue"),
        Column("cost", "Cost", kind="money", order="cost"),
        Column("currency", "Currency", kind="code"),
        FILE,
        Column("row_number", "Row", kind="quantity", help="The row in the file"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[SalesLine]:
        return facts.lines_visible_to(person_of(request)).filter(kind="sale")


class ReturnList(LineList):
    title = "Returns"
    dataset = "returns"
    empty = Empty(
        "No returns here",
        "Returned order lines as they came in the files.",
        "Import returns",
        "/data/imports/start/returns/",
    )

    def rows(self, request: HttpRequest) -> QuerySet[SalesLine]:
        return facts.returns_visible_to(person_of(request))


class StockList(FactPage):
    title = "Stock"
    rows_name = "Rows"
    dataset = "stock"
    filterset_class = filters.StockFilter
    default_order = "-day,product__code"
    costs = frozenset({"value"})
    empty = Empty(
        "No stock here",
        "What was on hand at each site at the end of a day.",
        "Import stock",
        "/data/imports/start/stock/",
    )
    columns = [
        Column("product", "Product", "product.name", order="product__name"),
        Column("code", "Code", "product.code", "code", order="product__code"),
        Column("site", "Site", "site.name", order="site__name"),
        Column("day", "Day", kind="date", order="day"),
        Column(
            "quantity",
            "On hand",
            kind="quantity",
            order="quantity",
            link=lambda row: address("stock", row),
        ),
        Column("unit", "Unit", "product.unit.name"),
        Column("value", "Value", kind="money", order="value"),
        FILE,
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return facts.stock_visible_to(person_of(request))


class OpenOrderList(FactPage):
    title = "Open orders"
    dataset = "open_orders"
    filterset_class = filters.OpenOrderFilter
    default_order = "due"
    sums: ClassVar[dict[str, tuple[str, str]]] = {"quantity": ("Quantity", "quantity")}
    empty = Empty(
        "No open orders here",
        "Orders that are not delivered yet.",
        "Import open orders",
        "/data/imports/start/open_orders/",
    )
    columns = [
        Column("order_number", "Order", kind="code", order="order_number"),
        Column("product", "Product", "demand_unit.product.name", link=history_url),
        MARKET,
        Column("account", "Account", "account.name", order="account__name"),
        Column("due", "Due", kind="date", order="due"),
        Column("as_of", "As of", kind="date", order="as_of"),
        Column("quantity", "Quantity", kind="quantity", order="quantity"),
        Column("revenue", "Revenue", kind="money", order="revenue"),
        Column("currency", "Currency", "currency_id", "code"),
        FILE,
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return facts.open_orders_visible_to(person_of(request))


class CapacityList(FactPage):
    title = "Capacity"
    rows_name = "Rows"
    dataset = "capacity"
    filterset_class = filters.CapacityFilter
    default_order = "month,resource__code"
    empty = Empty(
        "No capacity here",
        "What each resource can give in a month.",
        "Import capacity",
        "/data/imports/start/capacity/",
    )
    columns = [
        Column("resource", "Resource", "resource.name", order="resource__name"),
        Column("code", "Code", "resource.code", "code", order="resource__code"),
        Column("site", "Site", "resource.site.name", order="resource__site__name"),
        MONTH,
        Column(
            "regular",
            "Regular",
            kind="quantity",
            order="regular",
            link=lambda row: address("capacity", row.resource_id, row.month),
        ),
        Column("overtime", "Overtime", kind="quantity", order="overtime"),
        Column("unit", "Unit", "resource.unit"),
        FILE,
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return facts.capacity_visible_to(person_of(request))


class BudgetList(FactPage):
    title = "Budget"
    rows_name = "Rows"
    dataset = "budget"
    filterset_class = filters.BudgetFilter
    default_order = "month,market__code"
    costs = frozenset({"cost"})
    sums: ClassVar[dict[str, tuple[str, str]]] = {
        "revenue": ("Budgeted revenue", "money"),
        "quantity": ("Budgeted quantity", "quantity"),
    }
    empty = Empty(
        "No budget here",
        "What finance budgeted by product or family, market and month.",
        "Import a budget",
        "/data/imports/start/budget/",
    )
    columns = [
        Column("for", "Product or family", lambda row: (row.product or row.family).name),
        Column("market", "Market", "market.name", order="market__name"),
        MONTH,
        Column("quantity", "Quantity", kind="quantity", order="quantity"),
        Column("revenue", "Revenue", kind="money", order="revenue"),
        Column("cost", "Cost", kind="money", order="cost"),
        Column("name", "Budget", order="name"),
        FILE,
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return facts.budget_visible_to(person_of(request))


class TargetList(FactPage):
    title = "Targets"
    dataset = "targets"
    filterset_class = filters.TargetFilter
    default_order = "-month"
    sums: ClassVar[dict[str, tuple[str, str]]] = {"amount": ("Target", "money")}
    empty = Empty(
        "No targets here",
        "What reps and markets should sell in a month.",
        "Import targets",
        "/data/imports/start/targets/",
    )
    columns = [
        Column("rep", "Rep", "rep.name", order="rep__name"),
        Column("market", "Market", "market.name", order="market__name"),
        MONTH,
        Column("amount", "Target", kind="money", order="amount"),
        FILE,
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return facts.targets_visible_to(person_of(request))


class ExternalForecastList(FactPage):
    title = "External forecasts"
    dataset = "external_forecasts"
    filterset_class = filters.ExternalForecastFilter
    default_order = "month"
    sums: ClassVar[dict[str, tuple[str, str]]] = {"quantity": ("Forecast quantity", "quantity")}
    empty = Empty(
        "No external forecasts here",
        "What customers or a parent company forecast for a product in a market.",
        "Import forecasts",
        "/data/imports/start/external_forecasts/",
    )
    columns = [
        PRODUCT,
        CODE,
        MARKET,
        MONTH,
        Column("quantity", "Quantity", kind="quantity", order="quantity"),
        Column("source", "Source", order="source"),
        FILE,
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return facts.external_forecasts_visible_to(person_of(request))

    def row_url(self, row: Any) -> str:
        return history_url(row)
