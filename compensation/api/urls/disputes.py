"""The API of disputes and contests."""

from typing import Any

from django.urls import path

from compensation.api.contests import ContestsView, ContestView
from compensation.api.disputes import DisputeReportView, DisputeViewSet

VIEWSETS: list[tuple[str, Any, str]] = [("disputes", DisputeViewSet, "dispute")]
urlpatterns: list[Any] = [
    path("dispute-figures/", DisputeReportView.as_view(), name="api-dispute-figures"),
    path("contests/", ContestsView.as_view(), name="api-contests"),
    path("contests/<int:version>/<str:code>/<str:last>/", ContestView.as_view(), name="api-contest-ranking"),
]
