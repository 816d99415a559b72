"""What leads are routed and judged by, by API."""

import datetime as dt
from typing import Any, ClassVar

from django.db.models import Model
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import RevisionInput, code, code_of
from catalog.selectors import markets_visible_to
from core.access import person_of
from core.api.viewsets import EditViewSet
from core.models import Person
from crm.filters.leads import AbsenceFilter, CostFilter, SeatFilter, SourceFilter
from crm.models import Absence, LeadAgreement, LeadCost, LeadSource, RoutingRule, RoutingSeat
from crm.selectors.accounts import reps_visible_to
from crm.selectors.lead_routing import absences_visible_to, rules_visible_to, seats_visible_to
from crm.selectors.leads import agreements_visible_to, lead_costs_visible_to, lead_sources_visible_to
from crm.services.lead_setup import (
    add_absence,
    add_row,
    add_rule,
    change_setup,
    make_fallback,
    move_rule,
    remove_absence,
    remove_cost,
    remove_rule,
    remove_seat,
)

MOST = 2**31 - 1
VIEW, MANAGE, WORK = "leads.view", "leads.manage", "leads.work"
VIEW_AND_MANAGE = {"list": VIEW, "retrieve": VIEW, "create": MANAGE, "partial_update": MANAGE}
NO_DELETE = ["get", "post", "patch", "head", "options"]


class SetupViewSet(EditViewSet):
    """Added and changed by who manages leads."""

    actions = VIEW_AND_MANAGE
    model: ClassVar[Any]

    def create_by(self, person: Person, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        return add_row(actor=person, row=self.model(**data))

    def change_by(self, person: Person, row: Any, revision: int, data: dict[str, Any]) -> Model:
        return change_setup(actor=person, row=row, revision=revision, changes=data)


class LeadSourceSerializer(serializers.ModelSerializer):
    class Meta:
        model = LeadSource
        fields = ["id", "revision", "code", "name", "takes_form", "is_active"]


class LeadSourceInput(RevisionInput):
    code = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=200)
    takes_form = serializers.BooleanField(required=False, help_text="Its public form is open to everybody.")
    is_active = serializers.BooleanField(required=False)


class LeadSourceViewSet(SetupViewSet):
    """Where leads come from."""

    model = LeadSource
    selector = lead_sources_visible_to
    serializer_class = LeadSourceSerializer
    input_class = LeadSourceInput
    filterset_class = SourceFilter
    ordering_fields = ["code", "name"]
    ordering = ["code"]
    http_method_names = NO_DELETE


class LeadCostSerializer(serializers.ModelSerializer):
    source = code()

    class Meta:
        model = LeadCost
        fields = ["id", "revision", "source", "month", "amount"]


class LeadCostInput(RevisionInput):
    source: Any = code_of(lead_sources_visible_to)
    month = serializers.DateField(help_text="The first day of the month.")
    amount = serializers.DecimalField(18, 4, min_value=0, help_text="In base currency.")


