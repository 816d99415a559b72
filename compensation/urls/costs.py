"""Pages of contract costs, accruals and the cost of selling."""

from typing import Any

urlpatterns: list[Any] = []
