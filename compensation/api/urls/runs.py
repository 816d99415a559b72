"""The API of runs and adjustments."""

from typing import Any

from django.urls import path

from compensation.api.runs import AccrualView, AdjustmentViewSet, PayRunViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("pay-runs", PayRunViewSet, "pay-run"),
    ("pay-adjustments", AdjustmentViewSet, "pay-adjustment"),
]
urlpatterns: list[Any] = [path("pay-accrual/", AccrualView.as_view(), name="pay-accrual")]
