"""The API of the machine: cycles, board, tasks, meetings, registers."""

from typing import Any

from django.urls import URLPattern

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[URLPattern] = []
