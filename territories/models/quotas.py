"""Quotas: what reps and territories must sell in a fiscal year, month by month.

A QuotaPlan takes a target down the tree of a territory model: a Quota for every territory, and below the
territories without others a Quota for every rep (territory and rep both set). Imported plans may have
quotas of reps without a territory. `amount` counts; `top_down` and `bottom_up` are what came from above and
what people proposed. A plan changes only as a draft. A later version supersedes an approved one: it keeps
the months before `from_month` as they were, so the newest approved version tells the whole year.
"""

from decimal import Decimal

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.fields import MoneyField, MonthField, RateField, is_first_of_month
from core.models import Person, Revised
from crm.models import Rep
from territories.engine.quotas.moves import QUOTA_MOVES
from territories.models.territories import Territory, TerritoryModel


class QuotaMeasure(models.TextChoices):
    """What a quota counts."""

    BOOKINGS = "bookings", "Bookings"
    SALES = "sales", "Sales revenue"


class QuotaState(models.TextChoices):
    """How far a quota plan is; territories/workflow/quotas.py says how it gets on."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    APPROVED = "approved", "Approved"
    SUPERSEDED = "superseded", "Superseded"


class TargetSource(models.TextChoices):
    """Where the company's target came from."""

    PLAN = "plan", "Released plan"
    HAND = "hand", "Typed by hand"


class Seasonality(models.TextChoices):
    """How a year is spread over its months."""

    HISTORY = "history", "Like the last years"
    EVEN = "even", "The same every month"
    GIVEN = "given", "Given shares"


def percent(**options: object) -> models.DecimalField:
    """A field for a percent with three places."""
    return models.DecimalField(max_digits=7, decimal_places=3, **options)  # type: ignore[arg-type]


SIGNED = "ARRAY['state', 'revision', 'submitted_by_id', 'submitted', 'approved_by_id', 'approved']"
PLAN_STAYS = f"""
    IF to_jsonb(NEW.*) - {SIGNED} IS DISTINCT FROM to_jsonb(OLD.*) - {SIGNED} THEN
        RAISE EXCEPTION 'A quota plan changes only as a draft; make a new version of it'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""
MOVED = "ARRAY['state', 'revision']"
SIGNATURES_STAY = f"""
    OLD.state IN ('approved', 'superseded')
    AND to_jsonb(OLD.*) - {MOVED} IS DISTINCT FROM to_jsonb(NEW.*) - {MOVED}