class LeadCostViewSet(SetupViewSet):
    """What a source cost in a month."""

    model = LeadCost
    selector = lead_costs_visible_to
    serializer_class = LeadCostSerializer
    input_class = LeadCostInput
    filterset_class = CostFilter
    ordering_fields = ["month"]
    ordering = ["-month", "id"]
    actions = VIEW_AND_MANAGE | {"destroy": MANAGE}

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take the cost of a month back."""
        remove_cost(actor=person_of(request), cost=self.get_object())
        return Response(status=204)


class LeadAgreementSerializer(serializers.ModelSerializer):
    owner = serializers.EmailField(source="owner.email", read_only=True)

    class Meta:
        model = LeadAgreement
        fields = ["id", "revision", "month", "promised", "in_time_percent", "owner"]


class LeadAgreementInput(RevisionInput):
    month = serializers.DateField(help_text="The first day of the month.")
    promised = serializers.IntegerField(min_value=0, max_value=MOST)
    in_time_percent = serializers.IntegerField(min_value=0, max_value=100)
    owner: Any = serializers.SlugRelatedField(
        slug_field="email", queryset=Person.objects.filter(is_active=True)
    )


class LeadAgreementViewSet(SetupViewSet):
    """What marketing promises and sales answers in time, by month."""

    model = LeadAgreement
    selector = agreements_visible_to
    serializer_class = LeadAgreementSerializer
    input_class = LeadAgreementInput
    ordering_fields = ["month"]
    ordering = ["-month"]
    http_method_names = NO_DELETE


class RoutingRuleSerializer(serializers.ModelSerializer):
    market, source = code(), code()

    class Meta:
        model = RoutingRule
        fields = [
            *("id", "revision", "position", "name", "market", "source", "country", "least_employees"),
            *("hours", "is_fallback", "is_active"),
        ]


class RoutingRuleInput(RevisionInput):
    """What a lead must be like; what is left out is any."""

    name = serializers.CharField(max_length=120)
    market = code_of(markets_visible_to, required=False, allow_null=True)
    source: Any = code_of(lead_sources_visible_to, required=False, allow_null=True)
    country = serializers.CharField(max_length=80, required=False, allow_blank=True)
    least_employees = serializers.IntegerField(min_value=0, max_value=MOST, required=False, allow_null=True)
    hours = serializers.IntegerField(
        min_value=1, max_value=1000, required=False, help_text="Working hours until the answer."
    )
    is_active = serializers.BooleanField(required=False)


class RuleMoveInput(serializers.Serializer):
    up = serializers.BooleanField()


class RoutingRuleViewSet(SetupViewSet):
    """Who gets a lead: the first rule that fits. A new one is asked last, before the fallback."""

    model = RoutingRule
    selector = rules_visible_to
    serializer_class = RoutingRuleSerializer
    input_class = RoutingRuleInput
    ordering_fields = ["position"]
    ordering = ["position"]
    actions = VIEW_AND_MANAGE | {"destroy": MANAGE, "move": MANAGE, "fallback": MANAGE}

    def create_by(self, person: Person, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        return add_rule(actor=person, values=data)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Remove a rule; leads that it gave keep their owners."""
        remove_rule(actor=person_of(request), rule=self.get_object())
        return Response(status=204)

    @extend_schema(request=RuleMoveInput, responses=RoutingRuleSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Let the rule be asked one place earlier (`up`) or later."""
        serializer = RuleMoveInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        rule = move_rule(actor=person_of(request), rule=self.get_object(), up=serializer.validated_data["up"])
        return Response(RoutingRuleSerializer(rule).data)

    @extend_schema(request=None, responses=RoutingRuleSerializer)
    @action(detail=True, methods=["post"])
    def fallback(self, request: Request, pk: str) -> Response:
        """Let the rule catch what no other takes."""
        rule = make_fallback(actor=person_of(request), rule=self.get_object())
        return Response(RoutingRuleSerializer(rule).data)


class RoutingSeatSerializer(serializers.ModelSerializer):
    rep = code()

    class Meta:
        model = RoutingSeat
        fields = ["id", "revision", "rule", "rep", "capacity", "last_given"]


class VisibleRule(serializers.PrimaryKeyRelatedField):
    """A rule by its id, one of those that the caller may see."""

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        return rules_visible_to(request.user if request else None)


class RoutingSeatInput(RevisionInput):
    rule = VisibleRule(queryset=RoutingRule.objects.none())
    rep = code_of(reps_visible_to)
    capacity = serializers.IntegerField(
        min_value=0, max_value=32_767, required=False, help_text="Open leads at once."
    )


class RoutingSeatViewSet(SetupViewSet):
    """Reps who take turns in a rule."""

    model = RoutingSeat
    selector = seats_visible_to
    serializer_class = RoutingSeatSerializer
    input_class = RoutingSeatInput
    filterset_class = SeatFilter
    ordering_fields = ["rule"]
    ordering = ["rule", "id"]
    actions = VIEW_AND_MANAGE | {"destroy": MANAGE}

    def change_by(self, person: Person, row: Any, revision: int, data: dict[str, Any]) -> Model:
        kept = {name: value for name, value in data.items() if name == "capacity"}
        return change_setup(actor=person, row=row, revision=revision, changes=kept)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take the rep out of the rule; the fallback keeps one at least."""
        remove_seat(actor=person_of(request), seat=self.get_object())
        return Response(status=204)


class AbsenceSerializer(serializers.ModelSerializer):
    rep = code()
    first = serializers.DateField(source="days.lower", read_only=True)
    last = serializers.SerializerMethodField()

    class Meta:
        model = Absence
        fields = ["id", "revision", "rep", "first", "last", "reason"]

    def get_last(self, row: Absence) -> dt.date | None:
        return row.days.upper - dt.timedelta(days=1) if row.days.upper else None


class AbsenceInput(serializers.Serializer):
    rep = code_of(reps_visible_to)
    first = serializers.DateField()
    last = serializers.DateField()
    reason = serializers.CharField(max_length=120, required=False, allow_blank=True)


class AbsenceViewSet(EditViewSet):
    """Days on which a rep gets no leads: one's own, or anybody's by who manages leads."""

    model = Absence
    selector = absences_visible_to
    serializer_class = AbsenceSerializer
    input_class = AbsenceInput
    filterset_class = AbsenceFilter
    ordering_fields = ["days"]
    ordering = ["-days", "id"]
    http_method_names = ["get", "post", "delete", "head", "options"]
    actions = {"list": VIEW, "retrieve": VIEW, "create": VIEW, "destroy": VIEW}

    def create_by(self, person: Person, data: dict[str, Any]) -> Model:
        return add_absence(actor=person, **data)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take an absence back."""
        remove_absence(actor=person_of(request), absence=self.get_object())
        return Response(status=204)
