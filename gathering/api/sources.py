"""Data sources and their months by API."""

import datetime as dt
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import EditViewSet
from core.errors import Invalid, Reason
from core.models import Person
from gathering.engine.source_moves import NAMES
from gathering.models import DataSource, ImportProfile, SourceMonth
from gathering.selectors.sources import Board, sources_visible_to, this_month
from gathering.services.sources import change_source, compare_totals, create_source
from gathering.workflow import perform


class SourceSerializer(serializers.ModelSerializer):
    owner = serializers.EmailField(source="owner.email", read_only=True)
    profile = serializers.CharField(source="profile.code", default=None, allow_null=True, read_only=True)

    class Meta:
        model = DataSource
        fields = [
            *("id", "code", "name", "dataset", "profile", "owner", "due_workday", "is_required"),
            *("is_active", "instructions", "revision"),
        ]


class SourceInput(serializers.ModelSerializer):
    owner = serializers.SlugRelatedField(slug_field="email", queryset=Person.objects.filter(is_active=True))
    profile = serializers.SlugRelatedField(
        slug_field="code", queryset=ImportProfile.objects.all(), required=False, allow_null=True
    )
    revision = serializers.IntegerField(required=False, help_text="Needed in a PATCH.")

    class Meta:
        model = DataSource
        fields = [
            *("code", "name", "dataset", "profile", "owner", "due_workday", "is_required"),
            *("is_active", "instructions", "revision"),
        ]


class MonthSerializer(serializers.ModelSerializer):
    source = serializers.SlugRelatedField(slug_field="code", read_only=True)  # type: ignore[assignment,var-annotated]
    settled_by = serializers.EmailField(source="settled_by.email", default=None, allow_null=True)

    class Meta:
        model = SourceMonth
        fields = [
            *("source", "month", "due", "state", "run", "control_rows", "control_quantity", "control_money"),
            *("settled_by", "settled_at", "reason", "revision"),
        ]


class MonthInput(serializers.Serializer):
    month = serializers.DateField(help_text="The first day of the month.")


class MoveInput(MonthInput):
    move = serializers.ChoiceField(choices=[name for name in NAMES if name != "receive"])
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class TotalsInput(MonthInput):
    revision = serializers.IntegerField(min_value=1)
    control_rows = serializers.IntegerField(min_value=0, max_value=2**62, required=False, allow_null=True)
    control_quantity = serializers.DecimalField(18, 4, required=False, allow_null=True)
    control_money = serializers.DecimalField(18, 4, required=False, allow_null=True)


class SourceViewSet(EditViewSet):
    """Data sources; `board` is a month of all of them, `move` and `totals` act on one month."""

    selector = sources_visible_to
    model = DataSource
    serializer_class = SourceSerializer
    input_class = SourceInput
    filterset_fields = ["dataset", "is_active", "is_required"]
    ordering_fields = ["code", "due_workday"]
    ordering = ["code"]
    actions = {
        "list": "sources.view",
        "retrieve": "sources.view",
        "board": "sources.view",
        "move": "sources.view",
        "totals": "sources.sign",
        "create": "sources.manage",
        "partial_update": "sources.manage",
    }
    http_method_names = ["get", "post", "patch", "head", "options"]

    def create_by(self, person: Person, data: dict[str, Any]) -> DataSource:
        return create_source(actor=person, **{k: v for k, v in data.items() if k != "revision"})

    def change_by(self, person: Person, row: DataSource, revision: int, data: dict[str, Any]) -> DataSource:
        return change_source(actor=person, source=row, revision=revision, changes=data)

    @extend_schema(
        parameters=[OpenApiParameter("month", dt.date, description="Any day of the month; now if absent.")],
        responses=MonthSerializer(many=True),
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def board(self, request: Request) -> Response:
        """Every active source in one month, touched or not."""
        wanted = request.query_params.get("month", "")
        board = Board(person_of(request), _day(wanted) if wanted else this_month())
        return Response(MonthSerializer([line.row for line in board.lines], many=True).data)

    @extend_schema(request=MoveInput, responses=MonthSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Sign, waive, or take back a month of the source. A refusal lists all its reasons (409)."""
        data = _checked(MoveInput, request)
        row = perform(
            source=self.get_object(),
            month=data["month"].replace(day=1),
            name=data["move"],
            actor=person_of(request),
            reason=data["reason"],
        )
        return Response(MonthSerializer(row).data)

    @extend_schema(request=TotalsInput, responses=MonthSerializer)
    @action(detail=True, methods=["post"])
    def totals(self, request: Request, pk: str) -> Response:
        """Keep control totals and compare them with what came in."""
        data = _checked(TotalsInput, request)
        row = compare_totals(
            actor=person_of(request),
            source=self.get_object(),
            month=data.pop("month").replace(day=1),
            revision=data.pop("revision"),
            totals=data,
        )
        return Response(MonthSerializer(row).data)


def _checked(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(Reason(f"“{text}” is not a day. Write 2027-03-01.", "invalid", "month")) from error
