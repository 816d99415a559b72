"""The API of statements, own pay and what-if."""

from typing import Any

from django.urls import path

from compensation.api.own_pay import PayEstimateView, PayYearView, WhatIfView
from compensation.api.statements import PayLineViewSet, PayStatementViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("pay-statements", PayStatementViewSet, "pay-statement"),
    ("pay-lines", PayLineViewSet, "pay-line"),
]
urlpatterns: list[Any] = [
    path("pay/year/", PayYearView.as_view(), name="api-pay-year"),
    path("pay/estimate/", PayEstimateView.as_view(), name="api-pay-estimate"),
    path("pay/what-if/", WhatIfView.as_view(), name="api-pay-what-if"),
]
