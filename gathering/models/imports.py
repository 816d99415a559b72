"""Files on their way in: profiles, runs, problems, rejects, the mapping queue and held rows."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.fields import MoneyField
from core.models import Job, Person, Revised


@pghistory.track()
class ImportProfile(Revised):
    """How a foreign file reads: a YAML text (docs/files.md) that names columns, formats, values."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    dataset = models.CharField(max_length=40, help_text="What the rows are (gathering.datasets).")
    definition = models.TextField(help_text="YAML.")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["dataset", "code"]

    def __str__(self) -> str:
        return self.name


class ImportState(models.TextChoices):
    """How far an import is."""

    UPLOADED = "uploaded", "Uploaded"
    READING = "reading", "Reading"
    CHECKED = "checked", "Checked, waiting for you"
    COMMITTING = "committing", "Committing"
    COMMITTED = "committed", "Committed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


@pgtrigger.register(pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete))
class ImportRun(models.Model):
    """One file, read once. `fingerprint` is over content, dataset and profile: the same file twice
    finds the first run."""

    dataset = models.CharField(max_length=40)
    profile = models.ForeignKey(ImportProfile, models.PROTECT, null=True, related_name="runs")
    definition = models.TextField(help_text="The profile's YAML as it was used.")
    source = models.CharField(max_length=60, default="file", help_text="Which system the rows come from.")
    file_name = models.CharField(max_length=255)
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=300)
    companions = models.JSONField(default=dict, help_text="Where the second files of joins are stored.")
    size = models.BigIntegerField(default=0)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.UPLOADED)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="imports")
    rows_read = models.BigIntegerField(default=0)
    rows_good = models.BigIntegerField(default=0)
    rows_rejected = models.BigIntegerField(default=0)
    rows_held = models.BigIntegerField(default=0, help_text="Waiting for a mapping.")
    rows_new = models.BigIntegerField(default=0)
    rows_changed = models.BigIntegerField(default=0)
    rows_unchanged = models.BigIntegerField(default=0)
    preview = models.JSONField(default=dict, help_text="Totals, the diff and a sample, for people.")
    error = models.TextField(blank=True, default="")
    mends = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="mended_by", help_text="Whose rejects it mends."
    )
    uploaded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="uploads")
    uploaded = models.DateTimeField(auto_now_add=True)
    checked = models.DateTimeField(null=True)
    committed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="commits")
    committed = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state_is_known"),
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(state="committed"),
                name="import_same_file_is_committed_once",
            ),
        ]
        indexes = [models.Index(fields=["dataset", "-id"], name="import_by_dataset")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.dataset})"

    @property
    def staging_table(self) -> str:
        """The unlogged table that holds the checked rows until they are committed."""
        return f"gathering_staged_{self.pk}"


class RowProblem(models.Model):
    """One thing wrong with one cell (or a whole row), in words, with what to do."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="problems")
    row_number = models.BigIntegerField(help_text="The line in the file; the header is part of the count.")
    column = models.CharField(max_length=120, blank=True, default="")
    value = models.CharField(max_length=200, blank=True, default="")
    problem = models.CharField(max_length=300)
    advice = models.CharField(max_length=300)

    class Meta:
        ordering = ["run", "row_number", "id"]
        indexes = [models.Index(fields=["run", "row_number"], name="row_problem_by_row")]

    def __str__(self) -> str:
        return f"row {self.row_number}: {self.problem}"


class RejectedRow(models.Model):
    """A row that could not be read or is not valid, as it stood in the file."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rejects")
    row_number = models.BigIntegerField()
    cells = ArrayField(models.TextField())

    class Meta:
        ordering = ["run", "row_number"]
        constraints = [models.UniqueConstraint(fields=["run", "row_number"], name="rejected_row_once")]

    def __str__(self) -> str:
        return f"row {self.row_number}"


class HeldRow(models.Model):
    """A good row that names something unknown; replayed when the name is mapped."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="held")
    row_number = models.BigIntegerField()
    payload = models.JSONField(help_text="The row by our field names.")
    waits_for = ArrayField(models.CharField(max_length=260), help_text="kind:value of each unknown.")
    replayed = models.DateTimeField(null=True)

    class Meta:
        ordering = ["run", "row_number"]
        constraints = [models.UniqueConstraint(fields=["run", "row_number"], name="held_row_once")]
        indexes = [
            models.Index(fields=["run"], condition=Q(replayed=None), name="held_row_waiting"),
        ]

    def __str__(self) -> str:
        return f"row {self.row_number}"


class MappingKind(models.TextChoices):
    """What a name in a file may stand for."""

    PRODUCT = "product", "Product"
    MARKET = "market", "Market"
    REP = "rep", "Rep"
    ACCOUNT = "account", "Account"
    SITE = "site", "Site"
    RESOURCE = "resource", "Resource"
    FAMILY = "family", "Family"
    CURRENCY = "currency", "Currency"
    UNIT = "unit", "Unit"
    CALENDAR = "calendar", "Working calendar"
    STAGE = "stage", "Deal stage"
    TEAM = "team", "Team"
    DEAL = "deal", "Deal"
    SOURCE = "source", "Lead source"


@pghistory.track()
class Mapping(Revised):
    """A foreign name and what it means here. `source` empty means for every source."""

    kind = models.CharField(max_length=10, choices=MappingKind.choices)
    source = models.CharField(max_length=60, blank=True, default="")
    value = models.CharField(max_length=250)
    target_code = models.CharField(max_length=60, blank=True, default="")
    is_ignored = models.BooleanField(default=False, help_text="Rows with this name are left out, knowingly.")
    reason = models.CharField(max_length=300, blank=True, default="")
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="mappings")

    class Meta:
        ordering = ["kind", "value"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "source", "value"], name="mapping_once"),
            models.CheckConstraint(condition=Q(kind__in=MappingKind.values), name="mapping_kind_is_known"),
            models.CheckConstraint(
                condition=(Q(is_ignored=True) & ~Q(reason="")) | (Q(is_ignored=False) & ~Q(target_code="")),
                name="mapping_has_a_target_or_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} → {self.target_code or 'ignored'}"


class UnmappedValue(models.Model):
    """The mapping queue: a name nobody knows yet, with how much waits for it."""

    kind = models.CharField(max_length=10, choices=MappingKind.choices)
    source = models.CharField(max_length=60, blank=True, default="")
    value = models.CharField(max_length=250)
    rows = models.BigIntegerField(default=0)
    money = MoneyField(default=0)
    first_run = models.ForeignKey(ImportRun, models.CASCADE, related_name="unmapped")
    seen = models.DateTimeField(auto_now=True)
    is_open = models.BooleanField(default=True)

    class Meta:
        ordering = ["-money", "-rows", "value"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "source", "value"], name="unmapped_value_once"),
            models.CheckConstraint(condition=Q(kind__in=MappingKind.values), name="unmapped_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} “{self.value}”"