"""


@pghistory.track()
@pgtrigger.register(
    pgtrigger.FSM(name="only_moves_of_the_table", field="state", transitions=list(QUOTA_MOVES.transitions)),
    pgtrigger.Trigger(
        name="changes_only_as_a_draft",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=~pgtrigger.Q(old__state="draft"),
        func=PLAN_STAYS,
    ),
    pgtrigger.Protect(
        name="signatures_stay",
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(SIGNATURES_STAY),
    ),
    pgtrigger.Protect(
        name="only_drafts_are_deleted", operation=pgtrigger.Delete, condition=~pgtrigger.Q(old__state="draft")
    ),
)
class QuotaPlan(Revised):
    """How the target of one fiscal year goes down to reps. Amounts are in base currency.

    `target_parts`: a row for each month, {month, amount, kind (sales | release | hand), label, key,
    fingerprint}. `weights` of the methods are percent; `hedges` percent by level, the first for what the
    target's children get above it. `step`: amounts are multiples of it. `ramp`: percent of a full quota in
    the months since a rep started. `notes`: what the last allocation had to say.
    """

    name = models.CharField(max_length=120)
    first_month = MonthField(help_text="The first month of the fiscal year.")
    version = models.PositiveSmallIntegerField(default=1)
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    from_month = MonthField(
        help_text="From this month on; the months before are those of the version before."
    )
    model = models.ForeignKey(
        TerritoryModel, models.PROTECT, null=True, blank=True, related_name="quota_plans"
    )
    measure = models.CharField(max_length=8, choices=QuotaMeasure.choices, default=QuotaMeasure.BOOKINGS)
    state = models.CharField(max_length=10, choices=QuotaState.choices, default=QuotaState.DRAFT)
    target = MoneyField(help_text="Of the whole year, in base currency.")
    target_source = models.CharField(max_length=4, choices=TargetSource.choices)
    target_reason = models.CharField(max_length=500, blank=True, default="")
    target_parts = models.JSONField(default=list, blank=True)
    weight_history = percent(default=Decimal(50))
    weight_potential = percent(default=Decimal(30))
    weight_pipeline = percent(default=Decimal(20))
    weight_even = percent(default=Decimal(0))
    hedges = ArrayField(percent(), default=list, blank=True, size=12)
    floor_percent = percent(null=True, blank=True, help_text="Least change against last year.")
    ceiling_percent = percent(null=True, blank=True, help_text="Most change against last year.")
    seasonality = models.CharField(max_length=7, choices=Seasonality.choices, default=Seasonality.HISTORY)
    season_weights = ArrayField(percent(), default=list, blank=True, size=12)
    step = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal(1))
    ramp = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, size=24)
    spread_relief = models.BooleanField(default=False, help_text="Others take over what ramp relieves.")
    leave_days = models.PositiveSmallIntegerField(
        default=20, help_text="An absence of at least so many days lowers the quota."
    )
    notes = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="quota_plans")
    submitted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    submitted = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    approved = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-first_month", "measure", "-version"]
        constraints = [
            is_first_of_month("quota_plan", "first_month"),
            is_first_of_month("quota_plan", "from_month"),
            models.CheckConstraint(
                condition=Q(from_month__gte=F("first_month")), name="quota_plan_begins_in_its_year"
            ),
            models.UniqueConstraint(
                fields=["first_month", "measure", "version"], name="quota_plan_version_once"
            ),
            models.UniqueConstraint(
                fields=["first_month", "measure"],
                condition=Q(state="approved"),
                name="quota_plan_one_approved",
                violation_error_message="Another version is approved for this year.",
            ),
            models.UniqueConstraint(
                fields=["first_month", "measure"],
                condition=Q(state__in=["draft", "submitted"]),
                name="quota_plan_one_open",
                violation_error_message="This year has an open plan already. Change that one.",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(submitted_by=None) | ~Q(approved_by=F("submitted_by")),
                name="quota_plan_is_not_approved_by_its_submitter",
                violation_error_message="Nobody approves the own quotas. Ask a colleague.",
            ),
            models.CheckConstraint(condition=Q(target__gte=0), name="quota_plan_target_is_not_negative"),
            models.CheckConstraint(
                condition=~Q(target_source="hand") | ~Q(target_reason=""),
                name="quota_plan_typed_target_has_a_reason",
                violation_error_message="Say why this target is typed by hand.",
            ),
            models.CheckConstraint(
                condition=Q(
                    weight_history__gte=0, weight_potential__gte=0, weight_pipeline__gte=0, weight_even__gte=0
                )
                & ~Q(weight_history=0, weight_potential=0, weight_pipeline=0, weight_even=0),
                name="quota_plan_weights_are_shares",
                violation_error_message="Weights are 0 or more, and at least one is above 0.",
            ),
            models.CheckConstraint(
                condition=Q(floor_percent=None)
                | Q(ceiling_percent=None)
                | Q(floor_percent__lte=F("ceiling_percent")),
                name="quota_plan_floor_is_below_ceiling",
                violation_error_message="The floor is not above the ceiling.",
            ),
            models.CheckConstraint(
                condition=Q(floor_percent=None) | Q(floor_percent__gte=-100),
                name="quota_plan_floor_is_a_change",
                violation_error_message="Nothing falls by more than 100 %.",
            ),
            models.CheckConstraint(
                condition=Q(step__gt=0),
                name="quota_plan_step_is_positive",
                violation_error_message="The rounding step is above 0, such as 0.01, 1 or 100.",
            ),
            models.CheckConstraint(
                condition=Q(measure__in=QuotaMeasure.values), name="quota_plan_measure_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=QuotaState.values), name="quota_plan_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(target_source__in=TargetSource.values), name="quota_plan_source_is_known"
            ),
            models.CheckConstraint(
                condition=Q(seasonality__in=Seasonality.values), name="quota_plan_season_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


ONLY_IN_DRAFTS = """
    IF EXISTS (
        SELECT 1 FROM territories_quotaplan p
        WHERE p.id = COALESCE(NEW.plan_id, OLD.plan_id) AND p.state <> 'draft'
    ) THEN
        RAISE EXCEPTION 'Quotas change only while their plan is a draft' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
