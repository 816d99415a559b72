"""The map by API: accounts, bases and regions, as far as the caller sees."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import person_of
from core.api.permissions import DeclaredAction
from territories.api.balance import MODEL, ON
from territories.filters.balance import BY
from territories.filters.map import MapForm
from territories.selectors.map_points import map_of

ASKED = [
    MODEL,
    ON,
    OpenApiParameter("by", OpenApiTypes.STR, enum=[key for key, _ in BY], description="Whose accounts."),
    OpenApiParameter("group", OpenApiTypes.STR, description="A territory's or rep's code, or none: only it."),
]


class MapGroupSerializer(serializers.Serializer):
    """A territory or rep: points, shades and bases name it by its place."""

    place = serializers.IntegerField()
    code = serializers.CharField(help_text="none for the accounts of nobody.")
    name = serializers.CharField()
    accounts = serializers.IntegerField()


class MapPointSerializer(serializers.Serializer):
    account = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    group = serializers.IntegerField()
    potential = serializers.FloatField(allow_null=True, help_text="A year, in base currency.")
    approximate = serializers.BooleanField(help_text="The middle of its country or state.")


class MapShadeSerializer(serializers.Serializer):
    """A country or state with accounts that have no place of their own."""

    name = serializers.CharField()
    accounts = serializers.IntegerField()
    group = serializers.IntegerField(help_text="Which has most of them there.")


class MapBaseSerializer(serializers.Serializer):
    rep = serializers.CharField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    group = serializers.IntegerField(allow_null=True)


class MapSerializer(serializers.Serializer):
    groups = MapGroupSerializer(many=True)
    points = MapPointSerializer(many=True)
    shades = MapShadeSerializer(many=True)
    bases = MapBaseSerializer(many=True)
    approximate = serializers.IntegerField(help_text="Points that stand in the middle of their country.")
    nowhere = serializers.IntegerField(help_text="Accounts with neither a place nor a known country.")


class MapView(APIView):
    """Where accounts are, and whose."""

    permission_classes = [DeclaredAction]
    actions: ClassVar[dict[str, str]] = {"get": "territories.view"}

    @extend_schema(operation_id="territory_map", parameters=ASKED, responses=MapSerializer)
    def get(self, request: Request) -> Response:
        """Every account that the caller may see as a point, the bases of reps, and shaded regions."""
        person = person_of(request)
        params: Any = request.query_params
        form = MapForm(params, person=person)
        form.raise_any()
        model, day, by = form.on
        return Response(MapSerializer(map_of(person, model, day, by, form.cleaned_data["group"])).data)
