"""Routes of deals and their stages: viewsets as (prefix, viewset, basename), and others."""

from typing import Any

from crm.api.deals import DealLineViewSet, DealStageViewSet, DealViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("deals", DealViewSet, "deal"),
    ("deal-lines", DealLineViewSet, "deal-line"),
    ("deal-stages", DealStageViewSet, "deal-stage"),
]
urlpatterns: list[Any] = []
