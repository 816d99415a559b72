"""What people decide about deals' credit by API: splits, cancellations, holds."""

from typing import Any, ClassVar

from django.db.models import Model
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compensation.api import credit_shapes as shapes
from compensation.api.plans import checked, refuse_others
from compensation.filters.credits import CancellationFilter, HoldFilter, SplitFilter
from compensation.models import Cancellation, CreditHold, DealSplit
from compensation.selectors.cancellations import cancellations_visible_to
from compensation.selectors.holds import holds_visible_to
from compensation.selectors.splits import closed_run_of, mark_of, shared_deals, splits_of, splits_visible_to
from compensation.services.cancellations import (
    add_cancellation,
    change_cancellation,
    import_cancellations,
    remove_cancellation,
)
from compensation.services.holds import change_hold, put_hold, release_hold, release_holds
from compensation.services.splits import Share, set_splits
from core.access import person_of
from core.api.permissions import DeclaredAction
from core.api.viewsets import EditViewSet, ReadViewSet
from crm.models import Deal

OWN, CREDIT = "pay.own", "pay.credit"
NO_DELETE = ["get", "post", "patch", "head", "options"]
EDITED = {"list": OWN, "retrieve": OWN, "create": CREDIT, "partial_update": CREDIT}


class SplitViewSet(ReadViewSet):
    """The shares of deals that are shared by hand; a deal's whole list is changed at deals/{id}/splits."""

    model = DealSplit
    selector = splits_visible_to
    serializer_class = shapes.SplitSerializer
    filterset_class = SplitFilter
    ordering_fields = ["id", "deal"]
    ordering = ["deal", "id"]
    actions = {"list": OWN, "retrieve": OWN}


class DealSplitsView(APIView):
    """The shares of a deal as a whole list."""

    permission_classes = [DeclaredAction]
    actions = {"get": CREDIT, "put": CREDIT}

    @extend_schema(responses=shapes.SplitListSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The shares of a deal, and the mark that a change sends back."""
        return Response(_list(self._deal(request, pk)))

    @extend_schema(request=shapes.SplitInput, responses=shapes.SplitListSerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Make these the shares of the deal: 100 % together, or none for the rules to decide."""
        deal = self._deal(request, pk)
        sent = shapes.SplitInput(data=request.data, context={"request": request})
        sent.is_valid(raise_exception=True)
        data = sent.validated_data
        shares = [Share(one["rep"], one["percent"]) for one in data["shares"]]
        reason = data.get("reason", "")
        set_splits(actor=person_of(request), deal=deal, shares=shares, seen=data["seen"], reason=reason)
        return Response(_list(deal))

    def _deal(self, request: Request, pk: int) -> Deal:
        return get_object_or_404(shared_deals(person_of(request)), pk=pk)


def _list(deal: Deal) -> dict[str, Any]:
    rows = list(splits_of(deal))
    run = closed_run_of(deal)
    month = run.month if run else None
    found = {"deal": deal.pk, "seen": mark_of(rows), "closed_month": month, "shares": rows}
    return dict(shapes.SplitListSerializer(found).data)


class CancellationViewSet(EditViewSet):
    """Won deals, or parts of them, that came to nothing: their credit is taken back on that day."""

    model = Cancellation
    selector = cancellations_visible_to
    serializer_class = shapes.CancellationSerializer
    input_class = shapes.CancellationInput
    filterset_class = CancellationFilter
    http_method_names = NO_DELETE
    ordering_fields: ClassVar[list[str]] = ["day", "id"]
    ordering = ["-day", "-id"]
    actions = EDITED | {"take_away": CREDIT, "file": CREDIT}

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        return self._counted(person, add_cancellation(actor=person, **data))

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        refuse_others(data, "kind", "day", "percent", "reason")
        saved = change_cancellation(actor=person, row=row, revision=revision, changes=data)
        return self._counted(person, saved)

    @extend_schema(request=shapes.TakeAwayInput, responses={204: None})
    @action(detail=True, methods=["post"], url_path="take-away", url_name="take-away")
    def take_away(self, request: Request, pk: str) -> Response:
        """Take a cancellation away: the deal counts again."""
        sent = checked(shapes.TakeAwayInput, request)
        remove_cancellation(actor=person_of(request), row=self.get_object(), **sent)
        return Response(status=204)

    @extend_schema(request=shapes.FileInput, responses=shapes.CancellationsStoredSerializer)
    @action(detail=False, methods=["post"], parser_classes=[MultiPartParser])
    def file(self, request: Request) -> Response:
        """Store a CSV file (deal, day, reason, and percent, kind, crm), all of it or nothing."""
        file = checked(shapes.FileInput, request)["file"]
        stored = import_cancellations(actor=person_of(request), name=file.name, data=file.read())
        return Response(shapes.CancellationsStoredSerializer(stored).data)

    def _counted(self, person: Any, row: Cancellation) -> Model:
        return cancellations_visible_to(person).get(pk=row.pk)


class HoldViewSet(EditViewSet):
    """Pay that waits until it is released: of a deal, a rep, or a rep for a deal."""

    model = CreditHold
    selector = holds_visible_to
    serializer_class = shapes.HoldSerializer
    input_class = shapes.HoldInput
    filterset_class = HoldFilter
    http_method_names = NO_DELETE
    ordering_fields: ClassVar[list[str]] = ["since", "id"]
    ordering = ["-since", "-id"]
    actions = EDITED | {"release": CREDIT, "release_several": CREDIT}

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        return self._counted(person, put_hold(actor=person, **data))

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        refuse_others(data, "component", "percent", "since", "reason")
        return self._counted(person, change_hold(actor=person, row=row, revision=revision, changes=data))

    @extend_schema(request=shapes.ReleaseInput, responses=shapes.HoldSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Let go what a hold keeps back: it is paid with the month of the day."""
        sent = checked(shapes.ReleaseInput, request)
        row = release_hold(actor=person_of(request), row=self.get_object(), **sent)
        return Response(shapes.HoldSerializer(self._counted(person_of(request), row)).data)

    @extend_schema(request=shapes.ReleaseSeveralInput, responses=shapes.ReleasedSerializer)
    @action(detail=False, methods=["post"], url_path="release-several", url_name="release-several")
    def release_several(self, request: Request) -> Response:
        """Release several holds, all of them or none."""
        sent = checked(shapes.ReleaseSeveralInput, request)
        rows = list(self.get_queryset().filter(pk__in=sent.pop("holds")))
        return Response({"released": release_holds(actor=person_of(request), rows=rows, **sent)})

    def _counted(self, person: Any, row: CreditHold) -> Any:
        return holds_visible_to(person).get(pk=row.pk)
