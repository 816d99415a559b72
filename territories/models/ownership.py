"""What changed hands, and what other systems were told of it."""

import pgtrigger
from django.db import models
from django.db.models import Q

from core.models import Person
from crm.models import Account, Rep
from territories.models.territories import CoverageRole, Territory


class CoverageChange(models.Model):
    """A day on which an account got another rep in a role, lost the one it had, or got its first: a view
    of the database over assignments, of days that are over, of today and to come."""

    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="+")
    role = models.ForeignKey(CoverageRole, models.DO_NOTHING, related_name="+")
    territory = models.ForeignKey(Territory, models.DO_NOTHING, related_name="+")
    day = models.DateField()
    old_rep = models.ForeignKey(Rep, models.DO_NOTHING, null=True, related_name="+")
    new_rep = models.ForeignKey(Rep, models.DO_NOTHING, null=True, related_name="+")

    class Meta:
        managed = False
        db_table = "territories_coveragechange"
        ordering = ["day", "account", "role"]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.old_rep_id} → {self.new_rep_id} on {self.day}"


class ChangeCause(models.TextChoices):
    """Why an account has another owner."""

    RULE = "rule", "Rule"
    PIN = "pin", "Pin"
    SCENARIO = "scenario", "Realignment"
    HAND = "hand", "Moved by hand"
    FILE = "file", "File"
    REP = "rep", "Another rep for the territory"
    VACANT = "vacant", "Nobody any more"
    CORRECTION = "correction", "Correction of days that are over"


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class OwnershipChange(models.Model):
    """An account changed hands in a role: written once when its day has come, in the order of days, and
    told to other systems in `batch`es. The newest of an account and role is what they know."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="ownership_changes")
    role = models.ForeignKey(CoverageRole, models.PROTECT, related_name="+")
    territory = models.ForeignKey(Territory, models.PROTECT, null=True, related_name="+")
    day = models.DateField(help_text="From which it holds.")
    old_rep = models.ForeignKey(Rep, models.PROTECT, null=True, related_name="+")
    new_rep = models.ForeignKey(Rep, models.PROTECT, null=True, related_name="+")
    cause = models.CharField(max_length=10, choices=ChangeCause.choices)
    reason = models.CharField(max_length=500, blank=True, default="")
    batch = models.PositiveIntegerField()
    recorded = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cause__in=ChangeCause.values), name="ownership_change_cause_is_known"
            ),
            models.CheckConstraint(
                condition=Q(old_rep=None, new_rep__isnull=False)
                | Q(old_rep__isnull=False, new_rep=None)
                | ~Q(old_rep=models.F("new_rep")),
                name="ownership_change_changes_something",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "role", "-id"], name="ownership_change_newest"),
            models.Index(fields=["batch"], name="ownership_change_by_batch"),
            models.Index(fields=["day", "id"], name="ownership_change_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.old_rep_id} → {self.new_rep_id} from {self.day}"


class OwnershipExport(models.Model):
    """A file of the changes since the export before: the changes after `after`, up to `last`."""

    made = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    after = models.BigIntegerField(help_text="The last change of the export before, 0 for the first.")
    last = models.BigIntegerField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["after"], name="ownership_export_follows_one"),
            models.CheckConstraint(
                condition=Q(last__gt=models.F("after")), name="ownership_export_holds_something"
            ),
        ]

    def __str__(self) -> str:
        return f"Changes {self.after + 1} to {self.last}"
