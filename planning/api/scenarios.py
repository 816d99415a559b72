"""Scenarios by API: added, changed, solved, chosen."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import EditViewSet
from core.models import Person
from planning.api.machine import checked, cycle, revision, shown_person, without
from planning.api.supply import SupplyRunSerializer
from planning.engine.scenario import KINDS
from planning.filters import OfCycle
from planning.models import Scenario
from planning.selectors.scenarios import scenarios_visible_to
from planning.selectors.supply import is_solved
from planning.services.scenarios import add_scenario, change_scenario, choose_scenario
from planning.services.supply import start_solve

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


class ScenarioChangeSerializer(serializers.Serializer):
    """One change. Family, market, resource and months narrow it; without them it holds for all."""

    kind = serializers.ChoiceField(choices=KINDS)
    percent = serializers.FloatField(
        required=False, help_text="Added to 100 %; of a service level, the level."
    )
    add = serializers.FloatField(required=False, help_text="Capacity units added a month.")
    allowed = serializers.BooleanField(required=False, help_text="Of overtime and outsourcing.")
    family = serializers.CharField(required=False, max_length=60)
    market = serializers.CharField(required=False, max_length=60)
    resource = serializers.CharField(required=False, max_length=60)
    first = serializers.RegexField(MONTH, required=False, help_text="2027-03")
    last = serializers.RegexField(MONTH, required=False, help_text="2027-05")


class ScenarioSerializer(serializers.ModelSerializer):
    owner = shown_person("owner")
    changes = ScenarioChangeSerializer(many=True)
    is_solved = serializers.SerializerMethodField(help_text="Whether it has a plan for today's demand.")

    class Meta:
        model = Scenario
        fields = [
            *("id", "cycle", "name", "text", "changes", "is_base", "is_chosen", "is_solved", "reason"),
            *("owner", "revision"),
        ]

    @extend_schema_field(serializers.BooleanField())
    def get_is_solved(self, scenario: Scenario) -> bool:
        return is_solved(scenario)


class ScenarioInput(serializers.ModelSerializer):
    cycle = cycle()
    changes = ScenarioChangeSerializer(many=True, required=False)
    revision = revision()

    class Meta:
        model = Scenario
        fields = ["cycle", "name", "text", "changes", "revision"]
        validators: list[Any] = []


class ChooseInput(serializers.Serializer):
    reason = serializers.CharField(max_length=1000, help_text="Why this one, in a sentence.")


class ScenarioFilter(django_filters.FilterSet):
    cycle = OfCycle()

    class Meta:
        model = Scenario
        fields = ["cycle", "is_base", "is_chosen"]


class ScenarioViewSet(EditViewSet):
    """Named changes to a cycle's demand, capacity, costs and stock targets, each with its own plan."""

    selector = scenarios_visible_to
    model = Scenario
    serializer_class = ScenarioSerializer
    input_class = ScenarioInput
    filterset_class = ScenarioFilter
    ordering_fields = ["id", "name"]
    ordering = ["id"]
    actions = {
        "list": "supply.view",
        "retrieve": "supply.view",
        "create": "scenario.edit",
        "partial_update": "scenario.edit",
        "solve": "supply.solve",
        "choose": "scenario.choose",
    }
    http_method_names = ["get", "post", "patch", "head", "options"]

    def create_by(self, person: Person, data: dict[str, Any]) -> Scenario:
        return add_scenario(actor=person, **without(data, "revision"))

    def change_by(self, person: Person, row: Scenario, revision: int, data: dict[str, Any]) -> Scenario:
        return change_scenario(actor=person, scenario=row, revision=revision, changes=data)

    @extend_schema(request=None, responses={200: SupplyRunSerializer, 202: SupplyRunSerializer})
    @action(detail=True, methods=["post"])
    def solve(self, request: Request, pk: str) -> Response:
        """Ask for the scenario's plan: 202 with the run and its job; 200 when it is solved already."""
        run = start_solve(actor=person_of(request), scenario=self.get_object())
        shown = SupplyRunSerializer(run, context=self.get_serializer_context()).data
        return Response(shown, status=200 if run.state == "done" else 202)

    @extend_schema(request=ChooseInput, responses=ScenarioSerializer)
    @action(detail=True, methods=["post"])
    def choose(self, request: Request, pk: str) -> Response:
        """Make it the scenario that counts. Refused (409) where it has no plan for today's demand."""
        data = checked(ChooseInput, request)
        chosen = choose_scenario(actor=person_of(request), scenario=self.get_object(), reason=data["reason"])
        return Response(ScenarioSerializer(chosen, context=self.get_serializer_context()).data)
