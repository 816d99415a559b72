"""The API of stages 4 and 5: reconciliation, approvals, releases, monitoring."""

from typing import Any

from django.urls import URLPattern

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[URLPattern] = []
