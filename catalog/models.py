"""What is sold, where, made on what, at which price and cost.

Every table that people edit has a revision and a tracked history. Dated rows use half-open day
ranges, and the database refuses overlaps.
"""

from typing import Any

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import Combinable

from core.fields import MoneyField, MonthField, RateField, is_first_of_month
from core.models import Person, Revised


def no_overlap(name: str, *fields: str) -> ExclusionConstraint:
    """At most one row a day for the same fields. Null fields count as equal (coalesced to 0)."""
    same: list[tuple[str | Combinable, str]] = [
        (Func(F(field), Value(0), function="COALESCE"), RangeOperators.EQUAL) for field in fields
    ]
    return ExclusionConstraint(name=name, expressions=[*same, (F("valid"), RangeOperators.OVERLAPS)])


NO_OWN_ANCESTOR = """
    IF EXISTS (
        WITH RECURSIVE above AS (
            SELECT id, parent_id FROM {meta.db_table} WHERE id = NEW.parent_id
            UNION
            SELECT t.id, t.parent_id FROM {meta.db_table} t JOIN above ON t.id = above.parent_id
        )
        SELECT 1 FROM above WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION '% cannot lie below itself', NEW.code USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class TreeTrigger(pgtrigger.Trigger):
    """Refuses a parent that is the row itself or lies below it."""

    name = "no_own_ancestor"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("parent_id")

    def get_func(self, model: Any) -> str:
        return NO_OWN_ANCESTOR.replace("{meta.db_table}", model._meta.db_table)


class Named(Revised):
    """Something with a code that files use and a name that people read."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})" if self.name != self.code else self.name


@pghistory.track()
@pgtrigger.register(TreeTrigger())
class Family(Named):
    """A node of the product tree."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta(Named.Meta):
        verbose_name_plural = "families"


class Currency(models.Model):
    """An ISO 4217 currency."""

    code = models.CharField(max_length=3, primary_key=True)
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "currencies"
        constraints = [
            models.CheckConstraint(condition=Q(code__regex="^[A-Z]{3}$"), name="currency_code_is_iso")
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
            models.UniqueConstraint(fields=["currency", "month"], name="month_rate_once_a_month"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="month_rate_is_positive"),
            is_first_of_month("month_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.currency_id} {self.month:%b %Y}"


@pghistory.track()
class WorkingCalendar(Named):
    """Which days are worked: weekdays, the public holidays of a country, and exceptions."""

    country = models.CharField(max_length=2, blank=True, default="", help_text="ISO 3166 code.")
    subdivision = models.CharField(max_length=10, blank=True, default="")
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=list, help_text="1 is Monday, 7 is Sunday."
    )

    class Meta(Named.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]), name="calendar_weekdays_are_1_to_7"
            )
        ]


@pghistory.track()
class CalendarException(Revised):
    """A day that is worked or free against the rule."""

    calendar = models.ForeignKey(WorkingCalendar, models.CASCADE, related_name="exceptions")
    day = models.DateField()
    is_worked = models.BooleanField(default=False)
    label = models.CharField(max_length=120)

    class Meta:
        ordering = ["calendar", "day"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="calendar_exception_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.label}"


class MarketKind(models.TextChoices):
    REGION = "region", "Region"
    COUNTRY = "country", "Country"
    CHANNEL = "channel", "Channel"


@pghistory.track()
@pgtrigger.register(TreeTrigger())
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
class Unit(Named):
    """A unit of measure: piece, case, kilogram."""

    class Meta(Named.Meta):
        pass


class LifeCycle(models.TextChoices):
    PLANNED = "planned", "Planned"
    LAUNCH = "launch", "Launch"
    ACTIVE = "active", "Active"
    PHASE_OUT = "phase_out", "Phase-out"
    DISCONTINUED = "discontinued", "Discontinued"


@pghistory.track()
class Product(Named):
    """Something that is sold, planned and made."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="products")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="products")
    life_cycle = models.CharField(max_length=12, choices=LifeCycle.choices, default=LifeCycle.ACTIVE)
    launched_on = models.DateField(null=True, blank=True)
    discontinued_on = models.DateField(null=True, blank=True)
    predecessor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="successors")

    class Meta(Named.Meta):
        indexes = [
            models.Index(fields=["family", "code"], name="product_by_family"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="product_name_trigrams"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(life_cycle__in=LifeCycle.values), name="product_life_cycle_is_known"
            ),
            models.CheckConstraint(
                condition=Q(launched_on=None)
                | Q(discontinued_on=None)
                | Q(launched_on__lte=F("discontinued_on")),
                name="product_is_launched_before_discontinued",
            ),
            models.CheckConstraint(
                condition=Q(predecessor=None) | ~Q(predecessor=F("id")), name="product_is_not_its_predecessor"
            ),
        ]


