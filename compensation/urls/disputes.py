"""Pages of disputes and contests."""

from typing import Any

urlpatterns: list[Any] = []
