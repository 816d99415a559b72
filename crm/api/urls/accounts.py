"""The room's part of /api/v1/: viewsets as (prefix, viewset, basename), and other routes."""

from typing import Any

from crm.api.accounts import AccountViewSet, RepViewSet
from crm.api.teams import ContactViewSet, MembershipViewSet, TeamViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("reps", RepViewSet, "rep"),
    ("accounts", AccountViewSet, "account"),
    ("contacts", ContactViewSet, "contact"),
    ("teams", TeamViewSet, "team"),
    ("team-members", MembershipViewSet, "team-member"),
]
urlpatterns: list[Any] = []
