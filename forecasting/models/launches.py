"""What planners say about the life of demand units: how new ones begin, which follows which, and which
months of the past count. Runs read it; it is part of what makes two runs the same work."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from catalog.models import DemandUnit, Market, Product
from core.fields import MonthField, QuantityField, RateField, is_first_of_month
from core.models import Person, Revised

STANDS = Q(is_withdrawn=False)


@pghistory.track()
class Launch(Revised):
    """How a new demand unit is forecast: like others, from a month on, at a level."""

    demand_unit = models.ForeignKey(DemandUnit, models.PROTECT, related_name="launches")
    first_month = MonthField(help_text="The month in which it is sold first.")
    level = QuantityField(
        null=True, blank=True, help_text="Units a month once it has settled; empty takes that of its likes."
    )
    modelled_on = models.TextField(editable=False, help_text="Its likes and their weights, in words.")
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="launches")
    reason = models.CharField(max_length=500)
    is_withdrawn = models.BooleanField(default=False)

    class Meta:
        ordering = ["-first_month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["demand_unit"],
                condition=STANDS,
                name="launch_once_a_unit",
                violation_error_message="It has a launch plan already. Change that one.",
            ),
            models.CheckConstraint(
                condition=Q(level=None) | Q(level__gt=0),
                name="launch_level_is_positive",
                violation_error_message="A level is above 0. Leave it empty to take that of the like items.",
            ),
            is_first_of_month("launch", "first_month"),
        ]

    def __str__(self) -> str:
        return f"Launch of {self.demand_unit}"


class LaunchLike(models.Model):
    """An item that a new one resembles, and how much it counts among the others."""

    launch = models.ForeignKey(Launch, models.CASCADE, related_name="likes")
    demand_unit = models.ForeignKey(DemandUnit, models.PROTECT, related_name="+")
    weight = RateField(default=1)

    class Meta:
        ordering = ["launch", "-weight", "demand_unit"]
        constraints = [
            models.UniqueConstraint(fields=["launch", "demand_unit"], name="launch_like_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="launch_like_weight_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.demand_unit_id} × {self.weight}"


ONE_LINE = """
    IF NEW.is_withdrawn THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT 1 FROM unnest(NEW.ramp) share WHERE share IS NULL OR share < 0 OR share > 100) THEN
        RAISE EXCEPTION 'Shares are percent, from 0 to 100' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.new_id IS NULL THEN
        RETURN NEW;
    END IF;
    IF (SELECT market_id FROM catalog_demandunit WHERE id = NEW.old_id)
        <> (SELECT market_id FROM catalog_demandunit WHERE id = NEW.new_id) THEN
        RAISE EXCEPTION 'A successor is sold in the same market' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock('forecasting_succession'::regclass::oid::bigint);
    IF EXISTS (
        WITH RECURSIVE later AS (
            SELECT new_id FROM forecasting_succession
            WHERE old_id = NEW.new_id AND NOT is_withdrawn AND id <> NEW.id
            UNION
            SELECT s.new_id FROM forecasting_succession s JOIN later ON s.old_id = later.new_id
            WHERE NOT s.is_withdrawn AND s.id <> NEW.id
        )
        SELECT 1 FROM later WHERE new_id = NEW.old_id
    ) THEN
        RAISE EXCEPTION 'Nothing follows itself' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


