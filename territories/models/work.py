"""What an account asks of whoever covers it, and what a rep can give: what balance is measured by."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.fields import MoneyField
from core.models import Revised
from crm.models import Account, Rep


def a_place(table: str) -> list[models.CheckConstraint]:
    """Both of latitude and longitude or neither, in degrees."""
    return [
        models.CheckConstraint(
            condition=Q(latitude=None, longitude=None)
            | Q(
                latitude__isnull=False,  # a null in a check would let half a place through
                longitude__isnull=False,
                latitude__range=(-90, 90),
                longitude__range=(-180, 180),
            ),
            name=f"{table}_place_is_on_earth",
            violation_error_message="Give both latitude (−90 to 90) and longitude (−180 to 180), or neither.",
        )
    ]


@pghistory.track()
class AccountWork(Revised):
    """An account's place, potential and calls. `needs`: what its rep must bring (skills, languages)."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="work")
    latitude = models.FloatField(null=True, blank=True, help_text="In degrees, north is positive.")
    longitude = models.FloatField(null=True, blank=True, help_text="In degrees, east is positive.")
    potential = MoneyField(null=True, blank=True, help_text="What it could buy a year, in base currency.")
    calls_a_year = models.PositiveSmallIntegerField(default=12)
    hours_a_call = models.DecimalField(max_digits=5, decimal_places=2, default=1)
    needs = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta:
        ordering = ["account"]
        constraints = [
            *a_place("account_work"),
            models.CheckConstraint(
                condition=Q(potential=None) | Q(potential__gte=0), name="account_work_potential_is_positive"
            ),
            models.CheckConstraint(condition=Q(hours_a_call__gte=0), name="account_work_hours_are_positive"),
        ]

    def __str__(self) -> str:
        return f"work at {self.account}"


@pghistory.track()
class RepBase(Revised):
    """Where a rep starts from, the share of a full territory, the most accounts, and the skills."""

    rep = models.OneToOneField(Rep, models.CASCADE, related_name="base")
    latitude = models.FloatField(null=True, blank=True, help_text="In degrees, north is positive.")
    longitude = models.FloatField(null=True, blank=True, help_text="In degrees, east is positive.")
    share = models.DecimalField(
        max_digits=4, decimal_places=2, default=1, help_text="Of a full territory: 0.5 for half a job."
    )
    most_accounts = models.PositiveIntegerField(null=True, blank=True, help_text="Empty for no limit.")
    hours_a_year = models.DecimalField(
        max_digits=6, decimal_places=1, null=True, blank=True, help_text="For calls and travel."
    )
    skills = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta:
        ordering = ["rep"]
        constraints = [
            *a_place("rep_base"),
            models.CheckConstraint(
                condition=Q(share__gt=0),
                name="rep_base_share_is_positive",
                violation_error_message="A share is above 0. Whoever covers nothing has no territory.",
            ),
        ]

    def __str__(self) -> str:
        return f"base of {self.rep}"
