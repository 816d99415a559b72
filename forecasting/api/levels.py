"""Forecasts of families and markets by API: the nodes of a run, each with its months."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.viewsets import ReadViewSet
from forecasting.models import ForecastNode, ForecastNodeValue
from forecasting.selectors.levels import history_of_node, nodes_visible_to, values_of_node


class ForecastLevelFilter(django_filters.FilterSet):
    run = django_filters.NumberFilter(field_name="run", label="Forecast number")
    family = django_filters.CharFilter(field_name="family__code", label="Family code")
    market = django_filters.CharFilter(field_name="market__code", label="Market code")
    unit = django_filters.CharFilter(field_name="unit__code", label="Unit of measure code")
    all_families = django_filters.BooleanFilter(field_name="family", lookup_expr="isnull")
    all_markets = django_filters.BooleanFilter(field_name="market", lookup_expr="isnull")
    revenue = django_filters.BooleanFilter(field_name="unit", lookup_expr="isnull")

    class Meta:
        model = ForecastNode
        fields: list[str] = []


class LevelMonthSerializer(serializers.ModelSerializer):
    class Meta:
        model = ForecastNodeValue
        fields = ["month", "mean", "lower_80", "upper_80", "lower_95", "upper_95"]


class SoldMonthSerializer(serializers.Serializer):
    month = serializers.DateField()
    value = serializers.FloatField()


class ForecastLevelSerializer(serializers.ModelSerializer):
    family = serializers.CharField(
        source="family.code", default=None, allow_null=True, help_text="Code; null: all."
    )
    market = serializers.CharField(
        source="market.code", default=None, allow_null=True, help_text="Code; null: all."
    )
    unit = serializers.CharField(
        source="unit.code", default=None, allow_null=True, help_text="Code; null: revenue in base currency."
    )

    class Meta:
        model = ForecastNode
        fields = [
            *("id", "run", "family", "market", "unit", "demand_units"),
            *("method", "reason", "wape", "bias", "size"),
        ]


class ForecastLevelDetailSerializer(ForecastLevelSerializer):
    months = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()

    class Meta(ForecastLevelSerializer.Meta):
        fields = [*ForecastLevelSerializer.Meta.fields, "months", "history"]

    @extend_schema_field(LevelMonthSerializer(many=True))
    def get_months(self, node: ForecastNode) -> Any:
        return LevelMonthSerializer(values_of_node(node), many=True).data

    @extend_schema_field(SoldMonthSerializer(many=True))
    def get_history(self, node: ForecastNode) -> Any:
        sold = [{"month": month, "value": value} for month, value in history_of_node(node).items()]
        return SoldMonthSerializer(sold, many=True).data


class ForecastLevelViewSet(ReadViewSet):
    """Forecasts of every family with every market, adding up to each other and to the demand units: in
    each unit of measure, and in revenue at the prices of the last twelve months. One node by its id also
    has its months with intervals, and what was sold before. Only nodes wholly inside your scope."""

    selector = nodes_visible_to
    model = ForecastNode
    filterset_class = ForecastLevelFilter
    ordering_fields = ["id", "demand_units", "wape", "bias"]
    ordering = ["id"]
    actions = {"list": "forecast.view", "retrieve": "forecast.view"}

    def get_queryset(self) -> QuerySet[ForecastNode]:
        return super().get_queryset().filter(run__state="done")

    def get_serializer_class(self) -> type[ForecastLevelSerializer]:
        return ForecastLevelDetailSerializer if self.action == "retrieve" else ForecastLevelSerializer


VIEWSETS: list[tuple[str, Any, str]] = [("forecast-levels", ForecastLevelViewSet, "forecast-level")]
