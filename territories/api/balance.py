"""Balance by API: what the page shows, as far as the caller sees. Money is in base currency, a year."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import person_of
from core.api.permissions import DeclaredAction
from territories.engine.account_table import MEASURES
from territories.filters.balance import BY, BalanceForm
from territories.selectors.balance_lines import spread

DAY, TEXT, NUMBER = OpenApiTypes.DATE, OpenApiTypes.STR, OpenApiTypes.FLOAT
MODEL = OpenApiParameter("model", TEXT, description="A model's code; crm: the CRM's owners. Else in force.")
ON = OpenApiParameter("day", DAY, description="Today unless told.")
ASKED = [
    MODEL,
    ON,
    OpenApiParameter("by", TEXT, enum=[key for key, _ in BY]),
    *(OpenApiParameter(name, NUMBER, description=f"Weight of {name}.") for name in MEASURES),
    OpenApiParameter("than_model", TEXT, description="Compare with this model."),
    OpenApiParameter("than_day", DAY, description="Compare with this day."),
]


class BalanceLineSerializer(serializers.Serializer):
    """One territory or rep: index 100 is just its part; deviation 0.05 is 5 % more."""

    code = serializers.CharField()
    name = serializers.CharField()
    rep = serializers.CharField(allow_blank=True)
    share = serializers.FloatField()
    accounts = serializers.IntegerField()
    potential = serializers.FloatField()
    revenue = serializers.FloatField(help_text="Of the year up to the day.")
    workload = serializers.FloatField(help_text="Hours a year.")
    hours = serializers.FloatField(allow_null=True, help_text="The rep's hours a year, where known.")
    index = serializers.FloatField()
    by_measure = serializers.DictField(child=serializers.FloatField(), help_text="Index by measure.")
    deviation = serializers.FloatField()
    before = serializers.FloatField(allow_null=True, help_text="The index of the comparison.")
    mean_km = serializers.FloatField(allow_null=True)
    total_km = serializers.FloatField()


class EvennessSerializer(serializers.Serializer):
    max_deviation = serializers.FloatField(help_text="Of the one furthest off, 0.05 for 5 %.")
    cv = serializers.FloatField(help_text="Coefficient of variation of the indexes.")
    gini = serializers.FloatField(help_text="0 for even, near 1 when one has everything.")


class BalanceLeftSerializer(serializers.Serializer):
    accounts = serializers.IntegerField(help_text="Accounts that nobody here has.")
    potential = serializers.FloatField()
    revenue = serializers.FloatField()
    without_place = serializers.IntegerField()
    without_work = serializers.IntegerField()


class BalanceSerializer(serializers.Serializer):
    model = serializers.CharField(source="asked.model.code", default=None, allow_null=True)
    day = serializers.DateField(source="asked.day")
    weights = serializers.DictField(source="evenness.weights", child=serializers.FloatField())
    together = EvennessSerializer(source="evenness.together")
    by_measure = serializers.DictField(source="evenness.by_measure", child=EvennessSerializer())
    left = BalanceLeftSerializer()
    mean_km = serializers.FloatField(allow_null=True)
    total_km = serializers.FloatField()
    lines = BalanceLineSerializer(many=True)


class BalanceView(APIView):
    """How even territories are."""

    permission_classes = [DeclaredAction]
    actions: ClassVar[dict[str, str]] = {"get": "territories.view"}

    @extend_schema(operation_id="territory_balance", parameters=ASKED, responses=BalanceSerializer)
    def get(self, request: Request) -> Response:
        """Every territory or rep with what it has, its index, and how even all are; furthest off first."""
        person = person_of(request)
        params: Any = request.query_params
        form = BalanceForm(params, person=person)
        form.raise_any()
        return Response(BalanceSerializer(spread(person, form.asked, form.than)).data)
