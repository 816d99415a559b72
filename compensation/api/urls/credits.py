"""The API of credits, rules, splits, cancellations and holds."""

from typing import Any

from django.urls import path

from compensation.api import credit_deals, credits

VIEWSETS: list[tuple[str, Any, str]] = [
    ("credits", credits.CreditViewSet, "credit"),
    ("credit-rules", credits.CreditRuleViewSet, "credit-rule"),
    ("uncredited-deals", credits.MissingCreditViewSet, "uncredited-deal"),
    ("deal-splits", credit_deals.SplitViewSet, "deal-split"),
    ("cancellations", credit_deals.CancellationViewSet, "cancellation"),
    ("credit-holds", credit_deals.HoldViewSet, "credit-hold"),
]
urlpatterns: list[Any] = [
    path("credit-making/", credits.CreditMakingView.as_view(), name="credit-making"),
    path("deals/<int:pk>/splits/", credit_deals.DealSplitsView.as_view(), name="deal-splits"),
]
