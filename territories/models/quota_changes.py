"""What people say to their quotas: changes they ask for, sheets they accept, and when reps began."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from core.fields import MoneyField
from core.models import Person, Revised
from crm.models import Rep
from territories.models.quotas import Quota, QuotaPlan


class ChangeState(models.TextChoices):
    """What became of a change that somebody asked for."""

    OPEN = "open", "Waiting"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


@pghistory.track()
@pgtrigger.register(
    pgtrigger.FSM(
        name="decided_once",
        field="state",
        transitions=[("open", "accepted"), ("open", "declined"), ("open", "withdrawn")],
    )
)
class QuotaChange(Revised):
    """Somebody asks for another amount, upward; somebody else decides. `led_to`: the quota it changed."""

    quota = models.ForeignKey(Quota, models.CASCADE, related_name="changes")
    asked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="quota_changes")
    asked = models.DateTimeField(auto_now_add=True)
    amount = MoneyField(help_text="Of the whole year, in base currency.")
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=9, choices=ChangeState.choices, default=ChangeState.OPEN)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True, default="")
    led_to = models.ForeignKey(Quota, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-asked", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["quota"],
                condition=Q(state="open"),
                name="quota_change_one_open",
                violation_error_message="Somebody asked already. Wait for the answer, or withdraw that.",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="quota_change_amount_is_not_negative"),
            models.CheckConstraint(condition=~Q(reason=""), name="quota_change_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state="withdrawn")
                | Q(decided_by=None)
                | Q(asked_by=None)
                | ~Q(decided_by=F("asked_by")),
                name="quota_change_is_not_decided_by_who_asked",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ChangeState.values), name="quota_change_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Change of {self.quota}"


@pgtrigger.register(pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete))
class QuotaAcceptance(models.Model):
    """A rep read the own sheet of a version and accepted it. `sheet_hash`: SHA-256 of what was read."""

    plan = models.ForeignKey(QuotaPlan, models.PROTECT, related_name="acceptances")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="quota_acceptances")
    accepted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    accepted = models.DateTimeField(auto_now_add=True)
    sheet_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-accepted"]
        constraints = [models.UniqueConstraint(fields=["plan", "rep"], name="quota_acceptance_once")]

    def __str__(self) -> str:
        return f"{self.rep_id} accepted {self.plan_id}"


@pghistory.track()
class RepStart(Revised):
    """When a rep began to sell here: from it counts the ramp of new hires. Without one there is no ramp."""

    rep = models.OneToOneField(Rep, models.CASCADE, related_name="start")
    day = models.DateField()

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.rep} since {self.day}"
