"""The API of attainment and fairness, and quotas by file."""

from typing import Any

from django.urls import path

from territories.api.attainment import (
    AttainmentTrendView,
    AttainmentView,
    FairnessView,
    RepAttainmentView,
    SoldOutsideView,
)
from territories.api.attainment_deals import CountedDealViewSet
from territories.api.quota_files import QuotaFileView

VIEWSETS: list[tuple[str, Any, str]] = [("attainment/deals", CountedDealViewSet, "attainment-deal")]
urlpatterns: list[Any] = [
    path("attainment/", AttainmentView.as_view(), name="api-attainment"),
    path("attainment/trend/", AttainmentTrendView.as_view(), name="api-attainment-trend"),
    path("attainment/outside/", SoldOutsideView.as_view(), name="api-attainment-outside"),
    path("attainment/reps/<str:code>/", RepAttainmentView.as_view(), name="api-attainment-rep"),
    path("fairness/", FairnessView.as_view(), name="api-fairness"),
    path("quota-plans/<int:pk>/file/", QuotaFileView.as_view(), name="api-quota-file"),
]
