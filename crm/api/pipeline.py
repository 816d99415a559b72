"""The pipeline by API: what the pages show, as far as the caller sees. Money is in base currency."""

import datetime as dt
from dataclasses import replace
from typing import Any, ClassVar

import django_filters
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.engine.months import add_months
from core.access import person_of
from core.api.permissions import DeclaredAction
from core.api.viewsets import ReadViewSet
from core.errors import Invalid, Reason
from crm.api import pipeline_shapes as shapes
from crm.filters.pipeline import (
    AskedFilter,
    BoardFilter,
    ChangesFilter,
    FunnelFilter,
    PeriodFilter,
    PipelineTableFilter,
)
from crm.models import Deal
from crm.selectors.pipeline_board import board
from crm.selectors.pipeline_cohorts import cohorts
from crm.selectors.pipeline_coverage import coverage
from crm.selectors.pipeline_deals import pipeline_deals
from crm.selectors.pipeline_funnel import funnel
from crm.selectors.pipeline_groups import groupings
from crm.selectors.pipeline_moves import movable, moves
from crm.selectors.pipeline_signs import counted, marked
from crm.services.deals import EDIT, change_deal

VIEW = "deals.view"
SHOWN, COHORT_MONTHS = 100, 12
BY = list(groupings())
KINDS = {django_filters.DateFilter: OpenApiTypes.DATE}


def pipeline_deals_with_signs(user: Any) -> Any:
    return marked(pipeline_deals(user))


def _parameters(filterset: type[AskedFilter]) -> list[OpenApiParameter]:
    """What can be asked for, as the schema says it."""
    return [
        OpenApiParameter(
            name,
            KINDS.get(type(one), OpenApiTypes.STR),
            description=f"{one.label}." + (" A code." if hasattr(one, "queryset") else ""),
            enum=_choices(one),
        )
        for name, one in filterset.base_filters.items()
    ]


def _choices(one: Any) -> list[str] | None:
    """The values of a choice; None for what is named by its code or typed."""
    choices = one.extra.get("choices") if isinstance(one, django_filters.ChoiceFilter) else None
    return [value for value, _ in choices] if isinstance(choices, list | tuple) else None


class PipelineView(APIView):
    """The base of the pipeline's answers: what cannot be asked for is a 400 with every reason."""

    permission_classes = [DeclaredAction]
    actions: ClassVar[dict[str, str]] = {"get": VIEW}
    filterset_class: ClassVar[type[AskedFilter]] = AskedFilter

    def asked(self, request: Request, rows: Any = None) -> Any:
        deals = pipeline_deals(person_of(request)) if rows is None else rows
        found = self.filterset_class(request.query_params, queryset=deals, request=request)
        if not found.is_valid():
            errors = found.form.errors.get_json_data()
            raise Invalid(
                *(Reason(one["message"], "invalid", name) for name, many in errors.items() for one in many)
            )
        return found


