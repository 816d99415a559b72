"""What a product is sold for and what it costs, by day."""

import pghistory
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from catalog.models.base import no_overlap
from catalog.models.money import Currency
from catalog.models.places import Market, Site
from catalog.models.products import Product
from core.fields import MoneyField
from core.models import Revised


@pghistory.track()
class Price(Revised):
    """What a product is sold for, in one market or everywhere."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="prices")
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="prices")
    currency = models.ForeignKey(Currency, models.PROTECT)
    amount = MoneyField()
    valid = DateRangeField()

    class Meta:
        ordering = ["product", "market", "valid"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="price_is_not_negative",
                violation_error_message="A price is 0 or more.",
            ),
            no_overlap(
                "price_once_a_day",
                "product",
                "market",
                message="For some of these days another price holds already.",
            ),
        ]

    def __str__(self) -> str:
        return f"Price of {self.product}"


@pghistory.track()
class Cost(Revised):
    """What one unit of a product costs, at one site or everywhere."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="costs")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="costs")
    currency = models.ForeignKey(Currency, models.PROTECT)
    amount = MoneyField()
    valid = DateRangeField()

    class Meta:
        ordering = ["product", "site", "valid"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="cost_is_not_negative",
                violation_error_message="A cost is 0 or more.",
            ),
            no_overlap(
                "cost_once_a_day",
                "product",
                "site",
                message="For some of these days another cost holds already.",
            ),
        ]

    def __str__(self) -> str:
        return f"Cost of {self.product}"
