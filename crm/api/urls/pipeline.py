"""Routes of the pipeline: viewsets as (prefix, viewset, basename), and others."""

from typing import Any

from django.urls import URLPattern, path

from crm.api import pipeline

VIEWSETS: list[tuple[str, Any, str]] = [
    ("pipeline/deals", pipeline.PipelineDealViewSet, "pipeline-deal"),
]
urlpatterns: list[URLPattern] = [
    path("pipeline/board/", pipeline.BoardView.as_view(), name="api-pipeline-board"),
    path("pipeline/signs/", pipeline.SignsView.as_view(), name="api-pipeline-signs"),
    path("pipeline/funnel/", pipeline.FunnelView.as_view(), name="api-pipeline-funnel"),
    path("pipeline/cohorts/", pipeline.CohortsView.as_view(), name="api-pipeline-cohorts"),
    path("pipeline/changes/", pipeline.ChangesView.as_view(), name="api-pipeline-changes"),
    path("pipeline/coverage/", pipeline.CoverageView.as_view(), name="api-pipeline-coverage"),
]
