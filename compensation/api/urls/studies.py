"""The API of the design studio."""

from typing import Any

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[Any] = []
