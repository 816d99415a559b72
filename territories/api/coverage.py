"""Who covers what by API: reps of territories, stand-ins, roles, vacancies, an account on a day."""

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Model
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.base import RevisionInput, code, code_of
from core.access import person_of
from core.api.permissions import DeclaredAction
from core.api.viewsets import EditViewSet
from core.errors import Invalid, Reason
from crm.selectors.accounts import reps_visible_to
from territories.api.models import checked
from territories.filters.coverage import CoverageRoleFilter, CoverFilter, TerritoryRepFilter
from territories.models import Assignment, Cover, CoverageRole, TerritoryRep
from territories.selectors.coverage import (
    coverage_roles_visible_to,
    last_day,
    territory_reps_visible_to,
    vacancies,
)
from territories.selectors.coverage_history import assigned_on, covered_accounts_visible_to
from territories.selectors.covers import covers_of_account, covers_visible_to, uncovered
from territories.selectors.models import territories_visible_to
from territories.services.coverage import change_role, end_role, give_role, remove_role
from territories.services.covers import change_cover, remove_cover, stand_in
from territories.services.roles import add_overlay_role, change_coverage_role

VIEW, PLAN = "territories.view", "territories.plan"
ACTIONS = {"list": VIEW, "retrieve": VIEW, "create": PLAN, "partial_update": PLAN}
NO_DELETE = ["get", "post", "patch", "head", "options"]
TAKEN_BACK = ACTIONS | {"take_back": PLAN}
SHARE = "Of the credit, 1 for all of it."


class DaysSerializer(serializers.ModelSerializer):
    first = serializers.DateField(source="days.lower", read_only=True)
    last = serializers.SerializerMethodField()

    def get_last(self, row: Any) -> dt.date | None:
        return last_day(row)


class TerritoryRepSerializer(DaysSerializer):
    role = code()
    rep = code()
    territory_code = serializers.CharField(source="territory.code", read_only=True)

    class Meta:
        model = TerritoryRep
        fields = ["id", "revision", "territory", "territory_code", "role", "rep", "share", "first", "last"]


class TerritoryRepInput(RevisionInput):
    """A new one needs territory, role, rep and first day; of one that is there, days and share change."""

    territory = serializers.IntegerField(required=False)
    role = code_of(coverage_roles_visible_to, required=False)
    rep = code_of(reps_visible_to, required=False)
    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False, allow_null=True)
    share = serializers.DecimalField(
        5, 4, min_value=Decimal(0), max_value=Decimal(1), required=False, help_text=SHARE
    )
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class CoverageRoleSerializer(serializers.ModelSerializer):
    class Meta:
        model = CoverageRole
        fields = ["id", "revision", "code", "name", "kind", "is_active"]


class CoverageRoleInput(RevisionInput):
    code = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=200)
    is_active = serializers.BooleanField(required=False)


class CoverSerializer(DaysSerializer):
    role = code()
    rep = code()
    territory_code = serializers.CharField(source="territory.code", read_only=True)

    class Meta:
        model = Cover
        fields = ["id", "revision", "territory", "territory_code", "role", "rep", "first", "last", "reason"]


class CoverInput(RevisionInput):
    """A new one needs territory, role, rep, first day and reason."""

    territory = serializers.IntegerField(required=False)
    role = code_of(coverage_roles_visible_to, required=False)
    rep = code_of(reps_visible_to, required=False)
    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(max_length=500, required=False)


class TakeBackInput(serializers.Serializer):
    """The revision that was read, and why it is taken back."""

    revision = serializers.IntegerField(min_value=1, help_text="The revision that you read.")
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


def needed(person: Any, data: dict[str, Any], *names: str) -> dict[str, Any]:
    """What a new row is made from. Raises Invalid for what is missing, and for a territory out of sight."""
    missing = [name for name in ("territory", *names) if data.get(name) is None]
    if missing:
        raise Invalid(*(Reason("This is needed.", "required", name) for name in missing))
    territory = territories_visible_to(person).filter(pk=data["territory"]).first()
    if territory is None:
        text = f"You see no territory with the number {data['territory']}. Look it up in the list."
        raise Invalid(Reason(text, "unknown", "territory"))
    return {name: value for name, value in data.items() if name != "revision"} | {"territory": territory}


def refuse_others(data: dict[str, Any], *allowed: str) -> None:
    """Raises Invalid for fields that a row keeps for good."""
    others = [name for name in data if name not in allowed]
    if others:
        text = "This stays as it is. Give the territory another row instead."
        raise Invalid(*(Reason(text, "fixed", name) for name in others))


