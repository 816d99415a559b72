"""Rules, pins, runs, gaps and overlaps by API."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.access import person_of
from core.api.viewsets import EditViewSet, ReadViewSet
from core.errors import Invalid
from core.models import Person
from crm.models import Account
from crm.selectors.accounts import accounts_visible_to
from territories.api import rule_shapes as shapes
from territories.api.models import PLAN, VIEW, checked
from territories.engine.conditions import in_words, parse
from territories.filters.models import (
    GapFilter,
    OverlapFilter,
    PinFilter,
    PlacementFilter,
    RuleFilter,
    TerritoryFilter,
)
from territories.models import (
    ModelState,
    Pin,
    Placement,
    Rule,
    RuleOverlap,
    RuleRun,
    Territory,
    TerritoryModel,
)
from territories.selectors.models import models_visible_to, placements_visible_to, unplaced, vacant
from territories.selectors.rule_reasons import why_here
from territories.selectors.rules import (
    accounts_meeting,
    overlaps_visible_to,
    pins_visible_to,
    rules_visible_to,
    runs_visible_to,
)
from territories.services.rules import add_pin, add_rule, change_rule, condition_reasons, withdraw_pin

READ = {"list": VIEW, "retrieve": VIEW}
NO_DELETE = ["get", "post", "patch", "head", "options"]
NO_CHANGE = ["get", "post", "head", "options"]
MODEL = OpenApiParameter("model", str, description="Code of a territory model; else the one in force.")


class RuleViewSet(EditViewSet):
    """Which accounts belong to which territory."""

    model = Rule
    selector = rules_visible_to
    serializer_class = shapes.RuleSerializer
    input_class = shapes.RuleInput
    filterset_class = RuleFilter
    ordering_fields = ["id", "priority", "name"]
    ordering = ["id"]
    http_method_names = NO_DELETE
    actions = READ | {"create": PLAN, "partial_update": PLAN, "check": VIEW}

    def create_by(self, person: Person, data: dict[str, Any]) -> Rule:
        return add_rule(actor=person, territory=data.pop("territory"), values=data)

    def change_by(self, person: Person, row: Rule, revision: int, data: dict[str, Any]) -> Rule:
        changed = change_rule(actor=person, rule=row, revision=revision, changes=data)
        return rules_visible_to(person).get(pk=changed.pk)

    @extend_schema(request=shapes.ConditionInput, responses=shapes.ConditionSerializer)
    @action(detail=False, methods=["post"])
    def check(self, request: Request) -> Response:
        """A condition in words and how many accounts meet it; nothing is stored."""
        tree = checked(shapes.ConditionInput, request)["condition"]
        if reasons := condition_reasons(tree):
            raise Invalid(*reasons)
        condition = parse(tree)
        found = len(accounts_meeting(condition, person_of(request)))
        return Response({"words": in_words(condition), "accounts": found})


class PinViewSet(EditViewSet):
    """Accounts that are always in a territory, or never."""

    model = Pin
    selector = pins_visible_to
    serializer_class = shapes.TerritoryPinSerializer
    input_class = shapes.TerritoryPinInput
    filterset_class = PinFilter
    ordering_fields = ["id"]
    ordering = ["id"]
    http_method_names = NO_CHANGE
    actions = READ | {"create": PLAN, "withdraw": PLAN}

    def create_by(self, person: Person, data: dict[str, Any]) -> Pin:
        return add_pin(actor=person, **data)

    @extend_schema(request=shapes.RevisionOnly, responses=shapes.TerritoryPinSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take it back: rules decide again with the next run."""
        sent = checked(shapes.RevisionOnly, request)
        row = withdraw_pin(actor=person_of(request), pin=self.get_object(), **sent)
        return Response(shapes.TerritoryPinSerializer(row).data)


class RunViewSet(ReadViewSet):
    """Runs of the rules of all models, newest first."""

    model = RuleRun
    selector = runs_visible_to
    serializer_class = shapes.RunSerializer
    filterset_fields = ["model"]
    ordering_fields = ["id"]
    ordering = ["-id"]
    actions = READ


class PlacementViewSet(ReadViewSet):
    """Which account lies in which territory on which days, and why."""

    model = Placement
    selector = placements_visible_to
    serializer_class = shapes.PlacementSerializer
    filterset_class = PlacementFilter
    ordering_fields = ["id"]
    ordering = ["id"]
    actions = READ


class OverlapViewSet(ReadViewSet):
    """Accounts that rules of the same priority want for different territories."""

    model = RuleOverlap
    selector = overlaps_visible_to
    serializer_class = shapes.OverlapSerializer
    filterset_class = OverlapFilter
    ordering_fields = ["id", "rivals"]
    ordering = ["id"]
    actions = READ


@extend_schema(parameters=[MODEL])
class GapViewSet(ReadViewSet):
    """Active accounts without a territory in a model."""

    model = Account
    serializer_class = shapes.TerritoryGapSerializer
    filterset_class = GapFilter
    ordering_fields = ["id", "code", "name"]
    ordering = ["id"]
    actions = READ

    def get_queryset(self) -> QuerySet[Account]:
        model = None if getattr(self, "swagger_fake_view", False) else asked_model(self.request)
        return Account.objects.none() if model is None else unplaced(model, person_of(self.request))


@extend_schema(parameters=[MODEL])
class VacantViewSet(ReadViewSet):
    """Territories with accounts or rules that nobody owns today."""

    model = Territory
    serializer_class = shapes.VacantSerializer
    filterset_class = TerritoryFilter
    ordering_fields = ["id", "code"]
    ordering = ["id"]
    actions = READ

    def get_queryset(self) -> QuerySet[Territory]:
        model = None if getattr(self, "swagger_fake_view", False) else asked_model(self.request)
        return Territory.objects.none() if model is None else vacant(model, person_of(self.request))


class WhyViewSet(ViewSet):
    """Why an account lies where it does."""

    actions = {"retrieve": VIEW}

    @extend_schema(parameters=[MODEL], responses=shapes.WhySerializer(many=True))
    def retrieve(self, request: Request, pk: int) -> Response:
        """For each layer of the model: the pin or rule that took the account, and why others lost."""
        account = get_object_or_404(accounts_visible_to(person_of(request)), pk=pk)
        model = asked_model(request)
        found = why_here(account, model, person_of(request)) if model else []
        return Response(shapes.WhySerializer(found, many=True).data)


def asked_model(request: Request) -> TerritoryModel | None:
    """The model that the address names, else the one in force, else the newest; 404 for an unknown code."""
    rows = models_visible_to(person_of(request))
    if code := request.query_params.get("model"):
        return get_object_or_404(rows, code=code)
    return rows.filter(state=ModelState.ACTIVE).first() or rows.order_by("-pk").first()
