"""The API of disputes and contests."""

from typing import Any

from django.urls import path

from compensation.api.disputes import DisputeReportView, DisputeViewSet

VIEWSETS: list[tuple[str, Any, str]] = [("disputes", DisputeViewSet, "dispute")]
urlpatterns: list[Any] = [
    path("dispute-figures/", DisputeReportView.as_view(), name="api-dispute-figures"),
]
