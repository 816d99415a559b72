"""The API of quotas."""

from typing import Any

from territories.api.quotas import (
    QuotaAcceptanceViewSet,
    QuotaChangeViewSet,
    QuotaPlanViewSet,
    QuotaViewSet,
    RepStartViewSet,
)

VIEWSETS: list[tuple[str, Any, str]] = [
    ("quota-plans", QuotaPlanViewSet, "quota-plan"),
    ("quotas", QuotaViewSet, "quota"),
    ("quota-changes", QuotaChangeViewSet, "quota-change"),
    ("rep-starts", RepStartViewSet, "rep-start"),
    ("quota-acceptances", QuotaAcceptanceViewSet, "quota-acceptance"),
]
urlpatterns: list[Any] = []
