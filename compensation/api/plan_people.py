"""Positions, quotas for pay, scores and who earns by which plan, by API."""

import datetime as dt
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from compensation.api import plan_shapes as shapes
from compensation.api.plans import NO_DELETE, PLAN, VIEW, checked, needed, refuse_others
from compensation.filters.plans import EarnerFilter, PositionFilter, QuotaFilter, ScoreFilter
from compensation.models import ObjectiveScore, PlanQuota, Position
from compensation.selectors.plan_quotas import plan_quotas_visible_to, scores_visible_to
from compensation.selectors.positions import earning, positions_visible_to
from compensation.selectors.scope import reps_paid_visible_to
from compensation.services.plan_quotas import change_plan_quota, remove_plan_quota, set_plan_quota
from compensation.services.plan_tables import import_plan_quotas, import_scores
from compensation.services.positions import change_position, give_position, remove_position
from compensation.services.scores import change_score, remove_score, score
from core.access import person_of
from core.api.viewsets import EditViewSet, ReadViewSet
from crm.models import Rep

OF_PEOPLE = {"list": VIEW, "retrieve": VIEW, "create": PLAN, "partial_update": PLAN, "take_back": PLAN}


class PositionViewSet(EditViewSet):
    """Which rep has which role on which days, with the yearly pay of the contract. A new one ends the one
    that is open the day before."""

    model = Position
    selector = positions_visible_to
    serializer_class = shapes.PositionSerializer
    input_class = shapes.PositionInput
    filterset_class = PositionFilter
    actions = OF_PEOPLE
    http_method_names = NO_DELETE
    ordering_fields: ClassVar[list[str]] = ["rep", "days"]
    ordering = ["id"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        return give_position(actor=person, **needed(data, "rep", "role", "first"))

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        reason = data.pop("reason", "")
        refuse_others(data, "role", "first", "last", "base_salary", "target_incentive")
        return change_position(actor=person, row=row, revision=revision, changes=data, reason=reason)

    @extend_schema(request=shapes.RemoveInput, responses={204: None})
    @action(detail=True, methods=["post"], url_path="take-back", url_name="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Take back a position that has not begun; one that has is ended with a day instead."""
        data = checked(shapes.RemoveInput, request)
        remove_position(actor=person_of(request), row=self.get_object(), **data)
        return Response(status=204)


class PlanQuotaViewSet(EditViewSet):
    """Quotas for pay that no quota plan gives."""

    model = PlanQuota
    selector = plan_quotas_visible_to
    serializer_class = shapes.PlanQuotaSerializer
    input_class = shapes.PlanQuotaInput
    filterset_class = QuotaFilter
    actions = OF_PEOPLE | {"file": PLAN}
    http_method_names = NO_DELETE
    ordering_fields: ClassVar[list[str]] = ["rep", "first_month", "amount"]
    ordering = ["id"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        names = ("plan", "rep", "first_month", "months", "amount")
        return set_plan_quota(actor=person, **needed(data, *names))

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        refuse_others(data, "amount", "reason")
        return change_plan_quota(actor=person, row=row, revision=revision, changes=data)

    @extend_schema(request=shapes.RemoveInput, responses={204: None})
    @action(detail=True, methods=["post"], url_path="take-back", url_name="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Remove a quota of months that are not locked."""
        data = checked(shapes.RemoveInput, request)
        remove_plan_quota(actor=person_of(request), row=self.get_object(), **data)
        return Response(status=204)

    @extend_schema(
        request=shapes.TableFileInput, responses=shapes.StoredTableSerializer, operation_id="plan_quotas_file"
    )
    @action(detail=False, methods=["post"], parser_classes=[MultiPartParser])
    def file(self, request: Request) -> Response:
        """Store a CSV file, all rows or none; 400 with a sentence for every bad row."""
        file = checked(shapes.TableFileInput, request)["file"]
        stored = import_plan_quotas(actor=person_of(request), name=file.name, data=file.read())
        return Response(shapes.StoredTableSerializer(stored).data)


class ObjectiveScoreViewSet(EditViewSet):
    """How far reps reached the objectives of scorecards. Nobody scores the own."""

    model = ObjectiveScore
    selector = scores_visible_to
    serializer_class = shapes.ObjectiveScoreSerializer
    input_class = shapes.ObjectiveScoreInput
    filterset_class = ScoreFilter
    actions = OF_PEOPLE | {"file": PLAN}
    http_method_names = NO_DELETE
    ordering_fields: ClassVar[list[str]] = ["rep", "month"]
    ordering = ["id"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        names = ("plan", "rep", "component", "objective", "month", "achieved")
        return score(actor=person, **needed(data, *names))

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        refuse_others(data, "achieved", "note")
        return change_score(actor=person, row=row, revision=revision, changes=data)

    @extend_schema(request=shapes.RemoveInput, responses={204: None})
    @action(detail=True, methods=["post"], url_path="take-back", url_name="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Remove a score of a month that is not locked."""
        data = checked(shapes.RemoveInput, request)
        remove_score(actor=person_of(request), row=self.get_object(), **data)
        return Response(status=204)

    @extend_schema(
        request=shapes.TableFileInput, responses=shapes.StoredTableSerializer, operation_id="scores_file"
    )
    @action(detail=False, methods=["post"], parser_classes=[MultiPartParser])
    def file(self, request: Request) -> Response:
        """Store a CSV file, all rows or none; 400 with a sentence for every bad row."""
        file = checked(shapes.TableFileInput, request)["file"]
        stored = import_scores(actor=person_of(request), name=file.name, data=file.read())
        return Response(shapes.StoredTableSerializer(stored).data)


class DayAsked(serializers.Serializer):
    on = serializers.DateField(required=False)


@extend_schema_view(
    list=extend_schema(parameters=[OpenApiParameter("on", dt.date, description="Without it: today.")])
)
class EarnerViewSet(ReadViewSet):
    """Who earns by which plan on a day: role, plans, base salary and target incentive of a year."""

    model = Rep
    selector = reps_paid_visible_to
    serializer_class = shapes.EarnerSerializer
    filterset_class = EarnerFilter
    actions = {"list": VIEW, "retrieve": VIEW}
    ordering_fields: ClassVar[list[str]] = ["code", "name"]
    ordering = ["code"]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Rep.objects.none()
        asked = DayAsked(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        day = asked.validated_data.get("on") or timezone.localdate()
        return earning(person_of(self.request), day)
