"""Pages of statements."""

from typing import Any

urlpatterns: list[Any] = []
