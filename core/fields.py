"""Columns that every room uses: months, money, quantities."""

from typing import Any

from django.db import models
from django.db.models import Q


class MonthField(models.DateField):
    """A month, stored as its first day. Tables add `is_first_of_month` as a constraint."""


class MoneyField(models.DecimalField):
    """Money, numeric(18,4)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_digits": 18, "decimal_places": 4} | kwargs)


class QuantityField(MoneyField):
    """A quantity in the product's unit, numeric(18,4)."""


class RateField(models.DecimalField):
    """A factor between two things, numeric(18,8)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_digits": 18, "decimal_places": 8} | kwargs)


def is_first_of_month(table: str, field: str = "month") -> models.CheckConstraint:
    """The CHECK that keeps a month column on first days."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__day": 1}), name=f"{table}_{field}_is_first_of_month"
    )
