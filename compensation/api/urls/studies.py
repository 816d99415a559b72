"""The API of the design studio."""

from typing import Any

from compensation.api.studies import StudyViewSet

VIEWSETS: list[tuple[str, Any, str]] = [("pay-studies", StudyViewSet, "pay-study")]
urlpatterns: list[Any] = []
