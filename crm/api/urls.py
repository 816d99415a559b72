"""The room's part of /api/v1/: viewsets as (prefix, viewset, basename), and other routes."""

from typing import Any

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[Any] = []
