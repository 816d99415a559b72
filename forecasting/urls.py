"""The pages of the room."""

from django.urls import path

from forecasting.views import (
    classes,
    cleaned,
    deal_forecast,
    launches,
    levels,
    pins,
    runs,
    series,
    series_studies,
    successions,
)

app_name = "forecasting"
urlpatterns = [
    path("forecasts/", runs.RunList.as_view(), name="run-list"),
    path("forecasts/add/", runs.RunAdd.as_view(), name="run-add"),
    path("forecasts/deals/", deal_forecast.DealForecastPage.as_view(), name="deal-forecast"),
    path("forecasts/deals/add/", deal_forecast.DealForecastAdd.as_view(), name="deal-forecast-add"),
    path("forecasts/deals/<int:pk>/", deal_forecast.DealForecastPage.as_view(), name="deal-forecast-of"),
    path("forecasts/<int:pk>/", runs.RunPage.as_view(), name="run"),
    path("forecasts/<int:pk>/progress/", runs.run_progress, name="run-progress"),
    path("forecasts/<int:pk>/cancel/", runs.run_cancel, name="run-cancel"),
    path("forecasts/<int:pk>/retry/", runs.run_retry, name="run-retry"),
    path("forecasts/<int:pk>/levels/", levels.LevelPage.as_view(), name="levels"),
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
    path("forecasts/<int:pk>/cleaned/", cleaned.CleanedList.as_view(), name="cleaned-list"),
    path("forecasts/units/<int:demand_unit>/months/", cleaned.month_mark, name="month-mark"),
    path("forecasts/launches/", launches.LaunchList.as_view(), name="launch-list"),
    path("forecasts/launches/<int:pk>/", launches.LaunchPage.as_view(), name="launch"),
    path("forecasts/launches/<int:pk>/edit/", launches.LaunchEdit.as_view(), name="launch-edit"),
    path("forecasts/launches/<int:pk>/withdraw/", launches.LaunchWithdraw.as_view(), name="launch-withdraw"),
    path("forecasts/units/<int:demand_unit>/launch/", launches.LaunchAdd.as_view(), name="launch-add"),
    path("forecasts/successions/", successions.SuccessionList.as_view(), name="succession-list"),
    path("forecasts/successions/<int:pk>/", successions.SuccessionPage.as_view(), name="succession"),
    path(
        "forecasts/successions/<int:pk>/edit/", successions.SuccessionEdit.as_view(), name="succession-edit"
    ),
    path(
        "forecasts/successions/<int:pk>/withdraw/",
        successions.SuccessionWithdraw.as_view(),
        name="succession-withdraw",
    ),
    path(
        "forecasts/units/<int:demand_unit>/succession/",
        successions.SuccessionAdd.as_view(),
        name="succession-add",
    ),
    path(
        "forecasts/units/<int:demand_unit>/follow/",
        successions.SuccessionFollow.as_view(),
        name="succession-follow",
    ),
]
