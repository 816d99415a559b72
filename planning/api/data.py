"""Stage 1 by API, below /api/v1/cycles/<cycle>/data/."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.access import person_of
from core.api.viewsets import ReadViewSet
from core.models import Person
from forecasting.models import ForecastRun
from forecasting.selectors.runs import runs_visible_to
from planning.api import demand_shapes as shapes
from planning.api.demand import CYCLE, InCycle
from planning.api.machine import checked
from planning.models import AccuracyReport, DataFreeze
from planning.services.data import compute_accuracy, freeze_data, pin_forecast, start_forecast


def freezes_visible_to(user: Person | None) -> QuerySet[DataFreeze]:
    return DataFreeze.objects.select_related("frozen_by")


def reports_visible_to(user: Person | None) -> QuerySet[AccuracyReport]:
    return AccuracyReport.objects.all()


@extend_schema(parameters=[CYCLE])
class FreezeViewSet(InCycle, ReadViewSet):
    """Freezes of the cycle's data, the newest first; a POST freezes."""

    model = DataFreeze
    selector = freezes_visible_to
    serializer_class = shapes.DataFreezeSerializer
    filterset_fields = ["fingerprint"]
    ordering = ["-id"]
    actions = {"list": "cycle.view", "retrieve": "cycle.view", "create": "data.freeze"}

    @extend_schema(request=None, responses={201: shapes.DataFreezeSerializer})
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Freeze the data. The same facts give the freeze that is there."""
        freeze = freeze_data(actor=person_of(request), cycle=self.cycle())
        return Response(shapes.DataFreezeSerializer(freeze).data, status=201)


@extend_schema(parameters=[CYCLE])
class AccuracyViewSet(InCycle, ReadViewSet):
    """How good the last plan was, by freeze; a POST computes it."""

    model = AccuracyReport
    selector = reports_visible_to
    serializer_class = shapes.AccuracySerializer
    filterset_fields = ["basis"]
    ordering = ["-id"]
    actions = {"list": "forecast.view", "retrieve": "forecast.view", "create": "data.freeze"}

    @extend_schema(request=None, responses={201: shapes.AccuracySerializer})
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Compute the accuracy of the last plan on the frozen data."""
        report = compute_accuracy(actor=person_of(request), cycle=self.cycle())
        return Response(shapes.AccuracySerializer(report).data, status=201)


@extend_schema(parameters=[CYCLE])
class BaselineViewSet(InCycle, ViewSet):
    """The forecast that the cycle stands on."""

    actions = {"start": "forecast.run", "pin": "forecast.run"}

    @extend_schema(request=None, responses={202: shapes.RunPinnedSerializer})
    def start(self, request: Request, **kwargs: Any) -> Response:
        """Run the forecast on the frozen data and pin it; ask its job how far it is."""
        run = start_forecast(actor=person_of(request), cycle=self.cycle())
        return Response(_pinned(run), status=202)

    @extend_schema(request=shapes.PinnedRunInput, responses=shapes.RunPinnedSerializer)
    def pin(self, request: Request, **kwargs: Any) -> Response:
        """Pin a run that is there already."""
        wanted = checked(shapes.PinnedRunInput, request)["run"]
        run = get_object_or_404(runs_visible_to(person_of(request)), pk=wanted)
        pin_forecast(actor=person_of(request), cycle=self.cycle(), run=run)
        return Response(_pinned(run))


def _pinned(run: ForecastRun) -> dict[str, Any]:
    return shapes.RunPinnedSerializer({"run": run.pk, "state": run.state, "job": run.job_id}).data
