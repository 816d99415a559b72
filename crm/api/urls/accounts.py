"""The room's part of /api/v1/: viewsets as (prefix, viewset, basename), and other routes."""

from typing import Any

from crm.api.accounts import AccountViewSet, RepViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("reps", RepViewSet, "rep"),
    ("accounts", AccountViewSet, "account"),
]
urlpatterns: list[Any] = []
