"""Leads: who might buy, who looks after them by when, and what became of it."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from catalog.models import Market, Named
from core.fields import MoneyField, MonthField, is_first_of_month
from core.models import Person, Revised
from crm.models.accounts import Account, Rep
from crm.models.deals import Deal


@pghistory.track()
class LeadSource(Named):
    """Where leads come from: a fair, a campaign, the web site."""

    is_active = models.BooleanField(default=True)
    takes_form = models.BooleanField(default=False, help_text="Its public form is open to everybody.")

    class Meta(Named.Meta):
        pass


@pghistory.track()
class LeadCost(Revised):
    """What a source cost in a month, base currency."""

    source = models.ForeignKey(LeadSource, models.CASCADE, related_name="costs")
    month = MonthField()
    amount = MoneyField()

    class Meta:
        ordering = ["source", "month"]
        constraints = [
            models.UniqueConstraint(fields=["source", "month"], name="lead_cost_once_a_month"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="lead_cost_is_not_negative"),
            is_first_of_month("lead_cost"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.month:%b %Y}"


class LeadState(models.TextChoices):
    """How far a lead is; crm/engine/lead_moves.py says how it gets from one to the next."""

    NEW = "new", "New"
    WORKING = "working", "Being worked on"
    QUALIFIED = "qualified", "Qualified"
    CONVERTED = "converted", "Became a deal"
    DISQUALIFIED = "disqualified", "Disqualified"


class Lead(Revised):
    """Somebody who may buy. Kept to what is needed to call them. Its history is LeadStep and the events.

    `system` and `external_id` are its identity where it comes from: a CRM, a file; "here" is
    sopcycle itself. `written` keeps, per field, when a CRM wrote it last, as with deals.
    """

    source = models.ForeignKey(LeadSource, models.PROTECT, related_name="leads")
    system = models.CharField(max_length=60, default="here")
    external_id = models.CharField(max_length=200, blank=True, default="")
    company = models.CharField(max_length=200, blank=True, default="")
    name = models.CharField(max_length=120, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    country = models.CharField(max_length=80, blank=True, default="")
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="leads")
    employees = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField(blank=True, default="")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="leads")
    owner = models.ForeignKey(Rep, models.PROTECT, null=True, blank=True, related_name="leads")
    state = models.CharField(max_length=12, choices=LeadState.choices, default=LeadState.NEW)
    disqualified_because = models.CharField(max_length=200, blank=True, default="")
    deal = models.ForeignKey(Deal, models.SET_NULL, null=True, blank=True, related_name="leads")
    rule = models.ForeignKey(
        "RoutingRule", models.SET_NULL, null=True, blank=True, related_name="leads", help_text="That gave it."
    )
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="duplicates")
    arrived = models.DateTimeField()
    assigned = models.DateTimeField(null=True, blank=True)
    due = models.DateTimeField(null=True, blank=True, help_text="Answer by then, counted in working hours.")
    answered = models.DateTimeField(null=True, blank=True)
    converted = models.DateTimeField(null=True, blank=True)
    breaches = models.PositiveSmallIntegerField(default=0)
    response_hours = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, help_text="Working hours until the answer."
    )
    keys = ArrayField(
        models.CharField(max_length=340),
        default=list,
        editable=False,
        help_text="E-mail, phone, company and name, normalised: leads that share one look alike.",
    )
    is_deleted = models.BooleanField(default=False, help_text="Deleted in its CRM: kept, but not shown.")
    written = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ["-arrived", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "external_id"], condition=~Q(external_id=""), name="lead_once_in_its_system"
            ),
            models.CheckConstraint(condition=Q(state__in=LeadState.values), name="lead_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="disqualified") | ~Q(disqualified_because=""),
                name="lead_is_disqualified_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(email="") | ~Q(phone="") | ~Q(company=""), name="lead_can_be_reached"
            ),
        ]
        indexes = [
            models.Index(fields=["due"], condition=Q(state="new"), name="lead_waiting"),
            models.Index(fields=["owner", "state"], name="lead_by_owner"),
            models.Index(fields=["email"], name="lead_by_email"),
            models.Index(fields=["arrived"], name="lead_by_arrival"),
            GinIndex(fields=["keys"], name="lead_by_keys"),
        ]

    def __str__(self) -> str:
        return self.company or self.name or self.email


class LeadStepKind(models.TextChoices):
    """What happened to a lead, for its history."""

    ARRIVED = "arrived", "Arrived"
    ROUTED = "routed", "Given by a rule"
    CLAIMED = "claimed", "Claimed"
    GIVEN = "given", "Given by hand"
    BREACHED = "breached", "Not answered in time"
    CHASED = "chased", "Asked again"
    ANSWERED = "answered", "Answered"
    QUALIFIED = "qualified", "Qualified"
    DISQUALIFIED = "disqualified", "Disqualified"
    CONVERTED = "converted", "Became a deal"
    MERGED = "merged", "Merged"
    SEPARATED = "separated", "Separated"
    REOPENED = "reopened", "Taken up again"


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class LeadStep(models.Model):
    """What happened to a lead, when, to whom it went and why."""

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=LeadStepKind.choices)
    at = models.DateTimeField()
    rep = models.ForeignKey(Rep, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    text = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["lead", "at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LeadStepKind.values), name="lead_step_kind_is_known")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at:%d %b %Y}"


@pghistory.track()
class RoutingRule(Revised):
    """Who gets a lead: the first rule that fits, in order; its reps take turns by capacity."""

    position = models.PositiveSmallIntegerField(unique=True)
    name = models.CharField(max_length=120)
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.ForeignKey(LeadSource, models.PROTECT, null=True, blank=True, related_name="+")
    country = models.CharField(max_length=80, blank=True, default="")
    least_employees = models.PositiveIntegerField(null=True, blank=True)
    hours = models.PositiveSmallIntegerField(default=4, help_text="Working hours until the first answer.")
    is_fallback = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_fallback"], condition=Q(is_fallback=True), name="routing_rule_one_fallback"
            ),
            models.CheckConstraint(condition=Q(hours__gte=1), name="routing_rule_gives_time"),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class RoutingSeat(Revised):
    """A rep who takes turns in a rule: how many open leads at once, and when the last one came."""

    rule = models.ForeignKey(RoutingRule, models.CASCADE, related_name="seats")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="seats")
    capacity = models.PositiveSmallIntegerField(default=20)
    last_given = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["rule", "rep"]
        constraints = [models.UniqueConstraint(fields=["rule", "rep"], name="routing_seat_once")]

    def __str__(self) -> str:
        return f"{self.rep}, {self.rule}"


@pghistory.track()
class Absence(Revised):
    """Days on which a rep gets no leads."""

    rep = models.ForeignKey(Rep, models.CASCADE, related_name="absences")
    days = DateRangeField()
    reason = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ["rep", "days"]

    def __str__(self) -> str:
        return f"{self.rep} {self.days}"


@pghistory.track()
class LeadAgreement(Revised):
    """What marketing promises and sales answers, by month: leads delivered, worked in time."""

    month = MonthField(unique=True)
    promised = models.PositiveIntegerField(help_text="Qualified leads that marketing delivers.")
    in_time_percent = models.PositiveSmallIntegerField(help_text="Share that sales answers in time.")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-month"]
        constraints = [
            is_first_of_month("lead_agreement"),
            models.CheckConstraint(condition=Q(in_time_percent__lte=100), name="lead_agreement_percent"),
        ]

    def __str__(self) -> str:
        return f"Agreement of {self.month:%b %Y}"
