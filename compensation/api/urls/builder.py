"""The API of the plan builder and of goals documents."""

from typing import Any

from compensation.api.builder import PlanAcceptanceViewSet, PlanBuilderViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("plan-builder", PlanBuilderViewSet, "plan-builder"),
    ("plan-acceptances", PlanAcceptanceViewSet, "plan-acceptance"),
]
urlpatterns: list[Any] = []
