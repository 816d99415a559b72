"""The API of stage 3: supply and scenarios."""

from typing import Any

from django.urls import URLPattern

from planning.api import scenarios, supply

VIEWSETS: list[tuple[str, Any, str]] = [
    ("scenarios", scenarios.ScenarioViewSet, "scenario"),
    ("supply-runs", supply.SupplyRunViewSet, "supply-run"),
    ("supply-values", supply.SupplyValueViewSet, "supply-value"),
    ("resource-loads", supply.ResourceLoadViewSet, "resource-load"),
    ("supply-actions", supply.SupplyActionViewSet, "supply-action"),
]
urlpatterns: list[URLPattern] = []
