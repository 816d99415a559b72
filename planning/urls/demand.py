"""Pages of stages 1 and 2: data and demand."""

from django.urls import URLPattern, path

from planning.views import (
    data,
    demand,
    demand_cell,
    demand_events,
    demand_exceptions,
    demand_grid,
    demand_inputs,
    demand_pipeline,
)

DATA = "cycles/<int:cycle_pk>/data"
DEMAND = "cycles/<int:cycle_pk>/demand"
urlpatterns: list[URLPattern] = [
    path(f"{DATA}/", data.DataStage.as_view(), name="data"),
    path(f"{DATA}/freeze/", data.DataFreezing.as_view(), name="data-freeze"),
    path(f"{DATA}/forecast/", data.DataForecasting.as_view(), name="data-forecast"),
    path(f"{DATA}/accuracy/", data.DataMeasuring.as_view(), name="data-accuracy"),
    path(f"{DEMAND}/", demand.DemandStage.as_view(), name="demand"),
    path(f"{DEMAND}/streams/<slug:stream>/<slug:move>/", demand.StreamMove.as_view(), name="demand-stream"),
    path(f"{DEMAND}/families/<path:family>/review/", demand.FamilyReviewing.as_view(), name="demand-family"),
    path(f"{DEMAND}/grid/", demand_grid.DemandGrid.as_view(), name="demand-grid"),
    path(f"{DEMAND}/cell/", demand_cell.DemandCell.as_view(), name="demand-cell"),
    path(f"{DEMAND}/exceptions/", demand_exceptions.ExceptionsPage.as_view(), name="demand-exceptions"),
    path(f"{DEMAND}/inputs/", demand_inputs.InputList.as_view(), name="demand-input-list"),
    path(f"{DEMAND}/inputs/<int:pk>/", demand_inputs.InputPage.as_view(), name="demand-input"),
    path(
        f"{DEMAND}/inputs/<int:pk>/withdraw/",
        demand_inputs.InputWithdrawal.as_view(),
        name="demand-input-withdraw",
    ),
    path(f"{DEMAND}/pipeline/", demand_pipeline.DemandPipeline.as_view(), name="demand-pipeline"),
    path(f"{DEMAND}/events/", demand_events.EventList.as_view(), name="demand-event-list"),
    path(f"{DEMAND}/events/add/", demand_events.EventAdd.as_view(), name="demand-event-add"),
    path(f"{DEMAND}/events/<int:pk>/edit/", demand_events.EventEdit.as_view(), name="demand-event-edit"),
    path(f"{DEMAND}/freeze/", demand.DemandAction.as_view(), {"name": "freeze"}, name="demand-freeze"),
    path(
        f"{DEMAND}/recompute/", demand.DemandAction.as_view(), {"name": "recompute"}, name="demand-recompute"
    ),
]
