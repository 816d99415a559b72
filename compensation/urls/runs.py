"""Pages of runs and adjustments."""

from typing import Any

urlpatterns: list[Any] = []
