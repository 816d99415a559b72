"""Routes of deals and their stages: viewsets as (prefix, viewset, basename), and others."""

from typing import Any

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[Any] = []
