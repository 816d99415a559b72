"""Pay plans: what people earn for what, for whom and on which days.

A PayPlan lives for years; its PlanVersions hold the terms (the mapping that docs/compensation.md names
and compensation.engine.plan_reading reads) and, once approved, the days on which they are in force.
PlanAssignment says whose pay follows it: everybody in a PayRole, and single reps with own terms.
"""

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from catalog.models import NEVER_DELETED, Named
from compensation.engine.moves import VERSION_MOVES
from core.fields import MoneyField, MonthField, is_first_of_month
from core.models import Person, Revised
from crm.models import Rep

DAYS = "From the first day, up to but not including the last."


class VersionState(models.TextChoices):
    """How far a plan's version is; compensation/workflow/versions.py says how it gets on."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    APPROVED = "approved", "Approved"
    WITHDRAWN = "withdrawn", "Withdrawn"


@pghistory.track()
@pgtrigger.register(NEVER_DELETED)
class PayRole(Named):
    """What somebody is hired as, such as account executive: plans are made for roles."""

    is_active = models.BooleanField(default=True)

    class Meta(Named.Meta):
        pass


@pghistory.track()
class Position(Revised):
    """The days on which a rep has a role, with the yearly pay of the contract."""

    rep = models.ForeignKey(Rep, models.PROTECT, related_name="positions")
    role = models.ForeignKey(PayRole, models.PROTECT, related_name="positions")
    days = DateRangeField(help_text=DAYS)
    base_salary = MoneyField(null=True, blank=True, help_text="A year's fixed pay, in the plan's currency.")
    target_incentive = MoneyField(
        null=True, blank=True, help_text="A year's variable pay at 100 %; the plan's own without it."
    )

    class Meta:
        ordering = ["rep", "days"]
        constraints = [
            ExclusionConstraint(
                name="position_one_role_a_day",
                expressions=[("rep", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
                violation_error_message="The rep has a role on some of these days already. End that first.",
            ),
            models.CheckConstraint(condition=Q(days__isempty=False), name="position_has_days"),
            models.CheckConstraint(
                condition=(Q(base_salary=None) | Q(base_salary__gte=0))
                & (Q(target_incentive=None) | Q(target_incentive__gte=0)),
                name="position_pay_is_not_negative",
                violation_error_message="Pay is 0 or more.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rep}, {self.role}"


@pghistory.track()
@pgtrigger.register(NEVER_DELETED)
class PayPlan(Named):
    """A plan with a name that people know, in its versions."""

    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="pay_plans")
    is_active = models.BooleanField(default=True)

    class Meta(Named.Meta):
        pass


TERMS_STAY = (
    "ARRAY['state', 'revision', 'days', 'submitted_by_id', 'submitted', 'approved_by_id', 'approved']"
)
VERSION_STAYS = f"""
    IF to_jsonb(NEW.*) - {TERMS_STAY} IS DISTINCT FROM to_jsonb(OLD.*) - {TERMS_STAY} THEN
        RAISE EXCEPTION 'A plan changes only as a draft; make a new version of it'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