MONTHS_ONLY_IN_DRAFTS = """
    IF EXISTS (
        SELECT 1 FROM territories_quota q JOIN territories_quotaplan p ON p.id = q.plan_id
        WHERE q.id = COALESCE(NEW.quota_id, OLD.quota_id) AND p.state <> 'draft'
    ) THEN
        RAISE EXCEPTION 'Quotas change only while their plan is a draft' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
ADDS_UP = """
    IF EXISTS (
        SELECT 1 FROM territories_quota q WHERE q.id = COALESCE({key})
        AND q.amount <> (
            SELECT COALESCE(SUM(m.amount), 0) FROM territories_quotamonth m WHERE m.quota_id = q.id
        )
    ) THEN
        RAISE EXCEPTION 'The months of a quota add up to it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""
EVERY_WRITE = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete


def adds_up(key: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    """At the end of a transaction: months and quota agree to the last digit."""
    return pgtrigger.Trigger(
        name="months_add_up",
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        operation=operation,
        func=ADDS_UP.replace("{key}", key),
    )


@pghistory.track()
@pgtrigger.register(
    pgtrigger.Trigger(
        name="only_in_drafts", when=pgtrigger.Before, operation=EVERY_WRITE, func=ONLY_IN_DRAFTS
    ),
    adds_up("NEW.id", pgtrigger.Insert | pgtrigger.Update),
)
class Quota(Revised):
    """What a territory, or a rep in a territory, must sell in the plan's year. Base currency.

    `share` is of what the parent gives down. `uncovered` (of a territory): months and days without a rep.
    `relief`: what ramp and leave take off a full quota. `made`: how it came about, line by line, each
    {label, value, unit, note}. `difference_reason`: why the amount is not the one from above.
    """

    plan = models.ForeignKey(QuotaPlan, models.CASCADE, related_name="quotas")
    territory = models.ForeignKey(Territory, models.PROTECT, null=True, blank=True, related_name="quotas")
    rep = models.ForeignKey(Rep, models.PROTECT, null=True, blank=True, related_name="quotas")
    top_down = MoneyField(default=0)
    bottom_up = MoneyField(null=True, blank=True)
    bottom_up_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    bottom_up_note = models.CharField(max_length=500, blank=True, default="")
    amount = MoneyField(default=0)
    difference_reason = models.CharField(max_length=500, blank=True, default="")
    last_year = MoneyField(null=True, blank=True)
    share = RateField(null=True, blank=True)
    uncovered = MoneyField(default=0)
    relief = MoneyField(default=0)
    made = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["plan", "territory__code", "rep__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "territory", "rep"],
                name="quota_once",
                nulls_distinct=False,
                violation_error_message="The plan has a quota for this already.",
            ),
            models.CheckConstraint(
                condition=Q(territory__isnull=False) | Q(rep__isnull=False), name="quota_is_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0) & (Q(bottom_up=None) | Q(bottom_up__gte=0)),
                name="quota_is_not_negative",
                violation_error_message="A quota is 0 or more.",
            ),
        ]
        indexes = [models.Index(fields=["rep", "plan"], name="quota_by_rep")]

    def __str__(self) -> str:
        of = self.rep if self.rep_id else self.territory
        return f"Quota of {of}"


@pgtrigger.register(
    pgtrigger.Trigger(
        name="only_in_drafts", when=pgtrigger.Before, operation=EVERY_WRITE, func=MONTHS_ONLY_IN_DRAFTS
    ),
    adds_up("NEW.quota_id, OLD.quota_id", EVERY_WRITE),
)
class QuotaMonth(models.Model):
    """A quota's part of one month: they add up to the quota exactly (deferred trigger)."""

    quota = models.ForeignKey(Quota, models.CASCADE, related_name="months")
    month = MonthField()
    amount = MoneyField()

    class Meta:
        ordering = ["quota", "month"]
        constraints = [
            models.UniqueConstraint(fields=["quota", "month"], name="quota_month_once"),
            is_first_of_month("quota_month"),
        ]
        indexes = [models.Index(fields=["month", "quota"], name="quota_month_by_month")]

    def __str__(self) -> str:
        return f"{self.quota_id} {self.month:%b %Y}"
