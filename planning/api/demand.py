"""Stage 2 by API, below /api/v1/cycles/<cycle>/demand/."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from catalog.selectors import reach_of
from core.access import person_of
from core.api.viewsets import EditViewSet, ReadViewSet
from core.models import Person
from planning.api import demand_shapes as shapes
from planning.api.machine import RevisionInput, checked, without
from planning.forms.demand_filters import CellFilter, EventFilter, InputFilter
from planning.models import (
    ConsensusCell,
    ConsensusTotal,
    Cycle,
    DemandEvent,
    DemandInput,
    DemandVersion,
    FamilyReview,
    Stream,
)
from planning.selectors.cycles import cycles_visible_to
from planning.selectors.demand_inputs import events_visible_to, inputs_visible_to, with_outcomes
from planning.selectors.demand_totals import month_lines
from planning.selectors.exceptions import exceptions_of
from planning.services.consensus import freeze_demand, recompute_demand
from planning.services.demand import withdraw_input, write_input
from planning.services.demand_events import add_event, change_event, drop_event
from planning.services.reviews import review_family
from planning.services.streams import reopen_stream, submit_stream, waive_stream, weigh_stream

CYCLE = OpenApiParameter("cycle_pk", int, OpenApiParameter.PATH, description="The cycle's id.")
LEVEL = ("family", "product", "market")


def cells_visible_to(user: Person | None) -> QuerySet[ConsensusCell]:
    """Consensus cells in the person's scope."""
    reach = reach_of(user)
    rows = ConsensusCell.objects.select_related("demand_unit__product", "demand_unit__market")
    return rows.filter(
        reach.of_family("demand_unit__product__family"), reach.of_market("demand_unit__market")
    )


def streams_visible_to(user: Person | None) -> QuerySet[Stream]:
    return Stream.objects.select_related("owner", "settled_by", "cycle")


def reviews_visible_to(user: Person | None) -> QuerySet[FamilyReview]:
    rows = FamilyReview.objects.select_related("family", "reviewer", "cycle")
    return rows.filter(reach_of(user).of_family("family"))


def versions_visible_to(user: Person | None) -> QuerySet[DemandVersion]:
    return DemandVersion.objects.select_related("frozen_by", "cycle")


class InCycle:
    """What lies below one cycle; another cycle's rows are not found."""

    def cycle(self: Any) -> Cycle:
        rows = cycles_visible_to(person_of(self.request)).select_related("forecast_run")
        return get_object_or_404(rows, pk=self.kwargs["cycle_pk"])

    def get_queryset(self: Any) -> QuerySet:
        return super().get_queryset().filter(cycle=self.kwargs.get("cycle_pk"))  # type: ignore[misc]


