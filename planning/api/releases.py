"""Released plans by API: their numbers, their exact content, their verification."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors.scope import may_see_costs
from core.access import person_of
from core.api.viewsets import ReadViewSet
from planning.api.machine import shown_person
from planning.filters import ReleasedValueFilter
from planning.models import Release, ReleasedValue
from planning.selectors.releases import (
    months_of,
    refuse_part_of,
    releases_visible_to,
    values_visible_to,
    verify,
)
from planning.selectors.verification import text_of


class ReleaseSerializer(serializers.ModelSerializer):
    month = serializers.DateField(source="cycle.month", read_only=True)
    issue = serializers.IntegerField(source="cycle.issue", read_only=True)
    is_superseded = serializers.SerializerMethodField()
    scenario = serializers.CharField(source="run.scenario.name", read_only=True)
    released_by = shown_person("released_by")

    class Meta:
        model = Release
        fields = [
            *("id", "cycle", "month", "issue", "is_superseded", "scenario", "run", "content_hash"),
            *("released_by", "released"),
        ]

    def get_is_superseded(self, row: Release) -> bool:
        return row.cycle.stage == "superseded"


class ReleasedValueSerializer(serializers.ModelSerializer):
    """Units, and base currency a unit. Costs only for those who may see them."""

    product = serializers.CharField(source="demand_unit.product.code", read_only=True)
    market = serializers.CharField(source="demand_unit.market.code", read_only=True)
    cost = serializers.SerializerMethodField(help_text="Null for those who may not see costs.")

    class Meta:
        model = ReleasedValue
        fields = [
            *("id", "release", "demand_unit", "product", "market", "month", "baseline", "consensus"),
            *("supplied", "price", "cost"),
        ]

    def get_cost(self, row: ReleasedValue) -> float | None:
        return row.cost if may_see_costs(self.context["request"].user) else None


class MonthTotalSerializer(serializers.Serializer):
    month = serializers.DateField()
    baseline = serializers.FloatField(source="sum_baseline", help_text="Units.")
    consensus = serializers.FloatField(source="sum_consensus", help_text="Units.")
    supplied = serializers.FloatField(source="sum_supplied", help_text="Units.")
    demand_revenue = serializers.FloatField(source="sum_demand_revenue")
    revenue = serializers.FloatField(source="sum_revenue")


class CheckSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    ok = serializers.BooleanField()
    problem = serializers.CharField(allow_blank=True)


class VerificationSerializer(serializers.Serializer):
    """Every hash taken again: `content_hash` is that of the rows as they are now."""

    ok = serializers.BooleanField()
    content_hash = serializers.CharField(allow_blank=True)
    checks = CheckSerializer(many=True)


class ReleaseViewSet(ReadViewSet):
    """Released plans. They never change; a revision supersedes one."""

    selector = releases_visible_to
    model = Release
    serializer_class = ReleaseSerializer
    filterset_fields = {"cycle": ["exact"], "cycle__month": ["exact", "gte", "lte"]}
    ordering_fields = ["released"]
    ordering = ["-released"]
    actions = {
        "list": "release.view",
        "retrieve": "release.view",
        "months": "release.view",
        "verify": "release.view",
        "content": "release.export",
    }

    @extend_schema(responses=MonthTotalSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def months(self, request: Request, pk: str) -> Response:
        """The plan by month, as far as the caller sees it."""
        rows = months_of(person_of(request), self.get_object())
        return Response(MonthTotalSerializer(rows, many=True).data)

    @extend_schema(responses=VerificationSerializer, filters=False)
    @action(detail=True)
    def verify(self, request: Request, pk: str) -> Response:
        """Take every hash again, from the stored text, the rows and the signatures."""
        return Response(VerificationSerializer(verify(self.get_object())).data)

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT}, filters=False)
    @action(detail=True)
    def content(self, request: Request, pk: str) -> HttpResponse:
        """The exact canonical bytes: their SHA-256 is the release's `content_hash`."""
        refuse_part_of(person_of(request))
        return HttpResponse(text_of(self.get_object()), content_type="application/json")


class ValueFilter(ReleasedValueFilter):
    class Meta:
        model = ReleasedValue
        fields = ["release"]


class ReleasedValueViewSet(ReadViewSet):
    """Released values by demand unit and month; say which release."""

    selector = values_visible_to
    model = ReleasedValue
    serializer_class = ReleasedValueSerializer
    filterset_class = ValueFilter
    ordering_fields = ["month", "demand_unit"]
    ordering = ["release", "demand_unit", "month"]
    actions = {"list": "release.view", "retrieve": "release.view"}
