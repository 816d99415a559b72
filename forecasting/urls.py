"""The pages of the room."""

from django.urls import path

from forecasting.views import classes, pins, runs, series, series_studies

app_name = "forecasting"
urlpatterns = [
    path("forecasts/", runs.RunList.as_view(), name="run-list"),
    path("forecasts/add/", runs.RunAdd.as_view(), name="run-add"),
    path("forecasts/<int:pk>/", runs.RunPage.as_view(), name="run"),
    path("forecasts/<int:pk>/progress/", runs.run_progress, name="run-progress"),
    path("forecasts/<int:pk>/cancel/", runs.run_cancel, name="run-cancel"),
    path("forecasts/<int:pk>/retry/", runs.run_retry, name="run-retry"),
    path("forecasts/<int:pk>/values/", runs.ValueList.as_view(), name="value-list"),
    path("forecasts/<int:pk>/classes/", classes.ClassesPage.as_view(), name="classes"),
    path("forecasts/classes/", classes.newest_classes, name="newest-classes"),
    path("forecasts/<int:run>/series/<int:demand_unit>/", series.SeriesPage.as_view(), name="series"),
    path(
        "forecasts/<int:run>/series/<int:demand_unit>/alternatives/",
        series_studies.series_alternatives,
        name="series-alternatives",
    ),
    path(
        "forecasts/<int:run>/series/<int:demand_unit>/what-if/",
        series_studies.series_what_if,
        name="series-what-if",
    ),
    path(
        "forecasts/<int:run>/series/<int:demand_unit>/studies/<int:pk>/",
        series_studies.study,
        name="study",
    ),
    path("forecasts/units/<int:demand_unit>/", series.newest_series, name="newest-series"),
    path("forecasts/units/<int:demand_unit>/pin/", pins.PinAdd.as_view(), name="pin-add"),
    path("forecasts/pins/", pins.PinList.as_view(), name="pin-list"),
    path("forecasts/pins/<int:pk>/end/", pins.PinEnd.as_view(), name="pin-end"),
]
