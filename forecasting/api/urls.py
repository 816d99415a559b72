"""The API of the room: viewsets for the router, and addresses of their own."""

from typing import Any

from django.urls import URLPattern

from forecasting.api.runs import VIEWSETS as RUNS

VIEWSETS: list[tuple[str, Any, str]] = [*RUNS]
urlpatterns: list[URLPattern] = []
