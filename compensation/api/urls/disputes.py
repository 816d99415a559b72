"""The API of disputes and contests."""

from typing import Any

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[Any] = []
