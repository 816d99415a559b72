"""Deal forecasts by API: ask for one, read its back-test, its revenue and its deals."""

from dataclasses import asdict
from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import ReadViewSet
from forecasting.filters.deals import ChanceFilter
from forecasting.models import DealChance, DealForecast, DealMethod, RunState
from forecasting.selectors.deals import chances_visible_to, deal_forecasts_visible_to, revenue_of
from forecasting.services.deal_forecasts import MOST_MONTHS, start_deal_forecast


class DealForecastSerializer(serializers.ModelSerializer):
    requested_by = serializers.CharField(source="requested_by.email", default=None, allow_null=True)

    class Meta:
        model = DealForecast
        fields = [
            *(
                "id",
                "as_of",
                "horizon",
                "wanted",
                "method",
                "state",
                "deals",
                "usual_cycle",
                "backtest",
                "job",
            ),
            *("engine_version", "input_hash", "requested_by", "created", "finished"),
        ]


class DealForecastInput(serializers.Serializer):
    as_of = serializers.DateField(help_text="What was known when this day ended.")
    horizon = serializers.IntegerField(required=False, default=3, min_value=1, max_value=MOST_MONTHS)
    method = serializers.ChoiceField(
        required=False,
        default="",
        allow_blank=True,
        choices=DealMethod.choices,
        help_text="Empty: the one that wins the back-test.",
    )


class DealRevenueSerializer(serializers.Serializer):
    """A month's expected revenue from the deals you may see, in base currency."""

    month = serializers.DateField()
    mean = serializers.FloatField()
    lower_80 = serializers.FloatField()
    upper_80 = serializers.FloatField()
    lower_95 = serializers.FloatField()
    upper_95 = serializers.FloatField()
    statistical = serializers.FloatField(
        allow_null=True, help_text="The newest statistical forecast of revenue in that month."
    )


class DealChanceSerializer(serializers.ModelSerializer):
    external_id = serializers.CharField(source="deal.external_id", read_only=True)

    class Meta:
        model = DealChance
        fields = [
            *("id", "forecast", "deal", "external_id", "probability", "by_method"),
            *("expected_month", "months", "worth", "basis", "expected", "age", "stage", "why"),
        ]


class DealForecastViewSet(ReadViewSet):
    """Forecasts from the CRM's open deals, newest first. One that is done never changes."""

    selector = deal_forecasts_visible_to
    model = DealForecast
    serializer_class = DealForecastSerializer
    filterset_fields = {"as_of": ["exact", "gte", "lte"], "state": ["exact"]}
    ordering_fields = ["id", "as_of", "created"]
    ordering = ["-as_of", "-id"]
    actions = {
        "list": "forecast.view",
        "retrieve": "forecast.view",
        "create": "forecast.run",
        "revenue": "forecast.view",
    }

    @extend_schema(
        request=DealForecastInput, responses={200: DealForecastSerializer, 202: DealForecastSerializer}
    )
    def create(self, request: Request) -> Response:
        """Ask for a deal forecast: 202 with its job; 200 when the same work is done already."""
        sent = DealForecastInput(data=request.data)
        sent.is_valid(raise_exception=True)
        made = start_deal_forecast(actor=person_of(request), **sent.validated_data)
        status = 200 if made.state == RunState.DONE else 202
        return Response(DealForecastSerializer(made).data, status=status)

    @extend_schema(responses=DealRevenueSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def revenue(self, request: Request, pk: str) -> Response:
        """Expected revenue by month with its intervals, of the deals you may see."""
        months = revenue_of(person_of(request), self.get_object())
        return Response(DealRevenueSerializer([asdict(month) for month in months], many=True).data)


class AnyChanceFilter(ChanceFilter):
    forecast = django_filters.NumberFilter(field_name="forecast", label="Deal forecast number")
    deal = django_filters.NumberFilter(field_name="deal", label="Deal number")


class DealChanceViewSet(ReadViewSet):
    """What a deal forecast says of each open deal: chance, month, worth, and why."""

    selector = chances_visible_to
    model = DealChance
    serializer_class = DealChanceSerializer
    filterset_class = AnyChanceFilter
    ordering_fields = ["id", "probability", "expected", "expected_month"]
    ordering = ["-forecast", "-expected", "id"]
    actions = {"list": "forecast.view", "retrieve": "forecast.view"}


VIEWSETS: list[tuple[str, Any, str]] = [
    ("deal-forecasts", DealForecastViewSet, "deal-forecast"),
    ("deal-chances", DealChanceViewSet, "deal-chance"),
]
