"""The room's part of /api/v1/: viewsets as (prefix, viewset, basename), and other routes."""

from typing import Any

from gathering.api.imports import ImportViewSet
from gathering.api.mappings import MappingViewSet, UnmappedViewSet
from gathering.api.profiles import ProfileViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("imports", ImportViewSet, "import"),
    ("import-profiles", ProfileViewSet, "import-profile"),
    ("mappings", MappingViewSet, "mapping"),
    ("unmapped-values", UnmappedViewSet, "unmapped-value"),
]
urlpatterns: list[Any] = []
