"""The open deals in stage 2 by API, below /api/v1/cycles/<cycle>/demand/."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import ReadViewSet
from core.models import Person
from planning.api import demand_shapes as shapes
from planning.api.demand import CYCLE, InCycle
from planning.api.machine import checked
from planning.models import PipelineShare, PipelineTake
from planning.selectors.open_deals import shares_visible_to
from planning.services.pipeline_inputs import take_pipeline


def takes_visible_to(user: Person | None) -> QuerySet[PipelineTake]:
    return PipelineTake.objects.select_related("taken_by")


@extend_schema(parameters=[CYCLE])
class PipelineTakeViewSet(InCycle, ReadViewSet):
    """What the cycle took from the open deals, the newest first; a POST takes them."""

    model = PipelineTake
    selector = takes_visible_to
    serializer_class = shapes.PipelineTakeSerializer
    ordering = ["-id"]
    http_method_names = ["get", "post", "head", "options"]
    actions = {"list": "demand.view", "retrieve": "demand.view", "create": "demand.input"}

    @extend_schema(request=shapes.PipelineTakeInput, responses={201: shapes.PipelineTakeSerializer})
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Take the open deals as the pipeline's word. The same deals give the take that is there."""
        data = checked(shapes.PipelineTakeInput, request)
        taken = take_pipeline(actor=person_of(request), cycle=self.cycle(), **data)
        return Response(shapes.PipelineTakeSerializer(taken).data, status=201)


@extend_schema(parameters=[CYCLE])
class PipelineShareViewSet(InCycle, ReadViewSet):
    """What each deal gave to which cell, of the deals that the caller may see."""

    model = PipelineShare
    selector = shares_visible_to
    serializer_class = shapes.PipelineShareSerializer
    filterset_fields = {"take": ["exact"], "month": ["exact"], "deal": ["exact"]}
    ordering_fields = ["month", "expected"]
    ordering = ["-take", "-expected", "id"]
    actions = {"list": "demand.view", "retrieve": "demand.view"}

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return PipelineShare.objects.none()
        return shares_visible_to(person_of(self.request)).filter(take__cycle=self.kwargs["cycle_pk"])
