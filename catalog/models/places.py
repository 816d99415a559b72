"""Where things are sold, made and kept: markets, demand units, sites, resources."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from catalog.models.base import NEVER_DELETED, Named, TreeTrigger, no_overlap
from catalog.models.calendars import WorkingCalendar
from catalog.models.money import Currency
from catalog.models.products import Product
from core.fields import MoneyField, RateField
from core.models import Revised


class MarketKind(models.TextChoices):
    """What a market stands for in the tree."""

    REGION = "region", "Region"
    COUNTRY = "country", "Country"
    CHANNEL = "channel", "Channel"


@pghistory.track()
@pgtrigger.register(TreeTrigger(), NEVER_DELETED)
class Market(Named):
    """A node of the stable tree of places and channels in which demand is planned."""

    kind = models.CharField(max_length=10, choices=MarketKind.choices, default=MarketKind.REGION)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    currency = models.ForeignKey(Currency, models.PROTECT, null=True, blank=True)
    calendar = models.ForeignKey(WorkingCalendar, models.PROTECT, null=True, blank=True)

    class Meta(Named.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MarketKind.values), name="market_kind_is_known")
        ]


@pghistory.track()
@pgtrigger.register(NEVER_DELETED)
class DemandUnit(Revised):
    """Product × market: the thing that is forecast and planned. Never deleted, only inactive."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="demand_units")
    market = models.ForeignKey(Market, models.PROTECT, related_name="demand_units")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["product", "market"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "market"],
                name="demand_unit_once",
                violation_error_message="This product is planned in this market already.",
            )
        ]
        indexes = [models.Index(fields=["market", "product"], name="demand_unit_by_market")]

    def __str__(self) -> str:
        return f"{self.product.name} · {self.market.name}"


class SiteKind(models.TextChoices):
    """What happens at a site."""

    PLANT = "plant", "Plant"
    WAREHOUSE = "warehouse", "Warehouse"
    SUPPLIER = "supplier", "Supplier"


@pghistory.track()
@pgtrigger.register(NEVER_DELETED)
class Site(Named):
    """Where things are made or kept."""

    kind = models.CharField(max_length=10, choices=SiteKind.choices, default=SiteKind.PLANT)
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="sites")
    calendar = models.ForeignKey(WorkingCalendar, models.PROTECT, null=True, blank=True)

    class Meta(Named.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SiteKind.values), name="site_kind_is_known")
        ]


@pghistory.track()
@pgtrigger.register(NEVER_DELETED)
class Resource(Named):
    """A line, machine or team whose capacity is measured in `unit` (hours unless said otherwise)."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="resources")
    unit = models.CharField(max_length=20, default="hour")
    regular_cost = MoneyField(null=True, blank=True, help_text="Per unit of capacity.")
    overtime_cost = MoneyField(null=True, blank=True, help_text="Per unit of capacity.")

    class Meta(Named.Meta):
        constraints = [
            models.CheckConstraint(
                condition=(Q(regular_cost=None) | Q(regular_cost__gte=0))
                & (Q(overtime_cost=None) | Q(overtime_cost__gte=0)),
                name="resource_costs_are_not_negative",
                violation_error_message="Costs are 0 or more.",
            )
        ]


@pghistory.track()
class CapacityUse(Revised):
    """A line of the bill of capacity: what one unit of a product takes of a resource."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="capacity_uses")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="capacity_uses")
    per_unit = RateField()
    valid = DateRangeField()

    class Meta:
        ordering = ["product", "resource", "valid"]
        verbose_name = "capacity use"
        constraints = [
            models.CheckConstraint(
                condition=Q(per_unit__gt=0),
                name="capacity_use_is_positive",
                violation_error_message="What a unit takes is greater than 0.",
            ),
            no_overlap(
                "capacity_use_once_a_day",
                "product",
                "resource",
                message="For some of these days this product uses this resource already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} on {self.resource}"
