"""Supply plans by API: runs with their figures and gaps, months of items and resources, actions."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors.scope import may_see_costs
from core.access import person_of
from core.api.viewsets import EditViewSet, ReadViewSet
from core.errors import Invalid, Reason
from core.models import Person
from planning.api.machine import cycle, person, revision, shown_person
from planning.filters import OfCycle
from planning.models import GapKind, ResourceLoad, SupplyAction, SupplyRun, SupplyValue
from planning.selectors.supply import Gap, gaps_of_run
from planning.selectors.supply_plan import (
    actions_visible_to,
    loads_visible_to,
    runs_visible_to,
    summary_for,
    values_visible_to,
)
from planning.services.supply import record_action


class SupplyRunSerializer(serializers.ModelSerializer):
    requested_by = shown_person("requested_by")
    summary = serializers.SerializerMethodField(help_text="Figures in units, base currency and shares.")

    class Meta:
        model = SupplyRun
        fields = [
            *("id", "cycle", "scenario", "version", "state", "job", "engine_version", "settings"),
            *("made_from", "input_hash", "summary", "requested_by", "created", "finished"),
        ]

    @extend_schema_field(serializers.DictField())
    def get_summary(self, run: SupplyRun) -> dict[str, Any]:
        return summary_for(run, self.context["request"].user)


class SupplyActionSerializer(serializers.ModelSerializer):
    owner = shown_person("owner")

    class Meta:
        model = SupplyAction
        fields = ["id", "cycle", "gap", "kind", "action", "note", "owner", "due", "quantity", "revision"]


class GapSerializer(serializers.Serializer):
    """A shortage, an overload or an excess over consecutive months, with what is done about it."""

    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=GapKind.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    first = serializers.DateField()
    last = serializers.DateField()
    quantity = serializers.FloatField(help_text="Units; of an overload, of the resource's capacity.")
    money = serializers.SerializerMethodField(
        help_text="Base currency; null where it is a cost you may not see."
    )
    product = serializers.IntegerField(allow_null=True)
    site = serializers.IntegerField(allow_null=True)
    resource = serializers.IntegerField(allow_null=True)
    action = SupplyActionSerializer(allow_null=True)

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_money(self, gap: Gap) -> float | None:
        hidden = gap.kind == GapKind.EXCESS and not may_see_costs(self.context["request"].user)
        return None if hidden else gap.money


class SupplyRunFilter(django_filters.FilterSet):
    cycle = OfCycle()

    class Meta:
        model = SupplyRun
        fields = ["cycle", "scenario", "state"]


class SupplyRunViewSet(ReadViewSet):
    """Supply plans, newest first. One that is done never changes. Solve a scenario to make one."""

    selector = runs_visible_to
    model = SupplyRun
    serializer_class = SupplyRunSerializer
    filterset_class = SupplyRunFilter
    ordering_fields = ["id", "created", "finished"]
    ordering = ["-id"]
    actions = {"list": "supply.view", "retrieve": "supply.view", "gaps": "supply.view"}

    @extend_schema(responses=GapSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def gaps(self, request: Request, pk: str) -> Response:
        """The plan's gaps with their actions, the dearest first."""
        run = self.get_object()
        found = gaps_of_run(run, person_of(request)) if run.state == "done" else []
        return Response(GapSerializer(found, many=True, context=self.get_serializer_context()).data)


class SupplyValueSerializer(serializers.ModelSerializer):
    product = serializers.CharField(source="product.code", read_only=True)
    site = serializers.CharField(source="site.code", read_only=True)
    cost = serializers.SerializerMethodField(help_text="Null for those who may not see costs.")
    demand_price = serializers.SerializerMethodField(
        help_text="What one more unit would cost; null likewise."
    )

    class Meta:
        model = SupplyValue
        fields = [
            *("id", "run", "product", "site", "month", "demand", "make", "buy", "stock", "target"),
            *("backlog", "lost", "price", "cost", "demand_price"),
        ]

    def _costs(self) -> bool:
        return may_see_costs(self.context["request"].user)

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_cost(self, value: SupplyValue) -> float | None:
        return value.cost if self._costs() else None

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_demand_price(self, value: SupplyValue) -> float | None:
        return value.demand_price if self._costs() else None


