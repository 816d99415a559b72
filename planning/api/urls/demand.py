"""The API of stages 1 and 2: data and demand."""

from typing import Any

from django.urls import URLPattern, path

from planning.api import data, demand, pipeline

DATA = r"cycles/(?P<cycle_pk>[0-9]+)/data"
DEMAND = r"cycles/(?P<cycle_pk>[0-9]+)/demand"
VIEWSETS: list[tuple[str, Any, str]] = [
    (f"{DATA}/freezes", data.FreezeViewSet, "data-freeze"),
    (f"{DATA}/accuracy", data.AccuracyViewSet, "accuracy-report"),
    (f"{DEMAND}/cells", demand.CellViewSet, "consensus-cell"),
    (f"{DEMAND}/inputs", demand.InputViewSet, "demand-input"),
    (f"{DEMAND}/pipeline-takes", pipeline.PipelineTakeViewSet, "pipeline-take"),
    (f"{DEMAND}/pipeline-shares", pipeline.PipelineShareViewSet, "pipeline-share"),
    (f"{DEMAND}/streams", demand.StreamViewSet, "stream"),
    (f"{DEMAND}/events", demand.EventViewSet, "demand-event"),
    (f"{DEMAND}/reviews", demand.ReviewViewSet, "family-review"),
    (f"{DEMAND}/versions", demand.VersionViewSet, "demand-version"),
    (f"{DEMAND}/exceptions", demand.ExceptionViewSet, "demand-exception"),
]
urlpatterns: list[URLPattern] = [
    path(
        "cycles/<int:cycle_pk>/data/forecast/",
        data.BaselineViewSet.as_view({"post": "start"}),
        name="api-data-forecast",
    ),
    path(
        "cycles/<int:cycle_pk>/data/forecast/pin/",
        data.BaselineViewSet.as_view({"post": "pin"}),
        name="api-data-pin",
    ),
    path(
        "cycles/<int:cycle_pk>/demand/totals/",
        demand.DemandWorkViewSet.as_view({"get": "totals"}),
        name="api-demand-totals",
    ),
    path(
        "cycles/<int:cycle_pk>/demand/recompute/",
        demand.DemandWorkViewSet.as_view({"post": "recompute"}),
        name="api-demand-recompute",
    ),
]
