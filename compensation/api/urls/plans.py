"""The API of plans, roles, positions and goals."""

from typing import Any

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[Any] = []
