"""Currencies and what they are worth."""

import pghistory
from django.db import models
from django.db.models import Q

from core.fields import MonthField, RateField, is_first_of_month
from core.models import Revised


class Currency(models.Model):
    """An ISO 4217 currency."""

    code = models.CharField(max_length=3, primary_key=True)
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "currencies"
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex="^[A-Z]{3}$"),
                name="currency_code_is_iso",
                violation_error_message="A currency code is three capital letters, such as EUR.",
            )
        ]

    def __str__(self) -> str:
        return self.code


@pghistory.track()
class MonthRate(Revised):
    """How much one unit of a currency is worth in the company's base currency in a month."""

    currency = models.ForeignKey(Currency, models.PROTECT, related_name="rates")
    month = MonthField()
    rate = RateField()

    class Meta:
        ordering = ["currency", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "month"],
                name="month_rate_once_a_month",
                violation_error_message="This month has a rate for this currency already. Change that one.",
            ),
            models.CheckConstraint(
                condition=Q(rate__gt=0),
                name="month_rate_is_positive",
                violation_error_message="A rate is greater than 0.",
            ),
            is_first_of_month("month_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.currency_id} {self.month:%b %Y}"
