"""Stage 4 by API: the plan beside demand, budget and last plan; contradictions, and settling them."""

from typing import Any

import pandas as pd
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.selectors.scope import may_see_costs
from core.access import person_of, require
from core.api.permissions import DeclaredAction
from core.errors import Invalid, Reason
from planning.api.machine import checked
from planning.models import Cycle, Decision
from planning.selectors.comparison import MEASURES, SOURCES, Comparison, compare
from planning.selectors.contradictions import REST, contradictions_of
from planning.selectors.cycles import cycles_visible_to
from planning.services.reconciliation import settle_contradiction

GAP_KINDS = [("supply", "Supply"), ("budget", "Budget"), ("last", "Last plan"), (REST, "Smaller ones")]


class ComparedSerializer(serializers.Serializer):
    """One family, or one month: null where a source says nothing."""

    family = serializers.CharField(allow_null=True)
    month = serializers.DateField(allow_null=True)
    demand = serializers.FloatField(allow_null=True)
    plan = serializers.FloatField(allow_null=True)
    budget = serializers.FloatField(allow_null=True)
    last = serializers.FloatField(allow_null=True)


class ContradictionSerializer(serializers.Serializer):
    """Plan against demand, budget or last plan, in one family and quarter; money in base currency."""

    gap = serializers.CharField(help_text="Names it across solves; send it to settle it.")
    kind = serializers.ChoiceField(choices=GAP_KINDS)
    title = serializers.CharField()
    difference = serializers.FloatField()
    share = serializers.FloatField(allow_null=True)
    is_settled = serializers.BooleanField()
    decision = serializers.IntegerField(source="decision.pk", default=None, allow_null=True)
    decided = serializers.CharField(source="decision.decided", default="")


class ReconciliationSerializer(serializers.Serializer):
    measure = serializers.CharField()
    supply_run = serializers.IntegerField(allow_null=True)
    families = ComparedSerializer(many=True)
    months = ComparedSerializer(many=True)
    contradictions = ContradictionSerializer(many=True)


class SettleInput(serializers.Serializer):
    gap = serializers.CharField(max_length=120)
    decided = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    asks_executives = serializers.BooleanField(default=False)


class SettledSerializer(serializers.ModelSerializer):
    class Meta:
        model = Decision
        fields = ["id", "gap", "title", "money", "decided", "reason", "asks_executives", "revision"]


class ReconciliationView(APIView):
    """The plan beside demand, budget and last plan, and the contradictions above the threshold."""

    permission_classes = [DeclaredAction]
    actions = {"get": "supply.view", "post": "decision.make"}

    @extend_schema(
        operation_id="cycles_reconciliation_retrieve",
        parameters=[OpenApiParameter("measure", str, enum=list(MEASURES), description="Revenue if absent.")],
        responses=ReconciliationSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        """Nothing is compared before there is a supply plan: then the lists are empty."""
        person = person_of(request)
        measure = request.query_params.get("measure") or "revenue"
        if measure not in MEASURES:
            raise Invalid(Reason(f"Use one of {', '.join(MEASURES)}.", "invalid", "measure"))
        if measure == "margin" and not may_see_costs(person):
            require(person, "catalog.costs")
        comparison = compare(_cycle(request, pk), person)
        body: dict[str, Any] = {"measure": measure, "supply_run": None, "families": [], "months": []}
        if comparison is not None:
            body |= {
                "supply_run": comparison.run.pk,
                "families": _lines(comparison, "family", measure),
                "months": _lines(comparison, "month", measure),
            }
        found = contradictions_of(comparison.cycle, comparison) if comparison else []
        return Response(ReconciliationSerializer({**body, "contradictions": found}).data)

    @extend_schema(
        operation_id="cycles_reconciliation_settle", request=SettleInput, responses={200: SettledSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Decide on a contradiction, or hand it to the executives."""
        data = checked(SettleInput, request)
        decision = settle_contradiction(actor=person_of(request), cycle=_cycle(request, pk), **data)
        return Response(SettledSerializer(decision).data)


def _lines(comparison: Comparison, key: str, measure: str) -> list[dict[str, Any]]:
    table = comparison.by(key, measure)
    return [
        {
            "family": comparison.families[at].code if key == "family" else None,
            "month": at if key == "month" else None,
            **{name: None if pd.isna(row[name]) else float(row[name]) for name in SOURCES},
        }
        for at, row in table.iterrows()
    ]


def _cycle(request: Request, pk: int) -> Cycle:
    found = cycles_visible_to(person_of(request)).filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such cycle.")
    return found
