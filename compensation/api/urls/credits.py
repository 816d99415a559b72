"""The API of credits, rules, splits, cancellations and holds."""

from typing import Any

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[Any] = []
