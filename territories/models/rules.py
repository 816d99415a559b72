"""What running the rules of a model came to: a run, kept as it was, and the accounts two rules wanted."""

from django.db import models

from core.models import Person
from crm.models import Account
from territories.models.territories import CoverageRole, Rule, TerritoryModel


class RuleRun(models.Model):
    """One run of all rules of a model: what it was made from, and what changed by it."""

    model = models.ForeignKey(TerritoryModel, models.CASCADE, related_name="rule_runs")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    from_day = models.DateField(help_text="The first day of what it placed.")
    made_from = models.CharField(max_length=64, help_text="Fingerprint of territories, rules and pins.")
    accounts = models.PositiveIntegerField(help_text="Active accounts that were looked at.")
    gaps = models.PositiveIntegerField(help_text="Accounts without a territory that gives an owner.")
    overlaps = models.PositiveIntegerField(help_text="Accounts wanted by rules of the same priority.")
    changed = models.PositiveIntegerField(help_text="Accounts that came into, left or changed a territory.")
    seconds = models.FloatField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["model", "-at"], name="rule_run_newest")]

    def __str__(self) -> str:
        return f"Rules of {self.model}, {self.at:%d %b %Y %H:%M}"


class RuleOverlap(models.Model):
    """An account that rules of the same priority in different territories wanted in the newest run: who
    took it (the older), who came next, and how many wanted it beside the one that took it."""

    model = models.ForeignKey(TerritoryModel, models.CASCADE, related_name="overlaps")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    role = models.ForeignKey(CoverageRole, models.PROTECT, null=True, blank=True, related_name="+")
    rule = models.ForeignKey(Rule, models.CASCADE, related_name="overlaps_won")
    rival = models.ForeignKey(Rule, models.CASCADE, related_name="overlaps_lost")
    rivals = models.PositiveIntegerField()

    class Meta:
        ordering = ["model", "account"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "account", "role"],
                name="rule_overlap_once_an_account",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.rule_id} and {self.rival_id}"
