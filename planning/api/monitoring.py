"""Plan against actual by API."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import person_of
from core.api.permissions import DeclaredAction
from core.errors import Invalid, Reason
from planning.selectors.monitoring import accuracy_by_family, accuracy_by_lag, alerts_of
from planning.selectors.value_added import people_of, steps_of

MOST_LAG = 12


def _share(help_text: str = "") -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=help_text or "A share of what was sold.")


class LagSerializer(serializers.Serializer):
    lag = serializers.IntegerField()
    months = serializers.IntegerField()
    wape = _share()
    bias = _share("Positive: too much was planned.")
    baseline_wape = _share()
    units = serializers.FloatField()


class FamilyAccuracySerializer(serializers.Serializer):
    family = serializers.CharField()
    months = serializers.IntegerField()
    wape = _share()
    bias = _share("Positive: too much was planned.")
    signal = _share("Tracking signal: beyond ±4 the plan leans to one side.")
    units = serializers.FloatField()


class AlertSerializer(serializers.Serializer):
    family = serializers.CharField()
    market = serializers.CharField()
    month = serializers.DateField()
    planned = serializers.FloatField(help_text="Units.")
    sold = serializers.FloatField(help_text="Units.")
    planned_revenue = serializers.FloatField()
    revenue = serializers.FloatField()
    difference = serializers.FloatField(help_text="Revenue less plan, base currency.")
    share = _share("Of the plan.")


class StepSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    against = serializers.CharField(allow_blank=True)
    wape = _share()
    before = _share("WAPE of what it is measured against, on the same cells.")
    gained = _share("Positive: the step made the plan better.")
    units = serializers.FloatField()


class PersonsWordSerializer(serializers.Serializer):
    person = serializers.CharField()
    stream = serializers.CharField()
    cells = serializers.IntegerField()
    wape = _share()
    before = _share("WAPE of the baseline on the same cells.")
    gained = _share("Positive: their word was better than the baseline.")


class MonitoringSerializer(serializers.Serializer):
    lag = serializers.IntegerField()
    by_lag = LagSerializer(many=True)
    families = FamilyAccuracySerializer(many=True)
    alerts = AlertSerializer(many=True)
    value_added = StepSerializer(many=True)
    people = PersonsWordSerializer(many=True)


class MonitoringView(APIView):
    """The released plans against what was sold since, as far as the caller sees."""

    permission_classes = [DeclaredAction]
    actions = {"get": "release.view"}

    @extend_schema(
        operation_id="monitoring_retrieve",
        parameters=[OpenApiParameter("lag", int, description="1 to 12 months ahead; 1 if absent.")],
        responses=MonitoringSerializer,
    )
    def get(self, request: Request) -> Response:
        """Accuracy by lag and family, value added by step and person, and what left its tolerance."""
        person, lag = person_of(request), _lag(request.query_params.get("lag") or "1")
        body: dict[str, Any] = {
            "lag": lag,
            "by_lag": accuracy_by_lag(person),
            "families": accuracy_by_family(person, lag),
            "alerts": alerts_of(person),
            "value_added": steps_of(person, lag),
            "people": people_of(person),
        }
        return Response(MonitoringSerializer(body).data)


def _lag(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_LAG:
        return int(text)
    raise Invalid(Reason(f"A lag is a whole number from 1 to {MOST_LAG}.", "invalid", "lag"))
