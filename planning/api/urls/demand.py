"""The API of stages 1 and 2: data and demand."""

from typing import Any

from django.urls import URLPattern

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[URLPattern] = []
