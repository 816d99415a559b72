"""The API of stages 4 and 5: reconciliation, approvals, releases, monitoring."""

from typing import Any

from django.urls import URLPattern, path

from planning.api import approvals, monitoring, outgoing, reconciliation, releases

VIEWSETS: list[tuple[str, Any, str]] = [
    ("approval-requests", approvals.ApprovalRequestViewSet, "approval-request"),
    ("releases", releases.ReleaseViewSet, "release"),
    ("released-values", releases.ReleasedValueViewSet, "released-value"),
    ("outgoing-webhooks", outgoing.SubscriptionViewSet, "outgoing-webhook"),
    ("outgoing-messages", outgoing.DispatchViewSet, "outgoing-message"),
]
urlpatterns: list[URLPattern] = [
    path(
        "cycles/<int:pk>/reconciliation/",
        reconciliation.ReconciliationView.as_view(),
        name="api-reconciliation",
    ),
    path("monitoring/", monitoring.MonitoringView.as_view(), name="api-monitoring"),
]
