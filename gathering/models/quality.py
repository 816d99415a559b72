"""What the quality rules found in the facts."""

import pghistory
from django.db import models
from django.db.models import Q

from catalog.models import DemandUnit, Product
from core.fields import MoneyField
from core.models import Person, Revised
from gathering.models.imports import ImportRun


class Severity(models.TextChoices):
    """How bad a finding is: blocking ones stop the signature of data."""

    BLOCKING = "blocking", "Blocking"
    WARNING = "warning", "Warning"
    NOTE = "note", "Note"


class IssueState(models.TextChoices):
    """Whether a finding still stands."""

    OPEN = "open", "Open"
    WAIVED = "waived", "Waived"
    RESOLVED = "resolved", "Resolved"


@pghistory.track()
class QualityIssue(Revised):
    """One finding of one rule. `fingerprint` (rule and what it is about) finds it again at the next
    check: an issue that is gone is resolved by itself, a waived one stays waived."""

    rule = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=200, unique=True)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    state = models.CharField(max_length=8, choices=IssueState.choices, default=IssueState.OPEN)
    dataset = models.CharField(max_length=40, blank=True, default="", help_text="Whose data it is about.")
    subject = models.CharField(max_length=300)
    message = models.TextField()
    advice = models.TextField()
    money = MoneyField(default=0, help_text="Base currency at stake.")
    rows = models.BigIntegerField(default=1)
    month = models.DateField(null=True, blank=True)
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="issues")
    demand_unit = models.ForeignKey(DemandUnit, models.PROTECT, null=True, blank=True, related_name="issues")
    run = models.ForeignKey(ImportRun, models.PROTECT, null=True, blank=True, related_name="issues")
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="quality_issues")
    waived_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="waived_issues")
    reason = models.TextField(blank=True, default="")
    first_seen = models.DateTimeField(auto_now_add=True)
    last_seen = models.DateTimeField()

    class Meta:
        ordering = ["-money", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="issue_severity_is_known"),
            models.CheckConstraint(condition=Q(state__in=IssueState.values), name="issue_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="waived") | (~Q(reason="") & Q(waived_by__isnull=False)),
                name="issue_is_waived_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "severity", "-money"], name="issue_by_rank"),
            models.Index(fields=["owner", "state"], name="issue_by_owner"),
        ]

    def __str__(self) -> str:
        return self.subject
