"""One series by API: its models and back-tests, methods compared, what if, and pinned methods."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors import demand_units_visible_to
from core.access import person_of
from core.api.viewsets import ReadViewSet
from forecasting.filters.runs import AnyRunSeriesFilter, PinFilter, StudyFilter
from forecasting.models import ForecastPin, ForecastSeries, ForecastStudy
from forecasting.models.pins import METHODS
from forecasting.selectors.orders import months_with_orders
from forecasting.selectors.pins import pins_visible_to, worth_of
from forecasting.selectors.series_page import horizons_of
from forecasting.selectors.studies import studies_visible_to
from forecasting.selectors.values import history_of_unit, series_visible_to, values_of_series
from forecasting.services.pins import end_pin, pin_method
from forecasting.services.studies import MOST_MASKED, ask_alternatives, ask_what_if

TESTED = "In back-tests; null where nothing was tested."


class ForecastSeriesSerializer(serializers.ModelSerializer):
    product = serializers.CharField(source="demand_unit.product.code", read_only=True)
    market = serializers.CharField(source="demand_unit.market.code", read_only=True)

    class Meta:
        model = ForecastSeries
        fields = [
            *("id", "run", "demand_unit", "product", "market", "method", "reason", "mase", "wape", "bias"),
            *("rmsse", "smape", "size", "members", "best", "parameters", "components", "cleaned"),
            *("actual", "predicted", "without_pin"),
        ]


class AheadSerializer(serializers.Serializer):
    """Back-test errors at one distance, beside the value of the same month a year before."""

    months = serializers.IntegerField(help_text="Months ahead.")
    tests = serializers.IntegerField(help_text="How many cuts say something.")
    wape = serializers.FloatField(allow_null=True)
    bias = serializers.FloatField(allow_null=True)
    mase = serializers.FloatField(allow_null=True)
    naive_wape = serializers.FloatField(allow_null=True)
    naive_mase = serializers.FloatField(allow_null=True)
    better = serializers.BooleanField(allow_null=True)


class MonthOrdersSerializer(serializers.Serializer):
    """A forecast month with the orders in hand for it, in units."""

    month = serializers.DateField()
    forecast = serializers.FloatField()
    ordered = serializers.FloatField(help_text="Due in it by the newest list; overdue ones in the first.")
    left = serializers.FloatField(help_text="Still to come: what the orders have not used up.")


class ForecastStudySerializer(serializers.ModelSerializer):
    class Meta:
        model = ForecastStudy
        fields = ["id", "run", "demand_unit", "kind", "question", "answer", "answered", "job", "asked"]


class AlternativesInput(serializers.Serializer):
    again = serializers.BooleanField(default=False, help_text="Compute again what is answered already.")


class WhatIfInput(serializers.Serializer):
    since = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="The first month that is used."
    )
    masked = serializers.ListField(
        child=serializers.DateField(), default=list, max_length=MOST_MASKED, help_text="Months left out."
    )
    method = serializers.ChoiceField(
        choices=METHODS, required=False, allow_blank=True, default="", help_text="As it is unless told."
    )


class ForecastPinSerializer(serializers.ModelSerializer):
    product = serializers.CharField(source="demand_unit.product.code", read_only=True)
    market = serializers.CharField(source="demand_unit.market.code", read_only=True)
    pinned_by = serializers.CharField(source="pinned_by.email", default=None, allow_null=True)
    ended_by = serializers.CharField(source="ended_by.email", default=None, allow_null=True)
    measure = serializers.SerializerMethodField(help_text="MASE, or WAPE where MASE cannot be told.")
    error = serializers.SerializerMethodField(help_text=TESTED)
    error_without = serializers.SerializerMethodField(help_text=TESTED)
    pays = serializers.SerializerMethodField(help_text="Null until a forecast has used the pin.")

    class Meta:
        model = ForecastPin
        fields = [
            *("id", "demand_unit", "product", "market", "method", "reason", "pinned_by", "since"),
            *("ended", "ended_by", "end_reason", "measure", "error", "error_without", "pays", "revision"),
        ]

    def get_measure(self, row: ForecastPin) -> str:
        return worth_of(row).measure

    def get_error(self, row: ForecastPin) -> float | None:
        return worth_of(row).with_it

    def get_error_without(self, row: ForecastPin) -> float | None:
        return worth_of(row).without

    def get_pays(self, row: ForecastPin) -> bool | None:
        return worth_of(row).pays


class PinInput(serializers.Serializer):
    demand_unit = serializers.IntegerField(help_text="The demand unit's id.")
    method = serializers.ChoiceField(choices=METHODS)
    reason = serializers.CharField(max_length=400)


class EndPinInput(serializers.Serializer):
    revision = serializers.IntegerField()
    reason = serializers.CharField(max_length=400)


class ForecastSeriesViewSet(ReadViewSet):
    """How each demand unit was forecast in a run: models, parameters, components, back-tests, and why."""

    selector = series_visible_to
    model = ForecastSeries
    serializer_class = ForecastSeriesSerializer
    filterset_class = AnyRunSeriesFilter
    ordering_fields = ["id", "mase", "wape", "bias"]
    ordering = ["id"]
    actions = {
        "list": "forecast.view",
        "retrieve": "forecast.view",
        "horizons": "forecast.view",
        "orders": "forecast.view",
        "alternatives": "forecast.view",
        "what_if": "forecast.view",
    }

    @extend_schema(responses=AheadSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def horizons(self, request: Request, pk: str) -> Response:
        """How far off the back-tests were by months ahead, beside last year's value at the same cuts."""
        series = self.get_object()
        sold = history_of_unit(person_of(request), series.demand_unit_id)
        return Response(AheadSerializer(horizons_of(series, sold), many=True).data)

    @extend_schema(responses=MonthOrdersSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def orders(self, request: Request, pk: str) -> Response:
        """What of the forecast is on order already, by month; empty where nothing is."""
        person, series = person_of(request), self.get_object()
        values = values_of_series(person, series)
        months = months_with_orders(person, series.demand_unit_id, values)
        return Response(MonthOrdersSerializer(months, many=True).data)

    @extend_schema(
        request=AlternativesInput, responses={200: ForecastStudySerializer, 202: ForecastStudySerializer}
    )
    @action(detail=True, methods=["post"])
    def alternatives(self, request: Request, pk: str) -> Response:
        """Compare every method on this series: 202 with the study and its job, 200 when it is answered."""
        sent = _checked(AlternativesInput, request)
        study = ask_alternatives(actor=person_of(request), series=self.get_object(), again=sent["again"])
        return _answer(study)

    @extend_schema(
        request=WhatIfInput, responses={200: ForecastStudySerializer, 202: ForecastStudySerializer}
    )
    @action(detail=True, methods=["post"], url_path="what-if")
    def what_if(self, request: Request, pk: str) -> Response:
        """The series with another history or method: 202 with the study and its job, 200 when answered."""
        sent = _checked(WhatIfInput, request)
        masked = [month.replace(day=1) for month in sent["masked"]]
        since = sent["since"].replace(day=1) if sent["since"] else None
        study = ask_what_if(
            actor=person_of(request),
            series=self.get_object(),
            since=since,
            masked=masked,
            method=sent["method"],
        )
        return _answer(study)


class ForecastStudyViewSet(ReadViewSet):
    """Questions about one series and their answers; null while a worker is at it."""

    selector = studies_visible_to
    model = ForecastStudy
    serializer_class = ForecastStudySerializer
    filterset_class = StudyFilter
    ordering_fields = ["asked"]
    ordering = ["-asked"]
    actions = {"list": "forecast.view", "retrieve": "forecast.view"}


class ForecastPinViewSet(ReadViewSet):
    """Methods that people pinned to demand units, and whether they pay."""

    selector = pins_visible_to
    model = ForecastPin
    serializer_class = ForecastPinSerializer
    filterset_class = PinFilter
    ordering_fields = ["since", "ended"]
    ordering = ["-since"]
    actions = {
        "list": "forecast.view",
        "retrieve": "forecast.view",
        "create": "forecast.pin",
        "end": "forecast.pin",
    }

    @extend_schema(request=PinInput, responses={201: ForecastPinSerializer})
    def create(self, request: Request) -> Response:
        """Pin a method from the next forecast on; a pin that holds ends. 409 for the same method again."""
        sent = _checked(PinInput, request)
        person = person_of(request)
        unit = get_object_or_404(demand_units_visible_to(person), pk=sent["demand_unit"])
        row = pin_method(actor=person, unit=unit, method=sent["method"], reason=sent["reason"])
        return Response(self._shown(request, row), status=201)

    @extend_schema(request=EndPinInput, responses=ForecastPinSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Let the engine choose again from the next forecast on; 409 when the pin has ended."""
        sent = _checked(EndPinInput, request)
        row = end_pin(actor=person_of(request), pin=self.get_object(), **sent)
        return Response(self._shown(request, row))

    def _shown(self, request: Request, row: ForecastPin) -> dict[str, Any]:
        return ForecastPinSerializer(pins_visible_to(person_of(request)).get(pk=row.pk)).data


def _checked(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    sent = kind(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


def _answer(study: ForecastStudy) -> Response:
    status = 200 if study.answer is not None else 202
    return Response(ForecastStudySerializer(study).data, status=status)


VIEWSETS: list[tuple[str, Any, str]] = [
    ("forecast-series", ForecastSeriesViewSet, "forecast-series"),
    ("forecast-studies", ForecastStudyViewSet, "forecast-study"),
    ("forecast-pins", ForecastPinViewSet, "forecast-pin"),
]