class SupplyValueFilter(django_filters.FilterSet):
    cycle = django_filters.NumberFilter(field_name="run__cycle", label="Cycle")
    product = django_filters.CharFilter(field_name="product__code", label="Product code")
    site = django_filters.CharFilter(field_name="site__code", label="Site code")

    class Meta:
        model = SupplyValue
        fields = ["run", "month"]


class SupplyValueViewSet(ReadViewSet):
    """The months of each product at each site: units demanded, made, bought, kept, owed and lost."""

    selector = values_visible_to
    model = SupplyValue
    serializer_class = SupplyValueSerializer
    filterset_class = SupplyValueFilter
    ordering_fields = ["id", "month"]
    ordering = ["id"]
    actions = {"list": "supply.view", "retrieve": "supply.view"}


class ResourceLoadSerializer(serializers.ModelSerializer):
    resource = serializers.CharField(source="resource.code", read_only=True)
    capacity_price = serializers.SerializerMethodField(
        help_text="What one more unit would save; null for those who may not see costs."
    )

    class Meta:
        model = ResourceLoad
        fields = [
            *("id", "run", "resource", "month", "wanted", "load", "regular", "overtime", "overtime_limit"),
            "capacity_price",
        ]

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_capacity_price(self, load: ResourceLoad) -> float | None:
        return load.capacity_price if may_see_costs(self.context["request"].user) else None


class ResourceLoadFilter(django_filters.FilterSet):
    cycle = django_filters.NumberFilter(field_name="run__cycle", label="Cycle")
    resource = django_filters.CharFilter(field_name="resource__code", label="Resource code")

    class Meta:
        model = ResourceLoad
        fields = ["run", "month"]


class ResourceLoadViewSet(ReadViewSet):
    """The months of each resource: what is wanted of it, what the plan takes, what it has."""

    selector = loads_visible_to
    model = ResourceLoad
    serializer_class = ResourceLoadSerializer
    filterset_class = ResourceLoadFilter
    ordering_fields = ["id", "month"]
    ordering = ["id"]
    actions = {"list": "supply.view", "retrieve": "supply.view"}


class SupplyActionInput(serializers.ModelSerializer):
    cycle = cycle()
    gap = serializers.CharField(max_length=120, help_text="The gap's key.")
    owner = person()
    quantity = serializers.DecimalField(
        18, 4, required=False, allow_null=True, min_value=0, help_text="Units or hours."
    )
    revision = revision()

    class Meta:
        model = SupplyAction
        fields = ["cycle", "gap", "action", "note", "owner", "due", "quantity", "revision"]
        validators: list[Any] = []


class SupplyActionFilter(django_filters.FilterSet):
    cycle = OfCycle()

    class Meta:
        model = SupplyAction
        fields = ["cycle", "kind", "action", "gap"]


class SupplyActionViewSet(EditViewSet):
    """What is done about gaps of supply plans. A second action on the same gap replaces the first."""

    selector = actions_visible_to
    model = SupplyAction
    serializer_class = SupplyActionSerializer
    input_class = SupplyActionInput
    filterset_class = SupplyActionFilter
    ordering_fields = ["id", "due"]
    ordering = ["id"]
    actions = {
        "list": "supply.view",
        "retrieve": "supply.view",
        "create": "supply.act",
        "partial_update": "supply.act",
    }
    http_method_names = ["get", "post", "patch", "head", "options"]

    def create_by(self, person: Person, data: dict[str, Any]) -> SupplyAction:
        return record_action(actor=person, **data)

    def change_by(
        self, person: Person, row: SupplyAction, revision: int, data: dict[str, Any]
    ) -> SupplyAction:
        _refuse_another_gap(row, data)
        kept = {
            name: getattr(row, name)
            for name in ("cycle", "gap", "action", "note", "owner", "due", "quantity")
        }
        return record_action(actor=person, revision=revision, **(kept | data))


def _refuse_another_gap(row: SupplyAction, data: dict[str, Any]) -> None:
    for name in ("cycle", "gap"):
        if name in data and data[name] != getattr(row, name):
            text = f"An action keeps its {name}. Add another action instead."
            raise Invalid(Reason(text, "invalid", name))
