"""Coverage: which accounts lie in which territory, and who covers them, day by day.

People and machines write Placement (account → territory) and TerritoryRep (territory → rep), both dated.
Assignment (account → rep) is what follows from the two: services make it anew for what changed, never
by hand, and the database refuses two reps for one account, role and day whatever made them.
"""

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from core.models import Revised
from crm.models import Account, Rep
from territories.models.territories import CoverageRole, Pin, Rule, Territory, TerritoryModel

DAYS = "From the first day, up to but not including the last."


class PlacedBy(models.TextChoices):
    """What put an account into its territory."""

    RULE = "rule", "Rule"
    PIN = "pin", "Pin"
    SCENARIO = "scenario", "Realignment"
    HAND = "hand", "By hand"
    FILE = "file", "File"


class Placement(models.Model):
    """The days on which an account lies in a territory, and why. `role` is that of an overlay
    territory, empty for the territory that gives the owner. Closed and opened, never rewritten."""

    model = models.ForeignKey(TerritoryModel, models.CASCADE, related_name="placements")
    account = models.ForeignKey(Account, models.PROTECT, related_name="placements")
    role = models.ForeignKey(CoverageRole, models.PROTECT, null=True, blank=True, related_name="+")
    territory = models.ForeignKey(Territory, models.CASCADE, related_name="placements")
    days = DateRangeField(help_text=DAYS)
    placed_by = models.CharField(max_length=8, choices=PlacedBy.choices)
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, blank=True, related_name="placements")
    pin = models.ForeignKey(Pin, models.SET_NULL, null=True, blank=True, related_name="placements")
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["account", "days"]
        constraints = [
            ExclusionConstraint(
                name="placement_one_territory_a_day",
                expressions=[
                    ("model", RangeOperators.EQUAL),
                    ("account", RangeOperators.EQUAL),
                    (Func(F("role"), Value(0), function="COALESCE"), RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
                violation_error_message="The account lies in another territory on some of these days.",
            ),
            models.CheckConstraint(condition=Q(days__isempty=False), name="placement_has_days"),
            models.CheckConstraint(
                condition=Q(placed_by__in=PlacedBy.values), name="placement_placed_by_is_known"
            ),
        ]
        indexes = [models.Index(fields=["territory", "account"], name="placement_by_territory")]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.territory_id}, {self.days}"


@pghistory.track()
class TerritoryRep(Revised):
    """The days on which a rep plays a role in a territory, and the share of the credit for it."""

    territory = models.ForeignKey(Territory, models.CASCADE, related_name="reps")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="territory_roles")
    role = models.ForeignKey(CoverageRole, models.PROTECT, related_name="territory_reps")
    share = models.DecimalField(
        max_digits=5, decimal_places=4, default=1, help_text="Of the credit, 1 for all of it."
    )
    days = DateRangeField(help_text=DAYS)

    class Meta:
        ordering = ["territory", "role", "days"]
        constraints = [
            ExclusionConstraint(
                name="territory_rep_one_a_role_and_day",
                expressions=[
                    ("territory", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
                violation_error_message="Another rep has this role in the territory on some of these "
                "days. End that first.",
            ),
            models.CheckConstraint(condition=Q(days__isempty=False), name="territory_rep_has_days"),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=1),
                name="territory_rep_share_is_a_share",
                violation_error_message="A share is above 0 and at most the whole.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rep}, {self.role}, {self.territory}"


class Assignment(models.Model):
    """Who covers an account in a role on which days: what placements and territory reps come to."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="assignments")
    role = models.ForeignKey(CoverageRole, models.PROTECT, related_name="assignments")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="assignments")
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="assignments")
    share = models.DecimalField(max_digits=5, decimal_places=4, default=1)
    days = DateRangeField(help_text=DAYS)

    class Meta:
        ordering = ["account", "role", "days"]
        constraints = [
            ExclusionConstraint(
                name="assignment_one_rep_a_role_and_day",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
                violation_error_message="The account has another rep in this role on some of these days.",
            ),
            models.CheckConstraint(condition=Q(days__isempty=False), name="assignment_has_days"),
        ]
        indexes = [models.Index(fields=["rep", "role"], name="assignment_by_rep")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.rep_id}, {self.days}"


@pghistory.track()
class Cover(Revised):
    """Days on which a rep stands in for a role in a territory: its rep is away, or there is none. Ownership
    and credit stay as they are."""

    territory = models.ForeignKey(Territory, models.CASCADE, related_name="covers")
    role = models.ForeignKey(CoverageRole, models.PROTECT, related_name="+")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="covers")
    days = DateRangeField(help_text=DAYS)
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ["territory", "days"]
        constraints = [
            ExclusionConstraint(
                name="cover_one_a_role_and_day",
                expressions=[
                    ("territory", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
                violation_error_message="Somebody covers this role on some of these days already.",
            ),
            models.CheckConstraint(condition=Q(days__isempty=False), name="cover_has_days"),
        ]

    def __str__(self) -> str:
        return f"{self.rep} for {self.territory}, {self.days}"
