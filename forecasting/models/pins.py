"""Methods that people pin to demand units, and questions about one series that a worker answers."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from catalog.models import DemandUnit
from core.models import Job, Person, Revised
from forecasting.engine.pin import LABELS, Method
from forecasting.models.runs import ForecastRun

METHODS = [(method.value, LABELS[method]) for method in Method]


@pgtrigger.register(pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete))
class ForecastPin(Revised):
    """A method that the next runs use for a demand unit, why, and until when. A unit has one at a time."""

    demand_unit = models.ForeignKey(DemandUnit, models.PROTECT, related_name="forecast_pins")
    method = models.CharField(max_length=20, choices=METHODS)
    reason = models.CharField(max_length=400)
    pinned_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="forecast_pins")
    since = models.DateTimeField(auto_now_add=True)
    ended = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    end_reason = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["demand_unit"],
                condition=Q(ended=None),
                name="forecast_pin_one_at_a_time",
                violation_error_message="This demand unit has a pinned method already.",
            ),
            models.CheckConstraint(
                condition=Q(method__in=[method.value for method in Method]),
                name="forecast_pin_method_is_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="forecast_pin_says_why"),
            models.CheckConstraint(
                condition=Q(ended=None, end_reason="")
                | (Q(ended__isnull=False, ended__gte=F("since")) & ~Q(end_reason="")),
                name="forecast_pin_end_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} for {self.demand_unit}"


class StudyKind(models.TextChoices):
    """What is asked about one series."""

    ALTERNATIVES = "alternatives", "Methods compared"
    WHAT_IF = "what_if", "What if"


class ForecastStudy(models.Model):
    """A question about one series of a run, and the answer of the worker that computed it.

    Kept so that asking the same again costs nothing; no plan and no run depends on it.
    """

    run = models.ForeignKey(ForecastRun, models.CASCADE, related_name="studies")
    demand_unit = models.ForeignKey(DemandUnit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=StudyKind.choices)
    question = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, help_text="Of the question and the engine.")
    answer = models.JSONField(null=True)
    answered = models.DateTimeField(null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    asked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    asked = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-asked"]
        verbose_name_plural = "forecast studies"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "demand_unit", "fingerprint"], name="forecast_study_same_question_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=StudyKind.values), name="forecast_study_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.demand_unit_id} in run {self.run_id}"