@pghistory.track()
@pgtrigger.register(
    pgtrigger.FSM(name="only_moves_of_the_table", field="state", transitions=list(VERSION_MOVES.transitions)),
    pgtrigger.Trigger(
        name="changes_only_as_a_draft",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=~pgtrigger.Q(old__state="draft"),
        func=VERSION_STAYS,
    ),
    pgtrigger.Protect(
        name="only_drafts_are_deleted", operation=pgtrigger.Delete, condition=~pgtrigger.Q(old__state="draft")
    ),
)
class PlanVersion(Revised):
    """The terms of a plan from a month on, until the next approved version begins.

    `terms`: the mapping of a YAML plan. `intro`: what the plan wants, in plain words, for the goals document.
    `days` are set when it is approved, and cut when a later version begins.
    """

    plan = models.ForeignKey(PayPlan, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(default=1)
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    starts = MonthField(help_text="The first month that is paid by these terms.")
    terms = models.JSONField()
    intro = models.TextField(blank=True, default="")
    state = models.CharField(max_length=9, choices=VersionState.choices, default=VersionState.DRAFT)
    days = DateRangeField(null=True, blank=True, help_text=DAYS)
    submitted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    submitted = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    approved = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once"),
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(state__in=["draft", "submitted"]),
                name="plan_version_one_open",
                violation_error_message="This plan has an open version already. Change that one.",
            ),
            is_first_of_month("plan_version", "starts"),
            ExclusionConstraint(
                name="plan_version_one_in_force",
                expressions=[("plan", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
                violation_error_message="Another version of the plan is in force on some of these days.",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(submitted_by=None) | ~Q(approved_by=F("submitted_by")),
                name="plan_version_is_not_approved_by_its_submitter",
                violation_error_message="Nobody approves the own plan. Ask a colleague.",
            ),
            models.CheckConstraint(
                condition=Q(days=None) | Q(state="approved"), name="plan_version_in_force_is_approved"
            ),
            models.CheckConstraint(
                condition=Q(state__in=VersionState.values), name="plan_version_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.name}, version {self.number}"


@pghistory.track()
class PlanAssignment(Revised):
    """Whose pay follows a plan on which days: a role, or a rep.

    A rep's own row wins over that of the role: with another target incentive, with `changes` (a mapping laid
    over the terms), or with `is_off` for somebody who is not on the plan.
    """

    plan = models.ForeignKey(PayPlan, models.PROTECT, related_name="assignments")
    role = models.ForeignKey(PayRole, models.PROTECT, null=True, blank=True, related_name="plan_assignments")
    rep = models.ForeignKey(Rep, models.PROTECT, null=True, blank=True, related_name="plan_assignments")
    days = DateRangeField(help_text=DAYS)
    target_incentive = MoneyField(null=True, blank=True)
    changes = models.JSONField(default=dict, blank=True)
    is_off = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["plan", "role", "rep", "days"]
        constraints = [
            ExclusionConstraint(
                name="plan_assignment_once_a_day",
                expressions=[
                    ("plan", RangeOperators.EQUAL),
                    (Func(F("role"), Value(0), function="COALESCE"), RangeOperators.EQUAL),
                    (Func(F("rep"), Value(0), function="COALESCE"), RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
                violation_error_message="This role or rep is on the plan on some of these days already. "
                "Change that row.",
            ),
            models.CheckConstraint(
                condition=Q(role=None, rep__isnull=False) | Q(role__isnull=False, rep=None),
                name="plan_assignment_is_of_a_role_or_a_rep",
                violation_error_message="Choose either a role or a rep.",
            ),
            models.CheckConstraint(condition=Q(days__isempty=False), name="plan_assignment_has_days"),
            models.CheckConstraint(
                condition=Q(rep__isnull=False) | Q(is_off=False, target_incentive=None, changes={}),
                name="plan_assignment_own_terms_are_of_a_rep",
                violation_error_message="Terms of one's own belong to a rep, not to a role.",
            ),
            models.CheckConstraint(
                condition=Q(is_off=False, target_incentive=None, changes={}) | ~Q(reason=""),
                name="plan_assignment_own_terms_have_a_reason",
                violation_error_message="Say why this rep has other terms.",
            ),
            models.CheckConstraint(
                condition=Q(target_incentive=None) | Q(target_incentive__gte=0),
                name="plan_assignment_target_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}: {self.role or self.rep}"


@pgtrigger.register(pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete))
class PlanAcceptance(models.Model):
    """A rep read the goals document and signed it by typing the own name. `document` is what was read, as
    it was shown; `document_hash` its SHA-256."""

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="acceptances")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="plan_acceptances")
    accepted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    accepted = models.DateTimeField(auto_now_add=True)
    typed_name = models.CharField(max_length=200)
    document = models.JSONField()
    document_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-accepted"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "rep", "document_hash"], name="plan_acceptance_once_a_document"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rep_id} accepted {self.version_id}"


@pghistory.track()
class PlanQuota(Revised):
    """A quota for pay that no quota plan gives: of a rep, for all components of a plan or for one, for a
    year, half, quarter or month (`months` from `first_month`)."""

    plan = models.ForeignKey(PayPlan, models.PROTECT, related_name="quotas")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="plan_quotas")
    component = models.CharField(max_length=60, blank=True, default="", help_text="Empty for all.")
    first_month = MonthField()
    months = models.PositiveSmallIntegerField(default=12)
    amount = MoneyField(help_text="In the plan's currency, or units.")
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["plan", "rep", "first_month", "component"]
        constraints = [
            is_first_of_month("plan_quota", "first_month"),
            models.UniqueConstraint(
                fields=["plan", "rep", "component", "first_month", "months"],
                name="plan_quota_once",
                violation_error_message="There is a quota for this time already. Change that one.",
            ),
            models.CheckConstraint(
                condition=Q(months__in=[1, 3, 6, 12]),
                name="plan_quota_is_of_a_period",
                violation_error_message="A quota is for 1, 3, 6 or 12 months.",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="plan_quota_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.rep_id}, {self.first_month:%b %Y}"


@pghistory.track()
class ObjectiveScore(Revised):
    """How far a rep reached an objective of a scorecard in a period, by its last month: 1 is 100 %."""

    plan = models.ForeignKey(PayPlan, models.PROTECT, related_name="scores")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="scores")
    component = models.CharField(max_length=60)
    objective = models.CharField(max_length=60)
    month = MonthField(help_text="The last month of the period.")
    achieved = models.DecimalField(max_digits=9, decimal_places=6, help_text="1 for 100 %.")
    scored_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["plan", "rep", "-month", "component", "objective"]
        constraints = [
            is_first_of_month("objective_score"),
            models.UniqueConstraint(
                fields=["plan", "rep", "component", "objective", "month"],
                name="objective_score_once",
                violation_error_message="This objective has a score for this month already. Change that one.",
            ),
            models.CheckConstraint(
                condition=Q(achieved__gte=0),
                name="objective_score_is_not_negative",
                violation_error_message="A score is 0 % or more.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rep_id}: {self.objective}"
