"""The API of territory models, territories, rules, pins and what came of them."""

from typing import Any

from django.urls import path

from territories.api import models, rules

VIEWSETS: list[tuple[str, Any, str]] = [
    ("territory-models", models.ModelViewSet, "territory-model"),
    ("territories", models.TerritoryViewSet, "territory"),
    ("territory-rules", rules.RuleViewSet, "territory-rule"),
    ("territory-pins", rules.PinViewSet, "territory-pin"),
    ("territory-rule-runs", rules.RunViewSet, "territory-rule-run"),
    ("territory-placements", rules.PlacementViewSet, "territory-placement"),
    ("territory-overlaps", rules.OverlapViewSet, "territory-overlap"),
    ("territory-gaps", rules.GapViewSet, "territory-gap"),
    ("territory-vacant", rules.VacantViewSet, "territory-vacant"),
]
urlpatterns: list[Any] = [
    path(
        "territory-accounts/<int:pk>/why/",
        rules.WhyViewSet.as_view({"get": "retrieve"}),
        name="territory-account-why",
    )
]
