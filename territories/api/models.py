"""Territory models, territories, rules, pins and what came of them, by API."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import RevisionInput, code_of
from catalog.selectors import markets_visible_to
from core.access import person_of
from core.api.serializers import JobSerializer
from core.api.viewsets import EditViewSet
from core.errors import Invalid, Reason
from core.models import Person
from territories.api.rule_shapes import PreviewSerializer, RunInput, RunSerializer, TerritoryOf, code
from territories.filters.models import DifferenceFilter, ModelFilter, TerritoryFilter
from territories.models import Territory, TerritoryModel, TerritoryType
from territories.pipeline.rule_preview import preview
from territories.selectors.model_diff import (
    account_differences,
    rule_differences,
    territory_differences,
)
from territories.selectors.models import models_visible_to, overlay_roles, territories_visible_to
from territories.services.models import (
    activate_model,
    add_model,
    archive_model,
    change_model,
    copy_model,
    delete_model,
)
from territories.services.rules import is_big, run_now, start_run
from territories.services.territories import add_territory, change_territory, delete_territory

VIEW, PLAN, ACTIVATE = "territories.view", "territories.plan", "territories.activate"
EDIT = {
    "list": VIEW,
    "retrieve": VIEW,
    "create": PLAN,
    "partial_update": PLAN,
    "destroy": PLAN,
}
REVISION = OpenApiParameter("revision", int, required=True, description="The revision that you read.")


class ModelSerializer(serializers.ModelSerializer):
    copied_from = code()
    first_day = serializers.DateField(source="days.lower", default=None, allow_null=True, read_only=True)
    day_after = serializers.DateField(
        source="days.upper",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="The day after its last.",
    )

    class Meta:
        model = TerritoryModel
        fields = [
            *("id", "revision", "code", "name", "state", "first_day", "day_after", "version", "copied_from"),
            "description",
        ]


class ModelInput(RevisionInput):
    code = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(required=False, allow_blank=True)


class CopyInput(serializers.Serializer):
    code = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(required=False, allow_blank=True)


class ActivateInput(serializers.Serializer):
    revision = serializers.IntegerField(min_value=1)
    first_day = serializers.DateField(help_text="The model in force ends the day before.")
    despite = serializers.BooleanField(default=False, help_text="Accept what warns: gaps, missing reps.")


class ArchiveInput(serializers.Serializer):
    revision = serializers.IntegerField(min_value=1)
    last_day = serializers.DateField()


class TerritorySerializer(serializers.ModelSerializer):
    model, parent, role, market = code(), code(), code(), code()

    class Meta:
        model = Territory
        fields = [
            *("id", "revision", "model", "code", "name", "parent", "type", "role", "market", "description"),
        ]


class TerritoryInput(RevisionInput):
    model = code_of(models_visible_to, help_text="Ignored when changing.")
    code = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=200)
    parent: Any = TerritoryOf(required=False, allow_null=True, help_text="The id of the one above.")
    type = serializers.ChoiceField(choices=TerritoryType.choices)
    role = code_of(overlay_roles, required=False, allow_null=True)
    market = code_of(markets_visible_to, required=False, allow_null=True)
    description = serializers.CharField(required=False, allow_blank=True)


class ModelDifferenceSerializer(serializers.Serializer):
    kind = serializers.CharField(help_text="territory or rule")
    state = serializers.CharField(help_text="added, gone or changed")
    name = serializers.CharField()
    what = serializers.CharField()


class AccountMoveSerializer(serializers.Serializer):
    account = serializers.CharField(source="code")
    change = serializers.CharField(help_text="added, gone or moved")
    was = serializers.CharField(source="was_code", allow_null=True, help_text="Code of the territory.")
    now = serializers.CharField(source="now_code", allow_null=True)
    potential = serializers.DecimalField(18, 4, allow_null=True, help_text="A year, in base currency.")


class ModelViewSet(EditViewSet):
    """Territory models: planned, in force or archived."""

    model = TerritoryModel
    selector = models_visible_to
    serializer_class = ModelSerializer
    input_class = ModelInput
    filterset_class = ModelFilter
    ordering_fields = ["id", "code", "version"]
    ordering = ["id"]
    actions = EDIT | {
        "copy": PLAN,
        "dry_run": PLAN,
        "run": PLAN,
        "activate": ACTIVATE,
        "archive": ACTIVATE,
        "compare": VIEW,
        "compare_accounts": VIEW,
    }

    def create_by(self, person: Person, data: dict[str, Any]) -> TerritoryModel:
        return add_model(actor=person, values=data | {"owner": person})

    def change_by(
        self, person: Person, row: TerritoryModel, revision: int, data: dict[str, Any]
    ) -> TerritoryModel:
        return change_model(actor=person, model=row, revision=revision, changes=data)

    @extend_schema(parameters=[REVISION], responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Throw a planned model away with everything in it."""
        delete_model(actor=person_of(request), model=self.get_object(), revision=revision_of(request))
        return Response(status=204)

    @extend_schema(request=CopyInput, responses={201: ModelSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, pk: str) -> Response:
        """The next version of the model, in planning, with everything in it."""
        sent = checked(CopyInput, request)
        row = copy_model(actor=person_of(request), model=self.get_object(), **sent)
        return Response(ModelSerializer(row).data, status=201)

    @extend_schema(request=RunInput, responses=PreviewSerializer)
    @action(detail=True, methods=["post"], url_path="dry-run", url_name="dry-run")
    def dry_run(self, request: Request, pk: str) -> Response:
        """What running the rules would change; nothing is stored."""
        found = preview(self.get_object(), user=person_of(request), **checked(RunInput, request))
        return Response(PreviewSerializer(found).data)

    @extend_schema(request=RunInput, responses={201: RunSerializer, 202: JobSerializer})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str) -> Response:
        """Place the accounts as the rules say; for many accounts as a job."""
        asked: dict[str, Any] = {"actor": person_of(request), "model": self.get_object()}
        asked |= checked(RunInput, request)
        if is_big():
            return Response(JobSerializer(start_run(**asked)).data, status=202)
        return Response(RunSerializer(run_now(**asked)).data, status=201)

    @extend_schema(request=ActivateInput, responses=ModelSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        """Put a planned model into force on a day. Refused with every reason at once."""
        sent = checked(ActivateInput, request)
        row = activate_model(actor=person_of(request), model=self.get_object(), **sent)
        return Response(ModelSerializer(row).data)

    @extend_schema(request=ArchiveInput, responses=ModelSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        """End the model in force without another one."""
        sent = checked(ArchiveInput, request)
        row = archive_model(actor=person_of(request), model=self.get_object(), **sent)
        return Response(ModelSerializer(row).data)

    @extend_schema(filters=False, responses=ModelDifferenceSerializer(many=True))
    @action(detail=True, url_path="compare/(?P<other>[0-9]+)", url_name="compare", pagination_class=None)
    def compare(self, request: Request, pk: str, other: str) -> Response:
        """What differs in territories and rules between this model and another."""
        before, after = self.get_object(), self._other(other)
        person = person_of(request)
        found = territory_differences(before, after, person) + rule_differences(before, after, person)
        return Response(ModelDifferenceSerializer(found, many=True).data)

    @extend_schema(filters=False, responses=AccountMoveSerializer(many=True))
    @action(detail=True, url_path="compare/(?P<other>[0-9]+)/accounts", url_name="compare-accounts")
    def compare_accounts(self, request: Request, pk: str, other: str) -> Response:
        """The accounts that lie elsewhere in the other model; `change` and `search` narrow."""
        rows = account_differences(self.get_object(), self._other(other), person_of(request))
        rows = DifferenceFilter(request.query_params, queryset=rows, request=request).qs.order_by("pk")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(AccountMoveSerializer(page, many=True).data)

    def _other(self, key: str) -> TerritoryModel:
        found = self.get_queryset().filter(pk=int(key)).first() if len(key) < 18 else None
        if found is None:
            raise NotFound(f"There is no territory model {key}.")
        return found


class TerritoryViewSet(EditViewSet):
    """The territories of all models."""

    model = Territory
    selector = territories_visible_to
    serializer_class = TerritorySerializer
    input_class = TerritoryInput
    filterset_class = TerritoryFilter
    ordering_fields = ["id", "code", "name"]
    ordering = ["id"]
    actions = EDIT

    def create_by(self, person: Person, data: dict[str, Any]) -> Territory:
        return add_territory(actor=person, model=data.pop("model"), values=data)

    def change_by(self, person: Person, row: Territory, revision: int, data: dict[str, Any]) -> Territory:
        return change_territory(actor=person, territory=row, revision=revision, changes=data)

    @extend_schema(parameters=[REVISION], responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take a territory of a planned model out of the tree."""
        row = self.get_object()
        delete_territory(actor=person_of(request), territory=row, revision=revision_of(request))
        return Response(status=204)


def checked(shape: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """What was sent, read by a serializer."""
    sent = shape(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


def revision_of(request: Request) -> int:
    """The revision in the address."""
    sent = request.query_params.get("revision", "")
    if not (sent.isdigit() and len(sent) < 10):
        raise Invalid(Reason("Send the revision that you read, as ?revision=1.", "required", "revision"))
    return int(sent)
