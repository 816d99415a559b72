"""What a CRM's own export says against what is known here: missing, extra and different deals."""

from django.db import models
from django.db.models import Q

from core.fields import MoneyField
from core.models import Job, Person
from crm.models.deals import Deal


class Reconciliation(models.Model):
    """One export of a CRM, compared once with the deals of that source as of a moment."""

    source = models.SlugField(max_length=60, help_text="The CRM whose deals are compared.")
    file_name = models.CharField(max_length=255)
    file = models.FileField(upload_to="reconciliations/%Y/%m/", max_length=300)
    columns = models.JSONField(default=dict, help_text="Our field: the heading of its column.")
    as_of = models.DateTimeField(help_text="When the CRM wrote the export.")
    is_whole = models.BooleanField(default=True, help_text="Deals that it does not hold are extra here.")
    rows = models.PositiveIntegerField(default=0)
    equal = models.PositiveIntegerField(default=0)
    newer = models.PositiveIntegerField(default=0, help_text="Deals that changed here after the export.")
    faults = models.JSONField(default=list, help_text="Lines that could not be read, and why.")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    started_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    started = models.DateTimeField(auto_now_add=True)
    compared = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.source}: {self.file_name}"


class DifferenceKind(models.TextChoices):
    """On which side a deal is missing, or that the sides disagree."""

    MISSING = "missing", "Missing here"
    EXTRA = "extra", "Not in the CRM"
    DIFFERENT = "different", "Different"


class DifferenceState(models.TextChoices):
    """What was done about a difference."""

    OPEN = "open", "Open"
    REPAIRED = "repaired", "Repaired"
    FAILED = "failed", "Could not be repaired"
    LEFT = "left", "Left as it is"


class Difference(models.Model):
    """One deal that the export and this system do not agree on."""

    reconciliation = models.ForeignKey(Reconciliation, models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=9, choices=DifferenceKind.choices)
    external_id = models.CharField(max_length=200)
    deal = models.ForeignKey(Deal, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=250, blank=True, default="")
    amount = MoneyField(null=True, help_text="Base currency here, else the file's: ranks the list.")
    fields = models.JSONField(default=dict, help_text="Field: {theirs, ours}.")
    state = models.CharField(max_length=8, choices=DifferenceState.choices, default=DifferenceState.OPEN)
    error = models.CharField(max_length=300, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    settled_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    settled = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-amount", "id"]
        constraints = [
            models.UniqueConstraint(fields=["reconciliation", "external_id"], name="difference_once"),
            models.CheckConstraint(
                condition=Q(kind__in=DifferenceKind.values), name="difference_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DifferenceState.values), name="difference_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="left") | ~Q(reason=""), name="difference_is_left_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id
