"""The API of stages 4 and 5: reconciliation, approvals, releases, monitoring."""

from typing import Any

from django.urls import URLPattern, path

from planning.api import accuracy, approvals, monitoring, outgoing, reconciliation, releases

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
    path("accuracy/", accuracy.AccuracyView.as_view(), name="api-accuracy"),
    path("accuracy/cells/", accuracy.AccuracyCellsView.as_view(), name="api-accuracy-cells"),
    path("accuracy/waterfall/", accuracy.WaterfallView.as_view(), name="api-waterfall"),
    path("accuracy/value-added/", accuracy.ValueAddedView.as_view(), name="api-value-added"),
]