@pghistory.track()
@pgtrigger.register(
    pgtrigger.Trigger(
        name="one_line",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=ONE_LINE,
    )
)
class Succession(Revised):
    """From a month on, one demand unit takes over another's demand in its market, at once or by and by.
    Without a new one, the old one is phased out.

    The old one's history counts as the new one's. `ramp`: the new one's share of both in the first
    months, in percent; all of it after them.
    """

    old = models.ForeignKey(DemandUnit, models.PROTECT, related_name="+")
    new = models.ForeignKey(DemandUnit, models.PROTECT, null=True, blank=True, related_name="+")
    first_month = MonthField(help_text="The first month in which the new one is sold, or the old one less.")
    ramp = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, size=24)
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="successions")
    reason = models.CharField(max_length=500)
    is_withdrawn = models.BooleanField(default=False)

    class Meta:
        ordering = ["-first_month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["old"],
                condition=STANDS,
                name="succession_one_successor",
                violation_error_message="It is replaced or phased out already. Change that plan.",
            ),
            models.UniqueConstraint(
                fields=["new"],
                condition=STANDS,
                name="succession_one_predecessor",
                violation_error_message="It follows another item already. Change that plan.",
            ),
            models.CheckConstraint(
                condition=Q(new=None) | ~Q(new=F("old")),
                name="succession_is_between_two",
                violation_error_message="Nothing follows itself. Choose another item.",
            ),
            is_first_of_month("succession", "first_month"),
        ]

    def __str__(self) -> str:
        return f"{self.new} follows {self.old}" if self.new else f"Phase-out of {self.old}"


class MonthSaid(models.TextChoices):
    """What a person said about a month that the forecast would replace."""

    KEPT = "kept", "Kept: it really happened"
    MASKED = "masked", "Masked: it says nothing about other months"
    NOTHING = "nothing", "As the forecast finds it"


@pghistory.track()
class MonthMark(Revised):
    """What a person says about one month of a demand unit's history."""

    demand_unit = models.ForeignKey(DemandUnit, models.PROTECT, related_name="month_marks")
    month = MonthField()
    said = models.CharField(max_length=7, choices=MonthSaid.choices)
    reason = models.CharField(max_length=500, blank=True, default="")
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="month_marks")

    class Meta:
        ordering = ["demand_unit", "-month"]
        constraints = [
            models.UniqueConstraint(fields=["demand_unit", "month"], name="month_mark_once"),
            models.CheckConstraint(condition=Q(said__in=MonthSaid.values), name="month_mark_is_known"),
            models.CheckConstraint(
                condition=Q(said=MonthSaid.NOTHING.value) | ~Q(reason=""), name="month_mark_has_a_reason"
            ),
            is_first_of_month("month_mark"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%b %Y} of {self.demand_unit}"


@pghistory.track()
class MaskedPeriod(models.Model):
    """Months in which a dated event moves a product, so that they say nothing about other months.

    Rooms above write it (services/masks.py): `source` is their name of the event. Without a market it
    holds everywhere, with one in all markets below.
    """

    source = models.CharField(max_length=80, unique=True)
    title = models.CharField(max_length=160)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    market = models.ForeignKey(Market, models.PROTECT, null=True, related_name="+")
    first_month = MonthField()
    last_month = MonthField()
    is_over = models.BooleanField(default=False, help_text="The event was called off.")

    class Meta:
        ordering = ["-first_month", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_month__lte=F("last_month")), name="masked_period_ends_after_it_begins"
            ),
            is_first_of_month("masked_period", "first_month"),
            is_first_of_month("masked_period", "last_month"),
        ]

    def __str__(self) -> str:
        return self.title


class CleanedMonth(models.Model):
    """A month that a run replaced before it looked: what was sold, what stands there, and what the
    difference is worth at the unit's mean price. A view of the database over the runs' series."""

    id = models.CharField(max_length=40, primary_key=True)
    run = models.ForeignKey("ForecastRun", models.DO_NOTHING, related_name="+")
    demand_unit = models.ForeignKey(DemandUnit, models.DO_NOTHING, related_name="+")
    month = MonthField()
    was = models.FloatField()
    now = models.FloatField()
    why = models.TextField()
    money = models.FloatField()
    said = models.CharField(max_length=7, choices=MonthSaid.choices)

    class Meta:
        managed = False
        db_table = "forecasting_cleanedmonth"
        ordering = ["-money"]

    def __str__(self) -> str:
        return f"{self.month:%b %Y} of {self.demand_unit}"
