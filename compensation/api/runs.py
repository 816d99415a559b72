"""Runs and adjustments by API: calculate, follow, move on, compare, take out for payroll."""

import datetime as dt
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compensation.api import run_shapes as shapes
from compensation.filters.runs import AdjustmentFilter, RunFilter
from compensation.models import Adjustment, PayRun
from compensation.selectors.adjustments import adjustments_visible_to
from compensation.selectors.payroll import accrual_of
from compensation.selectors.run_differences import by_line
from compensation.selectors.runs import previous_month_run, runs_visible_to, statements_of_run
from compensation.services.adjustments import change_adjustment, move_adjustment, propose_adjustment
from compensation.services.payroll import take_payroll
from compensation.services.runs import move_run, start_run
from core.access import person_of
from core.api.permissions import DeclaredAction
from core.api.serializers import JobSerializer
from core.api.viewsets import EditViewSet, ReadViewSet
from core.models import Person

VIEW, RUN = "pay.runs", "pay.run"
MONTHS_BACK = 24


def checked(serializer: Any, request: Request) -> dict[str, Any]:
    """What was sent, as the input shape takes it."""
    sent = serializer(data=request.data, context={"request": request})
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


class PayRunViewSet(ReadViewSet):
    """Runs of a month's pay, in their versions."""

    model = PayRun
    selector = runs_visible_to
    serializer_class = shapes.PayRunSerializer
    filterset_class = RunFilter
    ordering_fields = ["month", "version", "made"]
    ordering = ["-month", "-version"]
    actions = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": RUN,
        "move": VIEW,
        "statements": VIEW,
        "differences": VIEW,
        "payroll": "pay.export",
    }

    @extend_schema(request=shapes.PayRunInput, responses={202: JobSerializer}, filters=False)
    def create(self, request: Request) -> Response:
        """Calculate a month: 202 with the job, whose result names the run. Refused (409) for a locked month,
        and while somebody's calculation of it is under way."""
        data = checked(shapes.PayRunInput, request)
        job = start_run(actor=person_of(request), month=data["month"])
        return Response(JobSerializer(job).data, status=202)

    @extend_schema(request=shapes.PayRunMoveInput, responses=shapes.PayRunSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Take, review, approve, send back, throw away, lock or pay. A refusal lists its reasons (409)."""
        data = checked(shapes.PayRunMoveInput, request)
        moved = move_run(
            actor=person_of(request),
            run=self.get_object(),
            name=data["move"],
            reason=data["reason"],
            revision=data.get("revision"),
        )
        return Response(shapes.PayRunSerializer(moved).data)

    @extend_schema(responses=shapes.PayStatementSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None)
    def statements(self, request: Request, pk: str) -> Response:
        """The statements of a run, by rep."""
        rows = statements_of_run(person_of(request), self.get_object())
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(shapes.PayStatementSerializer(page, many=True).data)

    @extend_schema(responses=shapes.PayDifferenceSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def differences(self, request: Request, pk: str) -> Response:
        """The lines that differ from the run before (of the month, else of the month before), the biggest
        first."""
        run = self.get_object()
        found = by_line(person_of(request), run.follows or previous_month_run(run), run)
        return Response(shapes.PayDifferenceSerializer(found, many=True).data)

    @extend_schema(request=None, responses=shapes.PayrollRowSerializer(many=True))
    @action(detail=True, methods=["post"], pagination_class=None, filterset_class=None)
    def payroll(self, request: Request, pk: str) -> Response:
        """Everybody's pay of a locked month; the event log keeps who took it. Refused (409) until then."""
        rows = take_payroll(actor=person_of(request), run=self.get_object(), form="api")
        return Response(shapes.PayrollRowSerializer(rows, many=True).data)


class AccrualView(APIView):
    """What is earned and not paid at the end of a month."""

    permission_classes = [DeclaredAction]
    actions: ClassVar[dict[str, str]] = {"get": "pay.export"}

    @extend_schema(
        operation_id="pay_accrual",
        parameters=[OpenApiParameter("month", dt.date, description="Any day of it; this month if absent.")],
        responses=shapes.AccrualRowSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """By component in open months, then held pay, then what draws advanced (below 0)."""
        asked = shapes.MonthAsked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        month = (asked.validated_data.get("month") or timezone.localdate()).replace(day=1)
        found = accrual_of(person_of(request), month, MONTHS_BACK)
        return Response(shapes.AccrualRowSerializer(found.rows, many=True).data)


class AdjustmentViewSet(EditViewSet):
    """Adjustments: money beside the plans, proposed by one person and approved by another."""

    model = Adjustment
    selector = adjustments_visible_to
    serializer_class = shapes.AdjustmentSerializer
    input_class = shapes.AdjustmentInput
    filterset_class = AdjustmentFilter
    ordering_fields = ["month", "amount", "made"]
    ordering = ["-month", "-id"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    actions = {"list": VIEW, "retrieve": VIEW, "create": RUN, "partial_update": RUN, "move": VIEW}

    def create_by(self, person: Person, data: dict[str, Any]) -> Adjustment:
        data.pop("revision", None)
        return propose_adjustment(actor=person, values=data)

    def change_by(self, person: Person, row: Adjustment, revision: int, data: dict[str, Any]) -> Adjustment:
        return change_adjustment(actor=person, adjustment=row, revision=revision, changes=data)

    @extend_schema(request=shapes.AdjustmentMoveInput, responses=shapes.AdjustmentSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Approve, reject, withdraw or take back. A refusal lists all its reasons (409)."""
        data = checked(shapes.AdjustmentMoveInput, request)
        moved = move_adjustment(
            actor=person_of(request),
            adjustment=self.get_object(),
            name=data["move"],
            reason=data["reason"],
            revision=data.get("revision"),
        )
        return Response(shapes.AdjustmentSerializer(moved).data)
