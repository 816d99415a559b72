"""Pages of the pipeline: board, table, signs, funnel, cohorts, changes, coverage."""

from django.urls import URLPattern, path

from crm.views.pipeline_board import PipelineBoard, PipelineMove
from crm.views.pipeline_changes import PipelineChanges
from crm.views.pipeline_cohorts import PipelineCohorts
from crm.views.pipeline_coverage import PipelineCoverage
from crm.views.pipeline_funnel import PipelineFunnel
from crm.views.pipeline_table import PipelineRisks, PipelineTable

urlpatterns: list[URLPattern] = [
    path("crm/pipeline/", PipelineBoard.as_view(), name="pipeline-board"),
    path("crm/pipeline/<int:pk>/move/", PipelineMove.as_view(), name="pipeline-move"),
    path("crm/pipeline/table/", PipelineTable.as_view(), name="pipeline-table"),
    path("crm/pipeline/at-risk/", PipelineRisks.as_view(), name="pipeline-risks"),
    path("crm/pipeline/funnel/", PipelineFunnel.as_view(), name="pipeline-funnel"),
    path("crm/pipeline/funnel/cohorts/", PipelineCohorts.as_view(), name="pipeline-cohorts"),
    path("crm/pipeline/changes/", PipelineChanges.as_view(), name="pipeline-changes"),
    path("crm/pipeline/coverage/", PipelineCoverage.as_view(), name="pipeline-coverage"),
]
