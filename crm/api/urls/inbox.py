"""Routes of what CRMs push: viewsets as (prefix, viewset, basename), and others."""

from typing import Any

from crm.api.deliveries import DeliveryViewSet
from crm.api.endpoints import EndpointViewSet
from crm.api.inbox_events import InboxEventViewSet
from crm.api.reconciliations import DifferenceViewSet, ReconciliationViewSet
from crm.api.value_mappings import ValueMappingViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("endpoints", EndpointViewSet, "endpoint"),
    ("webhook-deliveries", DeliveryViewSet, "webhook-delivery"),
    ("inbox-events", InboxEventViewSet, "inbox-event"),
    ("value-mappings", ValueMappingViewSet, "value-mapping"),
    ("reconciliations", ReconciliationViewSet, "reconciliation"),
    ("reconciliation-differences", DifferenceViewSet, "reconciliation-difference"),
]
urlpatterns: list[Any] = []
