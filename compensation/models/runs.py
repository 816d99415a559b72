"""Runs of pay: each month is calculated, reviewed, approved, locked and paid; what is locked never changes.

A PayRun is a version of a month's pay. Its statements are written once (COPY) while it is calculating;
triggers refuse every later change. Adjustments are money beside the plan that a run pays.
"""

from typing import Any

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from catalog.models import Currency
from compensation.engine.moves import ADJUSTMENT_MOVES, RUN_MOVES
from core.fields import MoneyField, MonthField, is_first_of_month
from core.models import Job, Person, Revised
from crm.models import Deal, Rep


class RunState(models.TextChoices):
    """How far a run is; compensation/workflow/runs.py says how it gets on."""

    CALCULATING = "calculating", "Being calculated"
    FAILED = "failed", "Failed"
    PREVIEW = "preview", "Preview"
    CALCULATED = "calculated", "Calculated"
    REVIEWED = "reviewed", "Reviewed"
    APPROVED = "approved", "Approved"
    LOCKED = "locked", "Locked"
    PAID = "paid", "Paid"
    DISCARDED = "discarded", "Thrown away"


OF_THE_MONTH = ["calculated", "reviewed", "approved", "locked", "paid"]
CLOSED = ["locked", "paid"]
SIGNED = """ARRAY['state', 'revision', 'taken_by_id', 'reviewed_by_id', 'reviewed', 'approved_by_id',
    'approved', 'locked_by_id', 'locked', 'paid_by_id', 'paid_on', 'note']"""
RUN_STAYS = f"""
    IF to_jsonb(NEW.*) - {SIGNED} IS DISTINCT FROM to_jsonb(OLD.*) - {SIGNED} THEN
        RAISE EXCEPTION 'A calculated run never changes; calculate another one'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


@pghistory.track()
@pgtrigger.register(
    pgtrigger.FSM(name="only_moves_of_the_table", field="state", transitions=list(RUN_MOVES.transitions)),
    pgtrigger.Trigger(
        name="written_once",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=~pgtrigger.Q(old__state="calculating"),
        func=RUN_STAYS,
    ),
    pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
)
class PayRun(Revised):
    """A version of a month's pay.

    `follows`: the run that this one is compared with. `fingerprint`: SHA-256 of everything it was
    calculated from; when today's differs, the run is not current. `totals`: sums of its statements by
    currency and what they are made of. `months_again`: the closed months that were worked out anew.
    """

    month = MonthField()
    version = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=11, choices=RunState.choices, default=RunState.CALCULATING)
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    engine_version = models.CharField(max_length=20, blank=True, default="")
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    made = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="pay_runs")
    statements_count = models.PositiveIntegerField(default=0)
    lines_count = models.PositiveIntegerField(default=0)
    months_again = models.PositiveSmallIntegerField(default=0)
    totals = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    taken_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    approved = models.DateTimeField(null=True, blank=True)
    locked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    locked = models.DateTimeField(null=True, blank=True)
    paid_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    paid_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-month", "-version"]
        constraints = [
            is_first_of_month("pay_run"),
            models.UniqueConstraint(fields=["month", "version"], name="pay_run_version_once"),
            models.UniqueConstraint(
                fields=["month"],
                condition=Q(state__in=OF_THE_MONTH),
                name="pay_run_one_a_month",
                violation_error_message="Another run is the month's calculation. Send that one back first.",
            ),
            models.UniqueConstraint(
                fields=["month"],
                condition=Q(state="calculating"),
                name="pay_run_one_calculation_at_a_time",
                violation_error_message="This month is being calculated.",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | (
                    (Q(made_by=None) | ~Q(approved_by=F("made_by")))
                    & (Q(reviewed_by=None) | ~Q(approved_by=F("reviewed_by")))
                ),
                name="pay_run_is_approved_by_somebody_else",
                violation_error_message="Nobody approves pay they calculated or reviewed. Ask a colleague.",
            ),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="pay_run_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%B %Y}, run {self.version}"


def written_while_calculating(path: str) -> list[pgtrigger.Trigger]:
    """The period lock: rows of a run are inserted while it calculates, and never change afterwards.

    path: how a new row finds its run's id, in SQL over `n`, the alias of the new rows.
    """
    check = f"""
        IF EXISTS (
            SELECT 1 FROM new_rows n JOIN compensation_payrun r ON r.id = {path}
            WHERE r.state <> 'calculating'
        ) THEN
            RAISE EXCEPTION 'Calculated pay never changes; a difference comes in the open month'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """  # noqa: S608 - the names are ours
    return [
        pgtrigger.Trigger(
            name="only_while_calculating",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func=check,
        ),
        pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
    ]


class AdjustmentState(models.TextChoices):
    """How far an adjustment is; compensation/workflow/adjustments.py says how it gets on."""

    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    PAID = "paid", "Paid"


DECIDED_STAYS = """
    OLD.state <> 'proposed' AND (OLD.rep_id, OLD.month, OLD.currency_id, OLD.amount, OLD.reason)
    IS DISTINCT FROM (NEW.rep_id, NEW.month, NEW.currency_id, NEW.amount, NEW.reason)
"""


@pghistory.track()
@pgtrigger.register(
    pgtrigger.FSM(
        name="only_moves_of_the_table", field="state", transitions=list(ADJUSTMENT_MOVES.transitions)
    ),
    pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
    pgtrigger.Protect(
        name="decided_amounts_stay",
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(DECIDED_STAYS),
    ),
)
class Adjustment(Revised):
    """Money beside the plan: somebody proposes it with a reason, somebody else approves it, a run pays it.
    `run`: the locked run that paid it."""

    rep = models.ForeignKey(Rep, models.PROTECT, related_name="adjustments")
    month = MonthField(help_text="The month it is paid with.")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    amount = MoneyField(help_text="Negative takes pay back.")
    label = models.CharField(max_length=120)
    reason = models.CharField(max_length=1000)
    deal = models.ForeignKey(Deal, models.PROTECT, null=True, blank=True, related_name="adjustments")
    state = models.CharField(max_length=9, choices=AdjustmentState.choices, default=AdjustmentState.PROPOSED)
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    made = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True, default="")
    run = models.ForeignKey(PayRun, models.PROTECT, null=True, blank=True, related_name="adjustments")

    class Meta:
        ordering = ["-month", "-id"]
        constraints = [
            is_first_of_month("adjustment"),
            models.CheckConstraint(
                condition=~Q(amount=0),
                name="adjustment_is_not_nothing",
                violation_error_message="An adjustment is an amount other than 0.",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="adjustment_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(made_by=None) | ~Q(decided_by=F("made_by")),
                name="adjustment_is_not_approved_by_its_maker",
                violation_error_message="Nobody approves the own adjustment. Ask a colleague.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=AdjustmentState.values), name="adjustment_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.label


def closed_runs() -> Any:
    """The condition of runs that are locked or paid."""
    return Q(state__in=CLOSED)
