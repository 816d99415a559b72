"""Where a placement was ended on purpose: so that dated changes come to the same in any order of entry."""

from django.db import models
from django.db.models import Q

from crm.models import Account
from territories.models.coverage import PlacedBy
from territories.models.territories import CoverageRole, Pin, TerritoryModel


class PlacementEnd(models.Model):
    """The day from which an account lies in no territory (of that overlay role), by decision. What is
    entered for a day before it ends there."""

    model = models.ForeignKey(TerritoryModel, models.CASCADE, related_name="placement_ends")
    account = models.ForeignKey(Account, models.PROTECT, related_name="placement_ends")
    role = models.ForeignKey(CoverageRole, models.PROTECT, null=True, blank=True, related_name="+")
    day = models.DateField()
    placed_by = models.CharField(max_length=8, choices=PlacedBy.choices)
    pin = models.ForeignKey(Pin, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["account", "day"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "account", "role", "day"],
                nulls_distinct=False,
                name="placement_end_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(placed_by__in=PlacedBy.values), name="placement_end_placed_by_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} nowhere from {self.day}"
