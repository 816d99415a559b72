"""The API of coverage by day, covers and ownership changes."""

from typing import Any

from django.urls import path

from territories.api import coverage, ownership

VIEWSETS: list[tuple[str, Any, str]] = [
    ("territory-reps", coverage.TerritoryRepViewSet, "territory-rep"),
    ("coverage-roles", coverage.CoverageRoleViewSet, "coverage-role"),
    ("covers", coverage.CoverViewSet, "cover"),
    ("coverage-changes", ownership.CoverageChangeViewSet, "coverage-change"),
    ("ownership-changes", ownership.OwnershipChangeViewSet, "ownership-change"),
]
urlpatterns: list[Any] = [
    path("account-coverage/", coverage.AccountCoverageView.as_view(), name="account-coverage"),
    path("missing-cover/", coverage.MissingCoverView.as_view(), name="missing-cover"),
]
