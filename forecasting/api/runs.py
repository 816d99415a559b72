"""Forecasts by API: ask for one, follow it, read its series, months and accuracy."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import company
from core.access import person_of
from core.api.viewsets import ReadViewSet
from forecasting.filters.runs import AnyRunValueFilter, RunFilter
from forecasting.models import ForecastRun, ForecastValue, RunState
from forecasting.selectors import accuracy, classes
from forecasting.selectors.runs import runs_visible_to
from forecasting.selectors.values import values_visible_to
from forecasting.services.runs import MOST_MONTHS, cancel_run, retry_run, start_run


class ForecastRunSerializer(serializers.ModelSerializer):
    requested_by = serializers.CharField(source="requested_by.email", default=None, allow_null=True)

    class Meta:
        model = ForecastRun
        fields = [
            *("id", "last_month", "horizon", "state", "series", "job", "engine_version", "settings"),
            *("input_hash", "requested_by", "created", "finished"),
        ]


class ForecastRunInput(serializers.Serializer):
    last_month = serializers.DateField(help_text="Any day of the last month of sales to be known.")
    horizon = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_MONTHS,
        help_text="Months ahead; the company's horizon unless told.",
    )


class ForecastValueSerializer(serializers.ModelSerializer):
    product = serializers.CharField(source="demand_unit.product.code", read_only=True)
    market = serializers.CharField(source="demand_unit.market.code", read_only=True)

    class Meta:
        model = ForecastValue
        fields = [
            *("id", "run", "demand_unit", "product", "market", "month", "mean"),
            *("lower_80", "upper_80", "lower_95", "upper_95"),
        ]


class ForecastFiguresSerializer(serializers.Serializer):
    """Back-test figures of some series, weighed by the revenue of the twelve months before."""

    series = serializers.IntegerField()
    tested = serializers.IntegerField(help_text="Series with enough history to be tested.")
    revenue = serializers.FloatField()
    mase = serializers.FloatField(allow_null=True)
    wape = serializers.FloatField(allow_null=True)
    bias = serializers.FloatField(allow_null=True)
    mase_quartiles = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="25, 50 and 75 %, unweighed."
    )
    better = serializers.FloatField(
        allow_null=True, help_text="Share of the tested series with a MASE below 1."
    )


class FamilyFiguresSerializer(ForecastFiguresSerializer):
    family = serializers.IntegerField()
    name = serializers.CharField()


class MethodCountSerializer(serializers.Serializer):
    method = serializers.CharField()
    series = serializers.IntegerField()


class ForecastAccuracySerializer(serializers.Serializer):
    all = ForecastFiguresSerializer()
    families = FamilyFiguresSerializer(many=True)
    methods = MethodCountSerializer(many=True)


class ForecastClassSerializer(serializers.Serializer):
    """One of the nine ABC/XYZ classes, of what the caller may see."""

    abc = serializers.CharField(help_text="A, B or C: by revenue of the twelve months before.")
    xyz = serializers.CharField(help_text="X, Y or Z: by back-test WAPE; Z holds the untested.")
    units = serializers.IntegerField(help_text="Demand units.")
    revenue = serializers.FloatField(help_text="Base currency.")
    share = serializers.FloatField(allow_null=True, help_text="Of all revenue seen.")
    wape = serializers.FloatField(allow_null=True, help_text="Weighed by revenue.")


class ForecastClassesSerializer(serializers.Serializer):
    bounds = serializers.DictField(
        child=serializers.FloatField(), help_text="Shares: a and b of revenue, x and y of WAPE."
    )
    classes = ForecastClassSerializer(many=True)


class ForecastRunViewSet(ReadViewSet):
    """Forecast runs, newest first. A run that is done never changes."""

    selector = runs_visible_to
    model = ForecastRun
    serializer_class = ForecastRunSerializer
    filterset_class = RunFilter
    ordering_fields = ["id", "last_month", "created", "finished"]
    ordering = ["-id"]
    actions = {
        "list": "forecast.view",
        "retrieve": "forecast.view",
        "create": "forecast.run",
        "cancel": "forecast.run",
        "retry": "forecast.run",
        "accuracy": "forecast.view",
        "classes": "forecast.view",
    }

    @extend_schema(
        request=ForecastRunInput, responses={200: ForecastRunSerializer, 202: ForecastRunSerializer}
    )
    def create(self, request: Request) -> Response:
        """Ask for a forecast: 202 with the run and its job; 200 when the same work is done already."""
        sent = ForecastRunInput(data=request.data)
        sent.is_valid(raise_exception=True)
        horizon = sent.validated_data.get("horizon", int(company.value("horizon")))
        run = start_run(
            actor=person_of(request), last_month=sent.validated_data["last_month"], horizon=horizon
        )
        return Response(ForecastRunSerializer(run).data, status=200 if run.state == RunState.DONE else 202)

    @extend_schema(request=None, responses=ForecastRunSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop the run between two series; 409 when it is over."""
        run = cancel_run(actor=person_of(request), run=self.get_object())
        return Response(ForecastRunSerializer(run).data)

    @extend_schema(request=None, responses={202: ForecastRunSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Take a failed or cancelled run up again where it stopped; 409 in any other state."""
        run = retry_run(actor=person_of(request), run=self.get_object())
        return Response(ForecastRunSerializer(run).data, status=202)

    @extend_schema(responses=ForecastAccuracySerializer)
    @action(detail=True)
    def accuracy(self, request: Request, pk: str) -> Response:
        """How far the run's forecasts were off in back-tests: all you may see, by family, by method."""
        frame = accuracy.tested_series(person_of(request), self.get_object())
        families = [
            {"family": key, "name": name, **asdict(figures)}
            for key, name, figures in accuracy.by_family(frame)
        ]
        methods = [{"method": name, "series": count} for name, count in accuracy.by_method(frame)]
        shown = {"all": asdict(accuracy.figures_of(frame)), "families": families, "methods": methods}
        return Response(ForecastAccuracySerializer(shown).data)

    @extend_schema(responses=ForecastClassesSerializer)
    @action(detail=True)
    def classes(self, request: Request, pk: str) -> Response:
        """ABC/XYZ: nine classes of the run's demand units. forecast-series takes abc and xyz with run."""
        squares = classes.squares_of(person_of(request), self.get_object())
        shown = {"bounds": asdict(classes.bounds()), "classes": squares}
        return Response(ForecastClassesSerializer(shown).data)


class ForecastValueViewSet(ReadViewSet):
    """The forecast of each demand unit and month, with its 80 and 95 % intervals."""

    selector = values_visible_to
    model = ForecastValue
    serializer_class = ForecastValueSerializer
    filterset_class = AnyRunValueFilter
    ordering_fields = ["id", "month", "mean"]
    ordering = ["id"]
    actions = {"list": "forecast.view", "retrieve": "forecast.view"}


VIEWSETS: list[tuple[str, Any, str]] = [
    ("forecast-runs", ForecastRunViewSet, "forecast-run"),
    ("forecast-values", ForecastValueViewSet, "forecast-value"),
]
