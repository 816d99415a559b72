"""Disputes by API: raised, answered, decided, given over; and what they tell."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compensation.api import dispute_shapes as shapes
from compensation.filters.disputes import DisputeFilter
from compensation.forms.periods import MonthsForm
from compensation.models import Dispute
from compensation.selectors.dispute_figures import dispute_report
from compensation.selectors.disputes import disputes_visible_to
from compensation.services.disputes import decide_dispute, give_dispute, raise_dispute, withdraw_dispute
from core.access import person_of
from core.api.permissions import DeclaredAction
from core.api.viewsets import ReadViewSet
from core.errors import Invalid
from core.forms import reasons_of

VIEW, RAISE, DECIDE = "pay.own", "pay.dispute", "pay.decide"
MONTHS = [
    OpenApiParameter("first", OpenApiTypes.DATE, description="Any day of the first month; a year ago."),
    OpenApiParameter("last", OpenApiTypes.DATE, description="Any day of the last month; today's."),
]


def asked_months(request: Request) -> Any:
    """The months asked for. Raises Invalid with every reason."""
    form = MonthsForm(request.query_params)
    if not form.is_valid():
        raise Invalid(*reasons_of(form))
    return form.months


class DisputeViewSet(ReadViewSet):
    """Disputes of pay, as far as the caller sees pay."""

    model = Dispute
    selector = disputes_visible_to
    serializer_class = shapes.DisputeSerializer
    filterset_class = DisputeFilter
    ordering_fields = ["raised", "due", "worth"]
    ordering = ["-raised"]
    actions = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": RAISE,
        "decide": DECIDE,
        "give": DECIDE,
        "withdraw": RAISE,
    }

    def _checked(self, serializer: Any, request: Request) -> dict[str, Any]:
        sent = serializer(data=request.data, context={"request": request})
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    def _answer(self, row: Dispute, status: int = 200) -> Response:
        fresh = disputes_visible_to(person_of(self.request)).get(pk=row.pk)
        return Response(shapes.DisputeSerializer(fresh).data, status=status)

    @extend_schema(request=shapes.DisputeInput, responses={201: shapes.DisputeSerializer}, filters=False)
    def create(self, request: Request) -> Response:
        """Dispute a line of the own statement, or say what is missing on it."""
        data = self._checked(shapes.DisputeInput, request)
        return self._answer(raise_dispute(actor=person_of(request), **data), status=201)

    @extend_schema(request=shapes.DisputeDecisionInput, responses=shapes.DisputeSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Agree or disagree. An amount is proposed as an adjustment that somebody else approves."""
        data = self._checked(shapes.DisputeDecisionInput, request)
        month = data.pop("month", None)
        return self._answer(
            decide_dispute(
                actor=person_of(request),
                dispute=self.get_object(),
                month=month.replace(day=1) if month else None,
                **data,
            )
        )

    @extend_schema(request=shapes.DisputeGiveInput, responses=shapes.DisputeSerializer)
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: str) -> Response:
        """Give an open dispute to another person who decides disputes."""
        data = self._checked(shapes.DisputeGiveInput, request)
        return self._answer(give_dispute(actor=person_of(request), dispute=self.get_object(), **data))

    @extend_schema(request=shapes.DisputeWithdrawInput, responses=shapes.DisputeSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the own dispute back."""
        data = self._checked(shapes.DisputeWithdrawInput, request)
        return self._answer(withdraw_dispute(actor=person_of(request), dispute=self.get_object(), **data))


class DisputeReportView(APIView):
    """What disputes tell."""

    permission_classes = [DeclaredAction]
    actions: ClassVar[dict[str, str]] = {"get": "pay.view"}

    @extend_schema(operation_id="dispute_report", parameters=MONTHS, responses=shapes.DisputeReportSerializer)
    def get(self, request: Request) -> Response:
        """Disputes raised in these months: counts, agreed share, hours, money; by month, plan, subject."""
        first, last = asked_months(request)
        found = dispute_report(person_of(request), first, last)
        return Response(shapes.DisputeReportSerializer(found).data)
