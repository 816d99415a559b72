"""The API of the room: viewsets for the router, and addresses of their own."""

from typing import Any

from django.urls import URLPattern, path

from forecasting.api.deals import VIEWSETS as DEALS
from forecasting.api.levels import VIEWSETS as LEVELS
from forecasting.api.lives import VIEWSETS as LIVES
from forecasting.api.lives import SuggestionViewSet
from forecasting.api.runs import VIEWSETS as RUNS
from forecasting.api.series import VIEWSETS as SERIES

VIEWSETS: list[tuple[str, Any, str]] = [*RUNS, *SERIES, *DEALS, *LEVELS, *LIVES]
urlpatterns: list[URLPattern] = [
    path(
        "forecast-like-items/<int:pk>/",
        SuggestionViewSet.as_view({"get": "retrieve"}),
        name="forecast-like-items",
    ),
]
