"""The mapping queue and what was decided, by API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import EditViewSet, ReadViewSet
from core.models import Person
from gathering.models import Mapping, UnmappedValue
from gathering.models.imports import MappingKind
from gathering.selectors.mappings import mappings_visible_to, unmapped_visible_to
from gathering.selectors.name_suggestions import suggestions_for
from gathering.services.mappings import change_mapping, save_mapping


class MappingSerializer(serializers.ModelSerializer):
    decided_by = serializers.CharField(source="decided_by.email", default=None, allow_null=True)

    class Meta:
        model = Mapping
        fields = [
            "id",
            "kind",
            "source",
            "value",
            "target_code",
            "is_ignored",
            "reason",
            "decided_by",
            "revision",
        ]


class DecisionInput(serializers.Serializer):
    target_code = serializers.CharField(max_length=60, required=False, allow_blank=True)
    is_ignored = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class MappingInput(DecisionInput):
    kind = serializers.ChoiceField(choices=MappingKind.choices)
    source = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")  # type: ignore[assignment]
    value = serializers.CharField(max_length=250, trim_whitespace=False)
    revision = serializers.IntegerField(required=False, help_text="Needed in a PATCH.")


class MappingViewSet(EditViewSet):
    """What foreign names mean. A POST decides a name and replays the rows that wait for it."""

    selector = mappings_visible_to
    model = Mapping
    serializer_class = MappingSerializer
    input_class = MappingInput
    filterset_fields = ["kind", "source", "value", "target_code", "is_ignored"]
    ordering_fields = ["kind", "value"]
    ordering = ["kind", "value"]
    actions = {
        "list": "imports.view",
        "retrieve": "imports.view",
        "create": "mappings.manage",
        "partial_update": "mappings.manage",
    }
    http_method_names = ["get", "post", "patch", "head", "options"]

    def create_by(self, person: Person, data: dict[str, Any]) -> Mapping:
        where = {name: data[name] for name in ("kind", "source", "value")}
        save_mapping(actor=person, **where, **decision(data))
        return mappings_visible_to(person).get(**where)

    def change_by(self, person: Person, row: Mapping, revision: int, data: dict[str, Any]) -> Mapping:
        names = ("target_code", "is_ignored", "reason")
        changes = {name: data[name] for name in names if name in data}
        return change_mapping(actor=person, mapping=row, revision=revision, changes=changes)


class SuggestionSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    likeness = serializers.FloatField()


class UnmappedSerializer(serializers.ModelSerializer):
    class Meta:
        model = UnmappedValue
        fields = ["id", "kind", "source", "value", "rows", "money", "first_run", "seen", "is_open"]


class UnmappedViewSet(ReadViewSet):
    """Names nobody knows yet, the most money first."""

    selector = unmapped_visible_to
    model = UnmappedValue
    serializer_class = UnmappedSerializer
    filterset_fields = ["kind", "source", "is_open"]
    ordering_fields = ["money", "rows", "value"]
    ordering = ["-money", "-rows", "value"]
    actions = {
        "list": "imports.view",
        "retrieve": "imports.view",
        "suggestions": "imports.view",
        "map": "mappings.manage",
    }

    @extend_schema(responses=SuggestionSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def suggestions(self, request: Request, pk: str) -> Response:
        """Known rows that are spelt alike, best first. Nothing is ever mapped by itself."""
        name = self.get_object()
        found = suggestions_for([(name.kind, name.value)], limit=5).get((name.kind, name.value), [])
        return Response(SuggestionSerializer(found, many=True).data)

    @extend_schema(request=DecisionInput, responses=MappingSerializer)
    @action(detail=True, methods=["post"])
    def map(self, request: Request, pk: str) -> Response:
        """Say what the name means, or leave its rows out with a reason."""
        name = self.get_object()
        serializer = DecisionInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        where = {"kind": name.kind, "source": name.source, "value": name.value}
        save_mapping(actor=person_of(request), **where, **decision(serializer.validated_data))
        return Response(MappingSerializer(mappings_visible_to(person_of(request)).get(**where)).data)


def decision(data: dict[str, Any]) -> dict[str, Any]:
    """What the service is told."""
    return {
        "target_code": data.get("target_code", ""),
        "ignore": data.get("is_ignored", False),
        "reason": data.get("reason", ""),
    }
