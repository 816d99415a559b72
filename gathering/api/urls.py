"""The room's part of /api/v1/: viewsets as (prefix, viewset, basename), and other routes."""

from typing import Any

from gathering.api import facts
from gathering.api.imports import ImportViewSet
from gathering.api.mappings import MappingViewSet, UnmappedViewSet
from gathering.api.notes import CampaignViewSet, MarketNoteViewSet
from gathering.api.profiles import ProfileViewSet
from gathering.api.quality import IssueViewSet
from gathering.api.sources import SourceViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("imports", ImportViewSet, "import"),
    ("import-profiles", ProfileViewSet, "import-profile"),
    ("mappings", MappingViewSet, "mapping"),
    ("unmapped-values", UnmappedViewSet, "unmapped-value"),
    ("data-sources", SourceViewSet, "data-source"),
    ("quality-issues", IssueViewSet, "quality-issue"),
    ("campaigns", CampaignViewSet, "campaign"),
    ("market-notes", MarketNoteViewSet, "market-note"),
    *facts.VIEWSETS,
]
urlpatterns: list[Any] = []
