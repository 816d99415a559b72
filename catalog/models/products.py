"""What is sold: families, units, products and how products are made of each other."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q

from catalog.models.base import NEVER_DELETED, Named, TreeTrigger, no_overlap, trigrams
from core.fields import RateField
from core.models import Revised


@pghistory.track()
@pgtrigger.register(TreeTrigger(), NEVER_DELETED)
class Family(Named):
    """A node of the product tree."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta(Named.Meta):
        verbose_name_plural = "families"


@pghistory.track()
class Unit(Named):
    """A unit of measure: piece, case, kilogram."""

    class Meta(Named.Meta):
        pass


class LifeCycle(models.TextChoices):
    """How far a product is between plan and end of sale."""

    PLANNED = "planned", "Planned"
    LAUNCH = "launch", "Launch"
    ACTIVE = "active", "Active"
    PHASE_OUT = "phase_out", "Phase-out"
    DISCONTINUED = "discontinued", "Discontinued"


@pghistory.track()
@pgtrigger.register(NEVER_DELETED)
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
            *trigrams("product"),
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
                violation_error_message="It is discontinued before it is launched. Change one of the days.",
            ),
            models.CheckConstraint(
                condition=Q(predecessor=None) | ~Q(predecessor=F("id")),
                name="product_is_not_its_predecessor",
                violation_error_message="A product cannot be its own predecessor. Choose another product.",
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
                fields=["product", "from_unit", "to_unit"],
                nulls_distinct=False,
                name="unit_conversion_once",
                violation_error_message="There is a conversion between these units already. Change that one.",
            ),
            models.CheckConstraint(
                condition=Q(factor__gt=0),
                name="unit_conversion_is_positive",
                violation_error_message="A factor is greater than 0.",
            ),
            models.CheckConstraint(
                condition=~Q(from_unit=F("to_unit")),
                name="unit_conversion_is_between_two",
                violation_error_message="A conversion is between two different units.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_unit_id} → {self.to_unit_id}"


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
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="bill_of_materials_is_positive",
                violation_error_message="A quantity is greater than 0.",
            ),
            models.CheckConstraint(
                condition=~Q(product=F("component")),
                name="bill_of_materials_not_of_itself",
                violation_error_message="Nothing is a component of itself. Choose another component.",
            ),
            no_overlap(
                "bill_of_materials_once_a_day",
                "product",
                "component",
                message="For some of these days this component is in the product already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component} in {self.product}"
