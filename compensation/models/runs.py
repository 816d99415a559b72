"""Runs of pay: each month is calculated, reviewed, approved, locked and paid; what is locked never changes.

A PayRun is a version of a month's pay. Its Statements, their parts and lines are written once (COPY)
while it is calculating; triggers refuse every later change. Late changes of closed months come as lines
of the open month with `is_delta`: what the earlier month would be today, less what was paid for it.
"""

from typing import Any

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from catalog.models import Currency
from compensation.engine.moves import ADJUSTMENT_MOVES, RUN_MOVES
from compensation.models.credits import Credit, CreditHold
from compensation.models.plans import PlanVersion
from core.fields import MoneyField, MonthField, RateField, is_first_of_month
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


OF_STATEMENT = "(SELECT s.run_id FROM compensation_statement s WHERE s.id = n.statement_id)"


@pgtrigger.register(*written_while_calculating("n.run_id"))
class Statement(models.Model):
    """What a rep is paid by a run, in one currency, and what it is made of:

    earned (of this month) + deltas (of closed months) + adjustments + advanced − kept_back + released − held
    = pay. `forgiven` and `owed` are the draw's ledger: what is owed no longer, and what is owed at the end.
    `draw_step`: how the draw came about, for the page.
    """

    run = models.ForeignKey(PayRun, models.PROTECT, related_name="statements")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="statements")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    earned = MoneyField(default=0)
    deltas = MoneyField(default=0)
    adjustments = MoneyField(default=0)
    advanced = MoneyField(default=0)
    kept_back = MoneyField(default=0)
    forgiven = MoneyField(default=0)
    owed = MoneyField(default=0)
    held = MoneyField(default=0)
    released = MoneyField(default=0)
    pay = MoneyField(default=0)
    draw_step = models.JSONField(default=dict)

    class Meta:
        ordering = ["run", "rep"]
        constraints = [
            models.UniqueConstraint(fields=["run", "rep", "currency"], name="statement_once_a_run"),
            models.CheckConstraint(
                condition=Q(
                    pay=F("earned")
                    + F("deltas")
                    + F("adjustments")
                    + F("advanced")
                    - F("kept_back")
                    + F("released")
                    - F("held")
                ),
                name="statement_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rep_id}, run {self.run_id}"


@pgtrigger.register(*written_while_calculating(OF_STATEMENT))
class StatementPart(models.Model):
    """A component of a plan on a statement: what was measured, against which quota, and what it paid.

    `so_far`, `quota_to_date`: since the window of the component began. `derivation`: the steps of the quota
    (year, season, days, ramp …) and of the target, each {label, value}. `factors`: gates, multipliers, caps
    that touched it, each {label, value}.
    """

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="parts")
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    component = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    so_far = MoneyField(default=0)
    quota = MoneyField(default=0)
    quota_to_date = MoneyField(default=0)
    attainment = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    target = MoneyField(default=0, help_text="Pay at 100 %, of the month.")
    earned = MoneyField(default=0)
    deltas = MoneyField(default=0)
    derivation = models.JSONField(default=list)
    factors = models.JSONField(default=list)

    class Meta:
        ordering = ["statement", "position"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "version", "component"], name="statement_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.statement_id}"


class LineKind(models.TextChoices):
    """As compensation.engine.lines.Kind."""

    EARNED = "earned", "Earned"
    TRUE_UP = "true_up", "True-up"
    TAKEN_BACK = "taken_back", "Taken back"
    DEAL_CAP = "deal_cap", "Cap of the deal"
    THRESHOLD = "threshold", "Below the threshold"
    GATE = "gate", "Gate"
    MULTIPLIER = "multiplier", "Multiplier"
    CAP = "cap", "Cap"
    BUDGET = "budget", "Budget used up"
    NOT_NEGATIVE = "not_negative", "Not below 0"
    OBJECTIVE = "objective", "Objective"
    SHARE = "share", "Share of a pool"
    PRIZE = "prize", "Prize"


@pgtrigger.register(*written_while_calculating(OF_STATEMENT))
class PayLine(models.Model):
    """One computed amount: for which credit, in which tier, at which rate. `month` is the month it belongs
    to, earlier than the run's for a delta. `amount`: of the measure, in the component's unit. `counted`: of a
    line without a credit, those that made it."""

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="lines")
    part = models.ForeignKey(StatementPart, models.CASCADE, related_name="lines")
    month = MonthField()
    kind = models.CharField(max_length=12, choices=LineKind.choices)
    credit = models.ForeignKey(Credit, models.PROTECT, null=True, related_name="pay_lines")
    deal = models.ForeignKey(Deal, models.PROTECT, null=True, related_name="pay_lines")
    objective = models.CharField(max_length=60, blank=True, default="")
    tier = models.SmallIntegerField(null=True, help_text="From 1.")
    amount = MoneyField(default=0)
    rate = RateField(default=0)
    pay = MoneyField()
    is_delta = models.BooleanField(default=False)
    counted = models.ForeignKey(
        "CountedCredits", models.PROTECT, null=True, related_name="lines", db_index=False
    )

    class Meta:
        ordering = ["part", "month", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="pay_line_kind_is_known")
        ]

    def __str__(self) -> str:
        return f"Line {self.pk}"


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


@pgtrigger.register(*written_while_calculating(OF_STATEMENT))
class StatementAdjustment(models.Model):
    """An adjustment on a statement."""

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="adjustment_rows")
    adjustment = models.ForeignKey(Adjustment, models.PROTECT, related_name="statement_rows")
    amount = MoneyField()

    class Meta:
        ordering = ["statement", "adjustment"]

    def __str__(self) -> str:
        return f"Adjustment {self.adjustment_id} on {self.statement_id}"


@pgtrigger.register(*written_while_calculating(OF_STATEMENT))
class HeldPay(models.Model):
    """Pay that a hold keeps back (amount above 0) or lets go again (below 0)."""

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="held_rows")
    hold = models.ForeignKey(CreditHold, models.PROTECT, related_name="held_rows")
    deal = models.ForeignKey(Deal, models.PROTECT, null=True, related_name="+")
    amount = MoneyField()

    class Meta:
        ordering = ["statement", "hold"]

    def __str__(self) -> str:
        return f"Hold {self.hold_id} on {self.statement_id}"


def closed_runs() -> Any:
    """The condition of runs that are locked or paid."""
    return Q(state__in=CLOSED)
