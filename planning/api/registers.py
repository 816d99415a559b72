"""The registers by API: assumptions, risks and opportunities, decisions."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import EditViewSet
from core.models import Person
from planning.api.machine import (
    RevisionInput,
    checked,
    cycle,
    family,
    market,
    person,
    revision,
    shown_person,
    without,
)
from planning.filters import OUTCOMES, AssumptionFilter, DecisionFilter, RiskFilter
from planning.models import Assumption, Decision, RiskOrOpportunity
from planning.models.cycles import Leaning
from planning.selectors.registers import assumptions_visible_to, decisions_visible_to, risks_visible_to
from planning.services.registers import (
    add_assumption,
    add_risk,
    change_assumption,
    change_decision,
    change_risk,
    decide,
    raise_decision,
)

ACTIONS = {
    "list": "cycle.view",
    "retrieve": "cycle.view",
    "create": "registers.edit",
    "partial_update": "registers.edit",
}
METHODS = ["get", "post", "patch", "head", "options"]


def code_of(source: str) -> Any:
    return serializers.CharField(source=f"{source}.code", default=None, allow_null=True, read_only=True)


class AssumptionSerializer(serializers.ModelSerializer):
    family = code_of("family")
    market = code_of("market")
    owner = shown_person("owner")

    class Meta:
        model = Assumption
        fields = ["id", "cycle", "text", "family", "market", "owner", "outcome", "revision"]


class AssumptionInput(serializers.Serializer):
    cycle = cycle()
    text = serializers.CharField(max_length=5000)
    family = family()
    market = market()
    owner = person()
    outcome = serializers.ChoiceField(choices=OUTCOMES, required=False, help_text="Only in a PATCH.")
    revision = revision()


class AssumptionViewSet(EditViewSet):
    """What plans take for granted, in the caller's scope."""

    selector = assumptions_visible_to
    model = Assumption
    serializer_class = AssumptionSerializer
    input_class = AssumptionInput
    filterset_class = AssumptionFilter
    ordering_fields = ["cycle__month"]
    ordering = ["-cycle__month", "id"]
    actions = ACTIONS
    http_method_names = METHODS

    def create_by(self, person: Person, data: dict[str, Any]) -> Assumption:
        return add_assumption(actor=person, **without(data, "revision", "outcome"))

    def change_by(self, person: Person, row: Assumption, revision: int, data: dict[str, Any]) -> Assumption:
        changes = without(data, "cycle")
        return change_assumption(actor=person, assumption=row, revision=revision, changes=changes)


class RiskSerializer(serializers.ModelSerializer):
    family = code_of("family")
    owner = shown_person("owner")
    expected = serializers.DecimalField(
        18, 2, read_only=True, required=False, help_text="Money × chance; negative for a risk."
    )

    class Meta:
        model = RiskOrOpportunity
        fields = [
            *("id", "cycle", "leaning", "title", "text", "money", "probability", "expected", "family"),
            *("owner", "is_open", "revision"),
        ]


class RiskInput(serializers.Serializer):
    cycle = cycle()
    leaning = serializers.ChoiceField(choices=Leaning.choices, default=Leaning.RISK)
    title = serializers.CharField(max_length=200)
    text = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    money = serializers.DecimalField(18, 4, min_value=0)
    probability = serializers.DecimalField(5, 4, min_value=0, max_value=1)
    family = family()
    owner = person()
    is_open = serializers.BooleanField(required=False, help_text="Only in a PATCH.")
    revision = revision()


class RiskViewSet(EditViewSet):
    """Risks and opportunities in the caller's scope: money over the horizon, and its chance."""

    selector = risks_visible_to
    model = RiskOrOpportunity
    serializer_class = RiskSerializer
    input_class = RiskInput
    filterset_class = RiskFilter
    ordering_fields = ["money", "expected"]
    ordering = ["-cycle__month", "-money"]
    actions = ACTIONS
    http_method_names = METHODS

    def create_by(self, person: Person, data: dict[str, Any]) -> RiskOrOpportunity:
        row = add_risk(actor=person, **without(data, "revision", "is_open"))
        return risks_visible_to(person).get(pk=row.pk)

    def change_by(
        self, person: Person, row: RiskOrOpportunity, revision: int, data: dict[str, Any]
    ) -> RiskOrOpportunity:
        saved = change_risk(actor=person, risk=row, revision=revision, changes=without(data, "cycle"))
        return risks_visible_to(person).get(pk=saved.pk)


class DecisionSerializer(serializers.ModelSerializer):
    owner = shown_person("owner")
    decided_by = shown_person("decided_by")
    options = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Decision
        fields = [
            *("id", "cycle", "title", "text", "gap", "options", "money", "asks_executives", "owner", "due"),
            *("decided", "reason", "decided_by", "decided_at", "revision"),
        ]


class CycleDecisionInput(serializers.Serializer):
    cycle = cycle()
    title = serializers.CharField(max_length=200)
    text = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    options = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False, max_length=20
    )
    money = serializers.DecimalField(18, 4, required=False)
    asks_executives = serializers.BooleanField(required=False)
    owner = person()
    due = serializers.DateField(required=False, allow_null=True)
    revision = revision()


class DecideInput(RevisionInput):
    decided = serializers.CharField(max_length=300)
    reason = serializers.CharField(max_length=1000)


class DecisionViewSet(EditViewSet):
    """Questions of a cycle, what can be done, and what was decided, by whom and why."""

    selector = decisions_visible_to
    model = Decision
    serializer_class = DecisionSerializer
    input_class = CycleDecisionInput
    filterset_class = DecisionFilter
    ordering_fields = ["money", "due"]
    ordering = ["-cycle__month", "-money"]
    actions = {**ACTIONS, "decide": "decision.make"}
    http_method_names = METHODS

    def create_by(self, person: Person, data: dict[str, Any]) -> Decision:
        return raise_decision(actor=person, **without(data, "revision"))

    def change_by(self, person: Person, row: Decision, revision: int, data: dict[str, Any]) -> Decision:
        changes = without(data, "cycle")
        return change_decision(actor=person, decision=row, revision=revision, changes=changes)

    @extend_schema(request=DecideInput, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Decide, with the reason; deciding again keeps both in the history."""
        data = checked(DecideInput, request)
        row = decide(actor=person_of(request), decision=self.get_object(), **data)
        return Response(DecisionSerializer(row).data)
