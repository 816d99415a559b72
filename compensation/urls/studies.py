"""Pages of the design studio."""

from typing import Any

urlpatterns: list[Any] = []
