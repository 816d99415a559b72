"""Pages of credits, rules, splits, cancellations and holds."""

from typing import Any

urlpatterns: list[Any] = []
