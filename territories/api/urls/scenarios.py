"""The API of realignment scenarios."""

from typing import Any

from territories.api import scenarios

VIEWSETS: list[tuple[str, Any, str]] = [
    ("realignments", scenarios.RealignmentViewSet, "realignment"),
    ("realignment-accounts", scenarios.RealignmentAccountViewSet, "realignment-account"),
    ("realignment-solves", scenarios.RealignmentSolveViewSet, "realignment-solve"),
]
urlpatterns: list[Any] = []
