"""Pages of plans, roles, positions and goals."""

from typing import Any

urlpatterns: list[Any] = []