class TerritoryRepViewSet(EditViewSet):
    """Who has which role in which territory, from which day to which. A new row closes the one before the day
    before; what is entered for later days stays. Past days of a model in force need a `reason`."""

    model = TerritoryRep
    selector = territory_reps_visible_to
    serializer_class = TerritoryRepSerializer
    input_class = TerritoryRepInput
    filterset_class = TerritoryRepFilter
    actions = TAKEN_BACK
    http_method_names = NO_DELETE
    ordering_fields: ClassVar[list[str]] = ["territory", "role", "rep", "days"]
    ordering = ["id"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        return give_role(actor=person, **needed(person, data, "role", "rep", "first"))

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        reason = data.pop("reason", "")
        refuse_others(data, "first", "last", "share")
        if set(data) == {"last"} and data["last"] is not None:
            return end_role(actor=person, row=row, revision=revision, last=data["last"], reason=reason)
        return change_role(actor=person, row=row, revision=revision, changes=data, reason=reason)

    @extend_schema(request=TakeBackInput, responses={204: None})
    @action(detail=True, methods=["post"], url_path="take-back", url_name="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Take back a role that has not begun; one that has begun is ended with a day instead."""
        remove_role(actor=person_of(request), row=self.get_object(), **checked(TakeBackInput, request))
        return Response(status=204)


class CoverageRoleViewSet(EditViewSet):
    """Roles in which reps cover accounts: one owner, managers, and overlays that you add."""

    model = CoverageRole
    selector = coverage_roles_visible_to
    serializer_class = CoverageRoleSerializer
    input_class = CoverageRoleInput
    filterset_class = CoverageRoleFilter
    actions = ACTIONS
    http_method_names = NO_DELETE
    ordering_fields = ["code", "name"]
    ordering = ["code"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        return add_overlay_role(actor=person, code=data["code"], name=data["name"])

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        return change_coverage_role(actor=person, role=row, revision=revision, changes=data)


class CoverViewSet(EditViewSet):
    """Who stands in for a role in a territory on which days; ownership and credit stay."""

    model = Cover
    selector = covers_visible_to
    serializer_class = CoverSerializer
    input_class = CoverInput
    filterset_class = CoverFilter
    actions = TAKEN_BACK
    http_method_names = NO_DELETE
    ordering_fields = ["territory", "rep", "days"]
    ordering = ["id"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        return stand_in(actor=person, **needed(person, data, "role", "rep", "first", "reason"))

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        refuse_others(data, "rep", "first", "last", "reason")
        return change_cover(actor=person, row=row, revision=revision, changes=data)

    @extend_schema(request=TakeBackInput, responses={204: None})
    @action(detail=True, methods=["post"], url_path="take-back", url_name="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Take back a stand-in that has not begun; one that has begun is ended with a day instead."""
        remove_cover(actor=person_of(request), row=self.get_object(), **checked(TakeBackInput, request))
        return Response(status=204)


class VacancySerializer(serializers.Serializer):
    """Days on which nobody has a role; `last` is null for open days."""

    territory = serializers.IntegerField(source="territory.pk")
    territory_code = serializers.CharField(source="territory.code")
    role = serializers.CharField(source="role.code")
    first = serializers.DateField()
    last = serializers.DateField(allow_null=True)
    days_open = serializers.IntegerField(help_text="Up to today; 0 for what is still to come.")
    accounts = serializers.IntegerField()


class UncoveredSerializer(serializers.Serializer):
    """Days on which a rep is away and nobody stands in."""

    territory = serializers.IntegerField(source="territory.pk")
    territory_code = serializers.CharField(source="territory.code")
    role = serializers.CharField(source="role.code")
    rep = serializers.CharField(source="rep.code")
    first = serializers.DateField()
    last = serializers.DateField()
    accounts = serializers.IntegerField()


class MissingCoverSerializer(serializers.Serializer):
    vacancies = VacancySerializer(many=True)
    away = UncoveredSerializer(many=True)


class MissingCoverView(APIView):
    """Roles without a rep, and reps who are away in the next 60 days with nobody standing in."""

    permission_classes = [DeclaredAction]
    actions = {"get": VIEW}

    @extend_schema(responses=MissingCoverSerializer)
    def get(self, request: Request) -> Response:
        person = person_of(request)
        found = {"vacancies": vacancies(person), "away": uncovered(person)}
        return Response(MissingCoverSerializer(found).data)


class AssignmentSerializer(DaysSerializer):
    role = code()
    kind = serializers.CharField(source="role.kind", read_only=True)
    rep = code()
    rep_name = serializers.CharField(source="rep.name", read_only=True)
    territory_code = serializers.CharField(source="territory.code", read_only=True)

    class Meta:
        model = Assignment
        fields = [
            *("role", "kind", "rep", "rep_name", "territory", "territory_code", "share", "first", "last"),
        ]


class AccountCoverageSerializer(serializers.Serializer):
    """Who covered the account on the day in every role, and who stands in for them from today on."""

    account = serializers.CharField()
    day = serializers.DateField()
    assignments = AssignmentSerializer(many=True)
    stand_ins = CoverSerializer(many=True)


class AskedCoverage(serializers.Serializer):
    account = serializers.CharField(max_length=60)
    day = serializers.DateField(required=False)


class AccountCoverageView(APIView):
    """Who owned account A on day D, and who covered it in any other role."""

    permission_classes = [DeclaredAction]
    actions = {"get": VIEW}

    @extend_schema(
        parameters=[
            OpenApiParameter("account", str, required=True, description="The account's code."),
            OpenApiParameter("day", dt.date, description="Without it: today."),
        ],
        responses=AccountCoverageSerializer,
    )
    def get(self, request: Request) -> Response:
        asked = AskedCoverage(data=request.query_params)
        asked.is_valid(raise_exception=True)
        person, day = person_of(request), asked.validated_data.get("day") or timezone.localdate()
        account = get_object_or_404(covered_accounts_visible_to(person), code=asked.validated_data["account"])
        found = {
            "account": account.code,
            "day": day,
            "assignments": assigned_on(person, account, day),
            "stand_ins": covers_of_account(account.pk),
        }
        return Response(AccountCoverageSerializer(found).data)