@extend_schema(parameters=[CYCLE])
class InputViewSet(InCycle, EditViewSet):
    """What the streams say. Adding on a cell that has a number replaces it: send its `revision`."""

    model = DemandInput
    selector = inputs_visible_to
    serializer_class = shapes.DemandInputSerializer
    input_class = shapes.DemandInputInput
    filterset_class = InputFilter
    ordering_fields = ["id", "month", "written"]
    ordering = ["-id"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    actions = {
        "list": "demand.view",
        "retrieve": "demand.view",
        "create": "demand.input",
        "partial_update": "demand.input",
        "withdraw": "demand.input",
    }

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        return with_outcomes(self.cycle(), page) if page else page

    def get_object(self) -> DemandInput:
        return with_outcomes(self.cycle(), [super().get_object()])[0]

    def create_by(self, person: Person, data: dict[str, Any]) -> DemandInput:
        return self._write(person, data)

    def change_by(self, person: Person, row: DemandInput, revision: int, data: dict[str, Any]) -> DemandInput:
        kept = {name: getattr(row, name) for name in ("kind", "value", "reason_code", "note")}
        place = {name: getattr(row, name) for name in (*LEVEL, "stream", "month")}
        return self._write(person, kept | without(data, *place) | place | {"revision": revision})

    def _write(self, person: Person, data: dict[str, Any]) -> DemandInput:
        cycle = self.cycle()
        return with_outcomes(cycle, [write_input(actor=person, cycle=cycle, **data)])[0]

    @extend_schema(request=RevisionInput, responses=shapes.DemandInputSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, **kwargs: Any) -> Response:
        """Take a number back: its cells are as if it had never been said."""
        data = checked(RevisionInput, request)
        row = withdraw_input(actor=person_of(request), row=self.get_object(), revision=data["revision"])
        return Response(shapes.DemandInputSerializer(row).data)


@extend_schema(parameters=[CYCLE])
class StreamViewSet(InCycle, ReadViewSet):
    """Who speaks, with what weight, and whether they have. A PATCH weighs; `move` settles."""

    model = Stream
    selector = streams_visible_to
    serializer_class = shapes.StreamSerializer
    filterset_fields = ["name", "state"]
    ordering = ["id"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    actions = {
        "list": "demand.view",
        "retrieve": "demand.view",
        "partial_update": "demand.freeze",
        "move": "demand.view",
    }

    @extend_schema(request=shapes.WeightInput, responses=shapes.StreamSerializer)
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Change the stream's weight and work the whole consensus out again."""
        data = checked(shapes.WeightInput, request)
        row = weigh_stream(actor=person_of(request), stream=self.get_object(), **data)
        return Response(shapes.StreamSerializer(row).data)

    @extend_schema(request=shapes.StreamMoveInput, responses=shapes.StreamSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, **kwargs: Any) -> Response:
        """Submit, waive (with a reason) or reopen the stream."""
        data, row = checked(shapes.StreamMoveInput, request), self.get_object()
        said: dict[str, Any] = {"actor": person_of(request), "cycle": row.cycle, "stream": row.name}
        if data["move"] == "submit":
            settled = submit_stream(**said)
        elif data["move"] == "waive":
            settled = waive_stream(**said, reason=data["reason"])
        else:
            settled = reopen_stream(**said, reason=data["reason"])
        return Response(shapes.StreamSerializer(settled).data)


@extend_schema(parameters=[CYCLE])
class EventViewSet(InCycle, EditViewSet):
    """Promotions, launches and phase-outs. `drop` takes the units off and keeps the event."""

    model = DemandEvent
    selector = events_visible_to
    serializer_class = shapes.DemandEventSerializer
    input_class = shapes.DemandEventInput
    filterset_class = EventFilter
    ordering_fields = ["id", "period"]
    ordering = ["id"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    actions = {
        "list": "demand.view",
        "retrieve": "demand.view",
        "create": "demand.input",
        "partial_update": "demand.input",
        "drop": "demand.input",
    }

    def create_by(self, person: Person, data: dict[str, Any]) -> DemandEvent:
        return add_event(actor=person, cycle=self.cycle(), **without(data, "revision"))

    def change_by(self, person: Person, row: DemandEvent, revision: int, data: dict[str, Any]) -> DemandEvent:
        return change_event(actor=person, event=row, revision=revision, changes=data)

    @extend_schema(request=RevisionInput, responses=shapes.DemandEventSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, **kwargs: Any) -> Response:
        """Take the event's units off."""
        data = checked(RevisionInput, request)
        row = drop_event(actor=person_of(request), event=self.get_object(), revision=data["revision"])
        return Response(shapes.DemandEventSerializer(row).data)


@extend_schema(parameters=[CYCLE])
class ReviewViewSet(InCycle, EditViewSet):
    """Family reviews. Adding one for a family that has one changes it."""

    model = FamilyReview
    selector = reviews_visible_to
    serializer_class = shapes.FamilyReviewSerializer
    input_class = shapes.FamilyReviewInput
    filterset_fields = ["state"]
    ordering = ["id"]
    http_method_names = ["get", "post", "head", "options"]
    actions = {"list": "demand.view", "retrieve": "demand.view", "create": "demand.review"}

    def create_by(self, person: Person, data: dict[str, Any]) -> FamilyReview:
        return review_family(actor=person, cycle=self.cycle(), **data)


@extend_schema(parameters=[CYCLE])
class CellViewSet(InCycle, ReadViewSet):
    """The working consensus, cell by cell."""

    model = ConsensusCell
    selector = cells_visible_to
    serializer_class = shapes.ConsensusCellSerializer
    filterset_class = CellFilter
    ordering_fields = ["month", "quantity"]
    ordering = ["month", "demand_unit_id"]
    actions = {"list": "demand.view", "retrieve": "demand.view"}


@extend_schema(parameters=[CYCLE])
class VersionViewSet(InCycle, ReadViewSet):
    """Frozen consensuses; a POST freezes the next."""

    model = DemandVersion
    selector = versions_visible_to
    serializer_class = shapes.DemandVersionSerializer
    filterset_fields = ["number"]
    ordering_fields = ["number"]
    ordering = ["-number"]
    actions = {"list": "demand.view", "retrieve": "demand.view", "create": "demand.freeze"}

    @extend_schema(request=None, responses={201: shapes.DemandVersionSerializer})
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Freeze the consensus. The same content gives the version that is there."""
        version = freeze_demand(actor=person_of(request), cycle=self.cycle())
        return Response(shapes.DemandVersionSerializer(version).data, status=201)


@extend_schema(parameters=[CYCLE])
class ExceptionViewSet(InCycle, GenericViewSet):
    """Exceptions by the money at stake, from the company's threshold on."""

    queryset = ConsensusTotal.objects.none()
    serializer_class = shapes.DemandExceptionSerializer
    actions = {"list": "demand.view"}

    @extend_schema(filters=False)
    def list(self, request: Request, **kwargs: Any) -> Response:
        """The dearest two hundred."""
        page = self.paginate_queryset(exceptions_of(person_of(request), self.cycle()))
        return self.get_paginated_response(shapes.DemandExceptionSerializer(page, many=True).data)


@extend_schema(parameters=[CYCLE])
class DemandWorkViewSet(InCycle, ViewSet):
    """The plan by month, and working everything out again."""

    actions = {"totals": "demand.view", "recompute": "demand.freeze"}

    @extend_schema(responses=shapes.DemandMonthSerializer(many=True))
    def totals(self, request: Request, **kwargs: Any) -> Response:
        """The consensus by month against budget and last year, in your scope."""
        lines = month_lines(person_of(request), self.cycle())
        return Response(shapes.DemandMonthSerializer(lines, many=True).data)

    @extend_schema(request=None, responses=shapes.CellCountSerializer)
    def recompute(self, request: Request, **kwargs: Any) -> Response:
        """Work every cell out again: after prices, costs or the catalog changed."""
        return Response({"cells": recompute_demand(actor=person_of(request), cycle=self.cycle())})
