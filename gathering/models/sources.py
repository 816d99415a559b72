"""Which data must be there each month, who brings it, and how far it is."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from catalog.models import Named
from core.fields import MoneyField, MonthField, QuantityField, is_first_of_month
from core.models import Person, Revised
from gathering.engine.source_moves import TRANSITIONS
from gathering.models.imports import ImportProfile, ImportRun


@pghistory.track()
class DataSource(Named):
    """A stream of data that the month needs: who owns it and by which workday it is due."""

    dataset = models.CharField(max_length=40)
    profile = models.ForeignKey(ImportProfile, models.PROTECT, null=True, blank=True, related_name="sources")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="sources")
    due_workday = models.PositiveSmallIntegerField(default=2, help_text="Working day of the month.")
    is_required = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    instructions = models.TextField(blank=True, default="")

    class Meta(Named.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(due_workday__gte=1, due_workday__lte=23), name="data_source_is_due_on_a_workday"
            )
        ]


class SourceState(models.TextChoices):
    """How far a source is in its month; gathering/workflow.py says how it gets on."""

    MISSING = "missing", "Missing"
    RECEIVED = "received", "Received"
    CHECKED = "checked", "Checked"
    SIGNED = "signed", "Signed"
    WAIVED = "waived", "Waived"


@pghistory.track()
@pgtrigger.register(
    pgtrigger.FSM(name="only_moves_of_the_table", field="state", transitions=list(TRANSITIONS)),
    pgtrigger.Protect(
        name="begins_missing", operation=pgtrigger.Insert, condition=pgtrigger.Q(new__state__df="missing")
    ),
)
class SourceMonth(Revised):
    """A source in one month. Signed or waived means the month may use it."""

    source = models.ForeignKey(DataSource, models.PROTECT, related_name="months")
    month = MonthField()
    due = models.DateField()
    state = models.CharField(max_length=8, choices=SourceState.choices, default=SourceState.MISSING)
    run = models.ForeignKey(ImportRun, models.PROTECT, null=True, blank=True, related_name="source_months")
    control_quantity = QuantityField(null=True, blank=True)
    control_money = MoneyField(null=True, blank=True)
    control_rows = models.BigIntegerField(null=True, blank=True)
    settled_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="settled_sources"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["month", "due", "source"]
        constraints = [
            models.UniqueConstraint(fields=["source", "month"], name="source_month_once"),
            models.CheckConstraint(condition=Q(state__in=SourceState.values), name="source_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="waived") | ~Q(reason=""), name="source_is_waived_with_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["signed", "waived"]) | Q(settled_by__isnull=False),
                name="source_is_settled_by_somebody",
            ),
            is_first_of_month("source_month"),
        ]

    def __str__(self) -> str:
        return f"{self.source.name}, {self.month:%b %Y}"
