"""The API of territory models, territories, rules, pins and what came of them."""

from typing import Any

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[Any] = []