@pghistory.track()
class UnitConversion(Revised):
    """How many `to_unit` one `from_unit` holds, for one product or for all."""

    product = models.ForeignKey(Product, models.CASCADE, null=True, blank=True, related_name="conversions")
    from_unit = models.ForeignKey(Unit, models.PROTECT, related_name="conversions_from")
    to_unit = models.ForeignKey(Unit, models.PROTECT, related_name="conversions_to")
    factor = RateField()

    class Meta:
        ordering = ["from_unit", "to_unit"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "from_unit", "to_unit"], nulls_distinct=False, name="unit_conversion_once"
            ),
            models.CheckConstraint(condition=Q(factor__gt=0), name="unit_conversion_is_positive"),
            models.CheckConstraint(
                condition=~Q(from_unit=F("to_unit")), name="unit_conversion_is_between_two"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_unit_id} → {self.to_unit_id}"


@pghistory.track()
@pgtrigger.register(pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete))
class DemandUnit(Revised):
    """Product × market: the thing that is forecast and planned. Never deleted, only inactive."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="demand_units")
    market = models.ForeignKey(Market, models.PROTECT, related_name="demand_units")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["product", "market"]
        constraints = [models.UniqueConstraint(fields=["product", "market"], name="demand_unit_once")]
        indexes = [models.Index(fields=["market", "product"], name="demand_unit_by_market")]

    def __str__(self) -> str:
        return f"{self.product.name} · {self.market.name}"


class SiteKind(models.TextChoices):
    PLANT = "plant", "Plant"
    WAREHOUSE = "warehouse", "Warehouse"
    SUPPLIER = "supplier", "Supplier"


@pghistory.track()
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
            models.CheckConstraint(condition=Q(per_unit__gt=0), name="capacity_use_is_positive"),
            no_overlap("capacity_use_once_a_day", "product", "resource"),
        ]

    def __str__(self) -> str:
        return f"{self.product} on {self.resource}"


@pghistory.track()
class BillOfMaterials(Revised):
    """A line of a bill of material: how much of a component goes into one product."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="components")
    component = models.ForeignKey(Product, models.PROTECT, related_name="used_in")
    quantity = RateField()
    valid = DateRangeField()

    class Meta:
        ordering = ["product", "component", "valid"]
        verbose_name = "bill of material line"
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="bill_of_materials_is_positive"),
            models.CheckConstraint(
                condition=~Q(product=F("component")), name="bill_of_materials_not_of_itself"
            ),
            no_overlap("bill_of_materials_once_a_day", "product", "component"),
        ]

    def __str__(self) -> str:
        return f"{self.component} in {self.product}"


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
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_is_not_negative"),
            no_overlap("price_once_a_day", "product", "market"),
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
            models.CheckConstraint(condition=Q(amount__gte=0), name="cost_is_not_negative"),
            no_overlap("cost_once_a_day", "product", "site"),
        ]

    def __str__(self) -> str:
        return f"Cost of {self.product}"


@pghistory.track()
class Scope(Revised):
    """Narrows what a person sees to a market's or a family's subtree. No rows: everything."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="scopes")
    market = models.ForeignKey(Market, models.CASCADE, null=True, blank=True)
    family = models.ForeignKey(Family, models.CASCADE, null=True, blank=True)

    class Meta:
        ordering = ["person"]
        constraints = [
            models.CheckConstraint(
                condition=Q(market=None, family__isnull=False) | Q(market__isnull=False, family=None),
                name="scope_is_a_market_or_a_family",
            ),
            models.UniqueConstraint(
                fields=["person", "market", "family"], nulls_distinct=False, name="scope_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.market or self.family)
