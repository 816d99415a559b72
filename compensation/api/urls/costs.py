"""The API of contract costs, accruals and the cost of selling."""

from typing import Any

VIEWSETS: list[tuple[str, Any, str]] = []
urlpatterns: list[Any] = []