class PipelineDealViewSet(ReadViewSet):
    """Deals with what decides about them: chance, weight, category, signs."""

    model = Deal
    selector = pipeline_deals_with_signs
    actions = {"list": VIEW, "retrieve": VIEW, "move": EDIT}
    serializer_class = shapes.PipelineDealSerializer
    filterset_class = PipelineTableFilter
    ordering_fields = ["base_amount", "weighted", "chance", "expected_close", "entered_stage", "pushes"]
    ordering = ["-base_amount"]

    def filter_queryset(self, queryset: Any) -> Any:
        """One deal is found whatever state it is in."""
        return queryset if self.detail else super().filter_queryset(queryset)

    @extend_schema(request=shapes.DealMoveInput, responses=shapes.PipelineDealSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: Any = None) -> Response:
        """Move a deal to another stage. 409 when somebody changed it first, 400 for a lost one without
        a reason."""
        deal = self.get_object()
        sent = shapes.DealMoveInput(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        said = dict(sent.validated_data)
        saved = change_deal(actor=person_of(request), deal=deal, revision=said.pop("revision"), changes=said)
        shown = get_object_or_404(self.get_queryset(), pk=saved.pk)
        return Response(shapes.PipelineDealSerializer(shown, context=self.get_serializer_context()).data)


class BoardView(PipelineView):
    """The board."""

    filterset_class = BoardFilter

    @extend_schema(
        operation_id="pipeline_board",
        parameters=_parameters(BoardFilter),
        responses=shapes.BoardColumnSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """A column for each open stage, with its sums and its first deals."""
        asked = self.asked(request)
        columns = board(person_of(request), asked.qs, asked.card_order)
        return Response(shapes.BoardColumnSerializer(columns, many=True).data)


class SignsView(PipelineView):
    """Open deals that need care."""

    @extend_schema(
        operation_id="pipeline_signs",
        parameters=_parameters(AskedFilter),
        responses=shapes.SignsSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """How many open deals slip, stall, are at risk or lack something, and their money."""
        return Response(shapes.SignsSerializer(counted(self.asked(request).qs).groups, many=True).data)


class FunnelView(PipelineView):
    """The funnel."""

    filterset_class = FunnelFilter

    @extend_schema(
        operation_id="pipeline_funnel",
        parameters=[
            *_parameters(FunnelFilter),
            OpenApiParameter("by", str, enum=BY, description="Team if absent."),
        ],
        responses=shapes.FunnelAnswer,
    )
    def get(self, request: Request) -> Response:
        """How far the deals created in some days (the last twelve months) came, for all and by group."""
        asked, by = self.asked(request), request.query_params.get("by") or BY[0]
        if by not in BY:
            raise Invalid(Reason(f"Group by one of {', '.join(BY)}.", "invalid", "by"))
        first, last = asked.days
        everything, groups = funnel(person_of(request), asked.qs, groupings()[by], first, last)
        body = {"first": first, "last": last, "by": by, "all": everything, "groups": groups}
        return Response(shapes.FunnelAnswer(body).data)


class CohortsView(PipelineView):
    """Cohorts."""

    @extend_schema(
        operation_id="pipeline_cohorts",
        parameters=_parameters(AskedFilter),
        responses=shapes.CohortSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """What became of the deals of each of the last twelve months."""
        last = timezone.localdate().replace(day=1)
        found = cohorts(self.asked(request).qs, add_months(last, 1 - COHORT_MONTHS), last)
        return Response(shapes.CohortSerializer(found, many=True).data)


class ChangesView(PipelineView):
    """What changed."""

    filterset_class = ChangesFilter

    @extend_schema(
        operation_id="pipeline_changes",
        parameters=[
            *_parameters(ChangesFilter),
            OpenApiParameter("place", int, description="How many of the deals to leave out; 0 if absent."),
        ],
        responses=shapes.ChangesAnswer,
    )
    def get(self, request: Request) -> Response:
        """The bridge between the ends of two days (a week ago and today), and the deals that changed. A deal
        counts for whom and what it belongs to today."""
        person = person_of(request)
        asked = self.asked(request, movable(person))
        window, place = asked.window, _place(request.query_params.get("place") or "0")
        found = moves(person, asked.qs, window, asked.change, limit=SHOWN, offset=place)
        body = {
            "since": window.since,
            "until": window.until,
            "start": found.bridge.start,
            "end": found.bridge.end,
            "steps": [
                {"step": step.value, "deals": part.deals, "amount": part.amount}
                for step, part in found.bridge.steps.items()
            ],
            "counts": found.counts,
            "deals": found.deals,
        }
        return Response(shapes.ChangesAnswer(body).data)


def _place(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 7:
        return int(text)
    raise Invalid(Reason("A place is a whole number from 0 on.", "invalid", "place"))


class CoverageView(PipelineView):
    """Coverage of the quota."""

    filterset_class = PeriodFilter

    @extend_schema(
        operation_id="pipeline_coverage",
        parameters=_parameters(PeriodFilter),
        responses=shapes.CoverageAnswer,
    )
    def get(self, request: Request) -> Response:
        """Quota, won and open deals by forecast category, of some days (this quarter)."""
        asked = self.asked(request)
        first, last = asked.days
        found = coverage(person_of(request), asked.qs, first, last)
        body = {
            **{
                name: getattr(found, name) for name in ("total", "reps", "teams", "overdue", "overdue_amount")
            },
            "months": [replace(line, key=_month(month)) for month, line in found.months],
            "first": first,
            "last": last,
        }
        return Response(shapes.CoverageAnswer(body).data)


def _month(month: dt.date) -> str:
    return f"{month:%Y-%m}"
