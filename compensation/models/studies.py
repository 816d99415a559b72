"""Studies: a draft plan tried on a year that was, before anybody is paid by it."""

import pgtrigger
from django.db import models

from compensation.models.plans import PlanVersion
from core.fields import MonthField, is_first_of_month
from core.models import Job, Person


class StudyState(models.TextChoices):
    """How far a study is."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


@pgtrigger.register(
    pgtrigger.Protect(
        name="written_once",
        operation=pgtrigger.Update,
        condition=~pgtrigger.Q(old__state="running"),
    )
)
class Study(models.Model):
    """A plan version worked out on the credits of twelve months, beside another one (`base`). Written once.

    `terms`: the mapping as it was then, since drafts change. `seed`, `draws`: of the Monte Carlo. `results`:
    what the page shows (compensation.pipeline.studies names it). `fingerprint`: of terms, credits, quotas.
    """

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="studies")
    base = models.ForeignKey(PlanVersion, models.CASCADE, null=True, blank=True, related_name="+")
    first_month = MonthField(help_text="The twelve months from here on.")
    seed = models.PositiveIntegerField(default=1)
    draws = models.PositiveIntegerField(default=2000)
    state = models.CharField(max_length=7, choices=StudyState.choices, default=StudyState.RUNNING)
    terms = models.JSONField()
    base_terms = models.JSONField(null=True)
    results = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made", "-id"]
        constraints = [
            is_first_of_month("study", "first_month"),
            models.CheckConstraint(
                condition=models.Q(state__in=StudyState.values), name="study_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Study {self.pk}"
