"""Statements: what a run pays to whom, with the parts and lines that add up to it, written once with the run.

Late changes of closed months come as lines of the open month with `is_delta`: what the earlier month would be
today, less what was paid for it.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from catalog.models import Currency
from compensation.models.credits import Credit, CreditHold
from compensation.models.plans import PlanVersion
from compensation.models.runs import Adjustment, PayRun, written_while_calculating
from core.fields import MoneyField, MonthField, RateField
from crm.models import Deal, Rep

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
