"""Disputes: a rep doubts a line, somebody answers in time, and what is right is paid."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from compensation.engine.moves import DISPUTE_MOVES
from compensation.models.runs import Adjustment
from compensation.models.statements import PayLine, Statement
from core.fields import MoneyField
from core.models import Person, Revised
from crm.models import Deal, Rep


class DisputeState(models.TextChoices):
    """Whether a dispute waits, and how it ended."""

    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Agreed"
    REJECTED = "rejected", "Disagreed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class DisputeAbout(models.TextChoices):
    """What somebody doubts."""

    AMOUNT = "amount", "An amount is wrong"
    MISSING = "missing", "A deal is missing"
    RATE = "rate", "A rate or tier is wrong"
    QUOTA = "quota", "A quota is wrong"
    OTHER = "other", "Something else"


@pghistory.track()
@pgtrigger.register(
    pgtrigger.FSM(name="only_moves_of_the_table", field="state", transitions=list(DISPUTE_MOVES.transitions)),
    pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
)
class Dispute(Revised):
    """A question to a statement, or to a line of it. `due`: by when its owner answers, in working hours.
    `expected`: what the rep thinks the amount should be. Its thread are comments."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="disputes")
    line = models.ForeignKey(PayLine, models.PROTECT, null=True, blank=True, related_name="disputes")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="disputes")
    about = models.CharField(max_length=8, choices=DisputeAbout.choices)
    deal = models.ForeignKey(Deal, models.PROTECT, null=True, blank=True, related_name="disputes")
    text = models.CharField(max_length=2000)
    expected = MoneyField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=DisputeState.choices, default=DisputeState.OPEN)
    raised_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="disputes")
    raised = models.DateTimeField(auto_now_add=True)
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="disputes_owned")
    due = models.DateTimeField()
    first_answer = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=2000, blank=True, default="")
    adjustment = models.OneToOneField(
        Adjustment, models.PROTECT, null=True, blank=True, related_name="dispute"
    )

    class Meta:
        ordering = ["-raised", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="dispute_says_something"),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(state="open"),
                name="dispute_one_open_a_line",
                violation_error_message="This line is disputed already. Add a comment there.",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn")
                | Q(decided_by=None)
                | Q(raised_by=None)
                | ~Q(decided_by=F("raised_by")),
                name="dispute_is_not_decided_by_who_raised_it",
                violation_error_message="Nobody decides the own dispute.",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(decided__isnull=False), name="dispute_decision_has_a_day"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "withdrawn"]) | ~Q(decision=""),
                name="dispute_decision_has_a_reason",
                violation_error_message="Say why.",
            ),
            models.CheckConstraint(condition=Q(state__in=DisputeState.values), name="dispute_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"Dispute {self.pk}"
