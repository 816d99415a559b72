"""The facts by API: read only; they come in by imports."""

from typing import Any

from rest_framework import serializers

from core.api.viewsets import ReadViewSet
from core.roles import can
from gathering import filters
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
from gathering.selectors import facts

READ = {"list": "facts.view", "retrieve": "facts.view"}
COSTS = ("cost", "value")


def code(path: str) -> serializers.CharField:
    return serializers.CharField(source=path, read_only=True, default=None, allow_null=True)


class FactSerializer(serializers.ModelSerializer):
    """Codes beside numbers; costs only for those who may see them."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and not can(request.user, "catalog.costs"):
            return {name: field for name, field in fields.items() if name not in COSTS}
        return fields


class SalesSerializer(FactSerializer):
    product = code("demand_unit.product.code")
    market = code("demand_unit.market.code")

    class Meta:
        model = Sales
        fields = [
            *("id", "demand_unit", "product", "market", "month", "quantity", "revenue", "cost"),
            *("returned_quantity", "returned_revenue", "lines", "run"),
        ]


class LineSerializer(FactSerializer):
    product = code("demand_unit.product.code")
    market = code("demand_unit.market.code")
    account = code("account.code")
    rep = code("rep.code")

    class Meta:
        model = SalesLine
        fields = [
            *("id", "source", "order_number", "line", "kind", "day", "demand_unit", "product", "market"),
            *("account", "rep", "quantity", "unit_price", "revenue", "cost", "currency", "run", "row_number"),
        ]


class StockSerializer(FactSerializer):
    product = code("product.code")
    site = code("site.code")

    class Meta:
        model = StockLevel
        fields = ["id", "product", "site", "day", "quantity", "value", "run"]


class OpenOrderSerializer(FactSerializer):
    product = code("demand_unit.product.code")
    market = code("demand_unit.market.code")
    account = code("account.code")

    class Meta:
        model = OpenOrder
        fields = [
            *("id", "source", "order_number", "line", "as_of", "due", "demand_unit", "product", "market"),
            *("account", "quantity", "revenue", "currency", "run"),
        ]


class CapacitySerializer(FactSerializer):
    resource = code("resource.code")
    site = code("resource.site.code")

    class Meta:
        model = Capacity
        fields = ["id", "resource", "site", "month", "regular", "overtime", "run"]


class BudgetSerializer(FactSerializer):
    product = code("product.code")
    family = code("family.code")
    market = code("market.code")

    class Meta:
        model = Budget
        fields = ["id", "name", "product", "family", "market", "month", "quantity", "revenue", "cost", "run"]


class TargetSerializer(FactSerializer):
    rep = code("rep.code")
    market = code("market.code")

    class Meta:
        model = Target
        fields = ["id", "rep", "market", "month", "amount", "run"]


class ExternalForecastSerializer(FactSerializer):
    product = code("demand_unit.product.code")
    market = code("demand_unit.market.code")

    class Meta:
        model = ExternalForecast
        fields = ["id", "source", "demand_unit", "product", "market", "month", "quantity", "run"]


class SalesViewSet(ReadViewSet):
    """Sales by demand unit and month, in base currency."""

    selector = facts.sales_visible_to
    model = Sales
    serializer_class = SalesSerializer
    filterset_class = filters.SalesFilter
    ordering_fields = ["month", "quantity", "revenue"]
    ordering = ["month"]
    actions = READ


class LineViewSet(ReadViewSet):
    """Order lines and returned lines as they came."""

    selector = facts.lines_visible_to
    model = SalesLine
    serializer_class = LineSerializer
    filterset_class = filters.LineFilter
    ordering_fields = ["day", "revenue"]
    ordering = ["day"]
    actions = READ


class StockViewSet(ReadViewSet):
    selector = facts.stock_visible_to
    model = StockLevel
    serializer_class = StockSerializer
    filterset_class = filters.StockFilter
    ordering_fields = ["day", "quantity"]
    ordering = ["-day"]
    actions = READ


class OpenOrderViewSet(ReadViewSet):
    selector = facts.open_orders_visible_to
    model = OpenOrder
    serializer_class = OpenOrderSerializer
    filterset_class = filters.OpenOrderFilter
    ordering_fields = ["due", "quantity"]
    ordering = ["due"]
    actions = READ


class CapacityViewSet(ReadViewSet):
    selector = facts.capacity_visible_to
    model = Capacity
    serializer_class = CapacitySerializer
    filterset_class = filters.CapacityFilter
    ordering_fields = ["month", "regular"]
    ordering = ["month"]
    actions = READ


class BudgetViewSet(ReadViewSet):
    selector = facts.budget_visible_to
    model = Budget
    serializer_class = BudgetSerializer
    filterset_class = filters.BudgetFilter
    ordering_fields = ["month", "revenue"]
    ordering = ["month"]
    actions = READ


class TargetViewSet(ReadViewSet):
    selector = facts.targets_visible_to
    model = Target
    serializer_class = TargetSerializer
    filterset_class = filters.TargetFilter
    ordering_fields = ["month", "amount"]
    ordering = ["month"]
    actions = READ


class ExternalForecastViewSet(ReadViewSet):
    selector = facts.external_forecasts_visible_to
    model = ExternalForecast
    serializer_class = ExternalForecastSerializer
    filterset_class = filters.ExternalForecastFilter
    ordering_fields = ["month", "quantity"]
    ordering = ["month"]
    actions = READ


VIEWSETS: list[tuple[str, Any, str]] = [
    ("sales", SalesViewSet, "sales"),
    ("sales-lines", LineViewSet, "sales-line"),
    ("stock", StockViewSet, "stock"),
    ("open-orders", OpenOrderViewSet, "open-order"),
    ("capacity", CapacityViewSet, "capacity"),
    ("budget", BudgetViewSet, "budget"),
    ("targets", TargetViewSet, "target"),
    ("external-forecasts", ExternalForecastViewSet, "external-forecast"),
]
