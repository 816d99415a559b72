"""The API of the room: viewsets for the router, and addresses of their own."""

from typing import Any

from django.urls import URLPattern

from forecasting.api.runs import VIEWSETS as RUNS
from forecasting.api.series import VIEWSETS as SERIES

VIEWSETS: list[tuple[str, Any, str]] = [*RUNS, *SERIES]
urlpatterns: list[URLPattern] = []
