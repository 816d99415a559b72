"""Where a number comes from, by API."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import person_of
from core.explain import explain

PARTS = {"type": "array", "items": {"$ref": "#/components/schemas/Explanation"}}


class FactSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    number = serializers.CharField(allow_blank=True, help_text="As pages write it; empty for plain words.")
    text = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True, help_text="The page about it; empty where there is none.")


class ExplanationSerializer(serializers.Serializer):
    """A number, how it was made, and the numbers it was made from, each in this same shape."""

    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.FloatField(allow_null=True)
    unit = serializers.CharField(allow_blank=True)
    formula = serializers.CharField(allow_blank=True, help_text="How the parts become the value, in words.")
    parts = serializers.SerializerMethodField()
    source = FactSerializer(allow_null=True)  # type: ignore[assignment]
    facts = FactSerializer(many=True)
    asked = serializers.CharField(
        allow_blank=True, help_text="The page of the number's own explanation; empty where it has none."
    )

    @extend_schema_field(PARTS)
    def get_parts(self, number: Any) -> list[dict[str, Any]]:
        return ExplanationSerializer(number.parts, many=True).data  # type: ignore[return-value]


class ExplainView(APIView):
    """Where a number comes from: its formula, its parts, their parts, down to imports and files."""

    actions = {"get": "home.view"}

    @extend_schema(responses=ExplanationSerializer)
    def get(self, request: Request, kind: str, key: str) -> Response:
        """Explain one number. `kind` is such as released, demand, forecast, supply or sales; `key`
        joins its ids and month by "_": for a demand cell version_unit_2026-01.

        Asks for the right to see numbers of this kind, and answers 404 outside the own scope.
        """
        return Response(ExplanationSerializer(explain(person_of(request), kind, key)).data)
