"""What CRMs' values are here, by API: the unknown ones, what they may be, and what was decided."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import EditViewSet
from core.errors import Conflict
from core.models import Person
from crm.models import ValueKind, ValueMapping
from crm.selectors.inbox import mappings_visible_to, unknown_values
from crm.selectors.value_suggestions import suggestions_for
from crm.services.value_batches import MOST, Decision, decide_many
from crm.services.value_mappings import decide

VIEW, DECIDE = "hooks.view", "hooks.replay"


class ValueMappingSerializer(serializers.ModelSerializer):
    decided_by = serializers.CharField(source="decided_by.email", default=None, allow_null=True)

    class Meta:
        model = ValueMapping
        fields = [
            *(
                "id",
                "revision",
                "source",
                "kind",
                "value",
                "target_code",
                "is_ignored",
                "reason",
                "decided_by",
            )
        ]


class ValueMeaning(serializers.Serializer):
    target_code = serializers.CharField(max_length=60, required=False, allow_blank=True)
    is_ignored = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)
    revision = serializers.IntegerField(required=False, min_value=1, help_text="Needed in a PATCH.")


class ValueMappingInput(ValueMeaning):
    source = serializers.SlugField(max_length=60)  # type: ignore[assignment]
    kind = serializers.ChoiceField(choices=ValueKind.choices)
    value = serializers.CharField(max_length=250, trim_whitespace=False)


class ManyValuesInput(serializers.Serializer):
    decisions = serializers.ListField(child=ValueMappingInput(), max_length=MOST)


class DecidedSerializer(serializers.Serializer):
    values = serializers.IntegerField()
    events = serializers.IntegerField(help_text="Events that are applied now.")


class MeaningSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    likeness = serializers.FloatField(help_text="In spelling, 0 to 1.")


class UnknownValueSerializer(serializers.Serializer):
    source = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.CharField()
    value = serializers.CharField()
    events = serializers.IntegerField(help_text="Events that wait for it.")
    since = serializers.DateTimeField()
    suggestions = MeaningSerializer(many=True)


class ValueMappingViewSet(EditViewSet):
    """What CRMs' stages, owners and other values are here. A POST decides one; what waits follows."""

    selector = mappings_visible_to
    model = ValueMapping
    serializer_class = ValueMappingSerializer
    input_class = ValueMappingInput
    filterset_fields = ["source", "kind", "value", "target_code", "is_ignored"]
    ordering_fields = ["source", "kind", "value"]
    ordering = ["source", "kind", "value"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    actions = {
        **dict.fromkeys(("list", "retrieve", "unknown"), VIEW),
        **dict.fromkeys(("create", "partial_update", "many"), DECIDE),
    }

    def create_by(self, person: Person, data: dict[str, Any]) -> ValueMapping:
        where = {name: data[name] for name in ("source", "kind", "value")}
        return decide(actor=person, **where, **meaning(data))[0]

    @extend_schema(request=ValueMeaning, responses=ValueMappingSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Decide again; what was applied with the old meaning is applied anew."""
        return super().partial_update(request, *args, **kwargs)

    def change_by(self, person: Person, row: Any, revision: int, data: dict[str, Any]) -> ValueMapping:
        told = {name: getattr(row, name) for name in ("target_code", "is_ignored", "reason")} | data
        if row.revision != revision:
            theirs = {name: getattr(row, name) for name in ("target_code", "is_ignored", "reason")}
            yours = {name: told[name] for name in theirs}
            raise Conflict(label=str(row), yours=yours, theirs=theirs, revision=row.revision)
        where = {"source": row.source, "kind": row.kind, "value": row.value}
        return decide(actor=person, **where, **meaning(told))[0]

    @extend_schema(request=ManyValuesInput, responses=DecidedSerializer)
    @action(detail=False, methods=["post"])
    def many(self, request: Request) -> Response:
        """Decide many at once: all of them, or none."""
        serializer = ManyValuesInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        decisions = [
            Decision(one["source"], one["kind"], one["value"], f"decisions.{place}", **meaning(one))
            for place, one in enumerate(serializer.validated_data["decisions"])
        ]
        count, events = decide_many(actor=person_of(request), decisions=decisions)
        return Response({"values": count, "events": events})

    @extend_schema(
        responses=UnknownValueSerializer(many=True),
        filters=False,
        parameters=[OpenApiParameter("kind", OpenApiTypes.STR, enum=ValueKind.values)],
    )
    @action(detail=False, pagination_class=None)
    def unknown(self, request: Request) -> Response:
        """Values that events wait for, the one that most wait for first, with what they may be."""
        kind = request.query_params.get("kind", "")
        values = [one for one in unknown_values(person_of(request)) if kind in ("", one.kind)]
        likely = suggestions_for((one.kind, one.value) for one in values)
        rows = [{**vars(one), "suggestions": likely[one.kind, one.value]} for one in values]
        return Response(UnknownValueSerializer(rows, many=True).data)


def meaning(data: dict[str, Any]) -> dict[str, Any]:
    """What the service is told."""
    return {
        "target_code": data.get("target_code", ""),
        "ignored": data.get("is_ignored", False),
        "reason": data.get("reason", ""),
    }
