"""Contests and SPIFs by API: what runs, what is over, rankings."""

from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compensation.pipeline.contests import Contest, board_of, contest_visible_to, contests_visible_to
from core.access import person_of
from core.api.permissions import DeclaredAction


class ContestSerializer(serializers.Serializer):
    version = serializers.IntegerField(source="version.pk")
    code = serializers.CharField(source="component.code")
    name = serializers.CharField(source="component.name")
    kind = serializers.CharField()
    plan = serializers.CharField(source="version.plan.code")
    first = serializers.DateField(source="round.first")
    last = serializers.DateField(source="round.last")
    state = serializers.SerializerMethodField()
    unit = serializers.CharField()
    currency = serializers.CharField()
    prizes = serializers.ListField(
        source="component.prizes", child=serializers.DecimalField(18, 4), help_text="By rank."
    )
    budget = serializers.DecimalField(18, 4, source="component.budget", allow_null=True)

    @extend_schema_field(serializers.CharField())
    def get_state(self, contest: Contest) -> str:
        return contest.round.state(timezone.localdate())


class StandingSerializer(serializers.Serializer):
    rep = serializers.CharField(source="rep.code")
    name = serializers.CharField(source="rep.name")
    rank = serializers.IntegerField(help_text="0 without a place yet.")
    amount = serializers.DecimalField(18, 4)
    gap = serializers.DecimalField(18, 4, allow_null=True, help_text="To the next better prize.")


class BoardSerializer(serializers.Serializer):
    contest = ContestSerializer()
    rows = StandingSerializer(many=True)
    budget_used = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DecimalField(18, 4, allow_null=True))
    def get_budget_used(self, board: Any) -> str | None:
        return None if board.contest.component.budget is None else f"{board.used:.4f}"


class ContestBase(APIView):
    permission_classes = [DeclaredAction]
    actions: ClassVar[dict[str, str]] = {"get": "pay.own"}


class ContestsView(ContestBase):
    """Contests and SPIFs."""

    @extend_schema(operation_id="contests", responses=ContestSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The rounds of this and the last plan year that the caller takes part in or may read."""
        found = contests_visible_to(person_of(request), timezone.localdate())
        return Response(ContestSerializer(found, many=True).data)


class ContestView(ContestBase):
    """The ranking of a round."""

    @extend_schema(operation_id="contest_ranking", responses=BoardSerializer)
    def get(self, request: Request, version: int, code: str, last: str) -> Response:
        """Who stands where now: amounts and gaps, no pay."""
        contest = contest_visible_to(person_of(request), version, code, last, timezone.localdate())
        if contest is None:
            raise Http404("There is no such contest.")
        return Response(BoardSerializer(board_of(contest)).data)
