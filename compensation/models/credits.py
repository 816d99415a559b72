"""Credits: what counts for whom. They are apart from deals, so that one deal may count for several people.

CreditRule, DealSplit and Cancellation are what people decide; Credit is what follows from them and from the
CRM's deals, invoices and sales lines, made anew by a CreditRun. A credit that no longer follows is not
deleted but left out (`is_gone`), since pay of earlier runs points at it.
"""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import F, Q

from catalog.models import NEVER_DELETED, Family, Market, Product
from compensation.models.plans import DAYS, PayRole
from core.fields import MoneyField, QuantityField, RateField
from core.models import Job, Person, Revised
from crm.models import Account, Deal, OrderPaper, Rep
from territories.models import CoverageRole, Territory


class Basis(models.TextChoices):
    """Which event counts."""

    BOOKINGS = "bookings", "Won deals"
    INVOICED = "invoiced", "Invoices"
    CASH = "cash", "Paid invoices"
    SALES = "sales", "Sales lines"


class CreditKind(models.TextChoices):
    """Why somebody is credited."""

    DIRECT = "direct", "Direct"
    SPLIT = "split", "Split"
    OVERLAY = "overlay", "Overlay"
    ROLL_UP = "roll_up", "Roll-up to managers"
    TEAM = "team", "Team"


class Getter(models.TextChoices):
    """Who gets the credit of a rule."""

    DEAL_REP = "deal_rep", "The deal's rep"
    COVERAGE = "coverage", "Who covers the account on that day, in a role"
    REP = "rep", "A named rep"
    MANAGER = "manager", "Managers above those who are credited"
    TEAM = "team", "Everybody in the team of those who are credited"


@pghistory.track()
class CreditRule(Revised):
    """Who gets which share of what, on which days. Rules of kind direct are tried by position: the first that
    fits and finds somebody gives the direct credit. Rules of other kinds all add to it.

    Empty conditions (market, family, pipelines, pay_role) fit everything; a market or family fits all
    below it.
    """

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=7, choices=CreditKind.choices)
    position = models.PositiveSmallIntegerField(default=10)
    days = DateRangeField(help_text=DAYS)
    getter = models.CharField(max_length=8, choices=Getter.choices)
    coverage_role = models.ForeignKey(
        CoverageRole, models.PROTECT, null=True, blank=True, related_name="credit_rules"
    )
    rep = models.ForeignKey(Rep, models.PROTECT, null=True, blank=True, related_name="credit_rules")
    levels = models.PositiveSmallIntegerField(default=1, help_text="How many managers above.")
    percent = models.DecimalField(max_digits=9, decimal_places=6, default=100)
    bases = ArrayField(
        models.CharField(max_length=8, choices=Basis.choices), default=list, blank=True, size=4
    )
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="+")
    family = models.ForeignKey(Family, models.PROTECT, null=True, blank=True, related_name="+")
    pipelines = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    pay_role = models.ForeignKey(
        PayRole,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_rules",
        help_text="Of who gets it.",
    )
    is_active = models.BooleanField(default=True)
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["kind", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="credit_rule_name_once"),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=1000),
                name="credit_rule_percent_is_positive",
                violation_error_message="A share of credit is above 0 %.",
            ),
            models.CheckConstraint(condition=Q(days__isempty=False), name="credit_rule_has_days"),
            models.CheckConstraint(
                condition=~Q(getter="coverage") | Q(coverage_role__isnull=False),
                name="credit_rule_coverage_has_a_role",
                violation_error_message="Choose the role of coverage.",
            ),
            models.CheckConstraint(
                condition=~Q(getter="rep") | Q(rep__isnull=False),
                name="credit_rule_rep_is_named",
                violation_error_message="Choose the rep.",
            ),
            models.CheckConstraint(
                condition=Q(kind="roll_up", getter="manager")
                | Q(kind="team", getter="team")
                | (Q(kind__in=["direct", "overlay"]) & Q(getter__in=["deal_rep", "coverage", "rep"])),
                name="credit_rule_kind_fits_who_gets_it",
                violation_error_message="Roll-up goes to managers, team credit to teams, the rest to reps.",
            ),
            models.CheckConstraint(condition=Q(levels__gte=1, levels__lte=9), name="credit_rule_levels"),
        ]

    def __str__(self) -> str:
        return self.name


SPLITS_ADD_UP = """
    IF EXISTS (
        SELECT 1 FROM compensation_dealsplit s
        WHERE s.deal_id = COALESCE(NEW.deal_id, OLD.deal_id) HAVING COUNT(*) > 0 AND SUM(s.percent) <> 100
    ) THEN
        RAISE EXCEPTION 'The shares of a deal add up to 100 percent' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


@pghistory.track()
@pgtrigger.register(
    pgtrigger.Trigger(
        name="shares_add_up",
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=SPLITS_ADD_UP,
    )
)
class DealSplit(Revised):
    """A deal's direct credit, shared by hand: the shares of a deal add up to 100 % exactly."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="splits")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="deal_splits")
    percent = models.DecimalField(max_digits=9, decimal_places=6)
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["deal", "-percent", "rep"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "rep"],
                name="deal_split_once",
                violation_error_message="This rep has a share of the deal already.",
            ),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100),
                name="deal_split_is_a_share",
                violation_error_message="A share is above 0 % and at most 100 %.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.rep_id}"


class CancellationKind(models.TextChoices):
    """Why a deal takes credits back."""

    CANCELLED = "cancelled", "Cancelled"
    RETURNED = "returned", "Returned"
    UNPAID = "unpaid", "Never paid"


@pghistory.track()
class Cancellation(Revised):
    """A won deal, or a part of it, that came to nothing: negative credits on that day."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="cancellations")
    kind = models.CharField(max_length=9, choices=CancellationKind.choices)
    day = models.DateField()
    percent = models.DecimalField(max_digits=9, decimal_places=6, default=100, help_text="Of the deal.")
    reason = models.CharField(max_length=500)
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "day", "kind"],
                name="cancellation_once_a_day",
                violation_error_message="This deal was cancelled on that day already. Change that entry.",
            ),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100),
                name="cancellation_is_a_share",
                violation_error_message="A share is above 0 % and at most 100 %.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=CancellationKind.values), name="cancellation_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.deal_id}"


@pghistory.track()
class CreditHold(Revised):
    """Pay that waits: of a deal (its own lines, and its share of pay for a whole period), of a rep, or both,
    whole or a percentage, until it is released. What is held is calculated and shown, but not paid out."""

    deal = models.ForeignKey(Deal, models.PROTECT, null=True, blank=True, related_name="holds")
    rep = models.ForeignKey(Rep, models.PROTECT, null=True, blank=True, related_name="holds")
    component = models.CharField(max_length=60, blank=True, default="", help_text="Empty for all.")
    percent = models.DecimalField(max_digits=9, decimal_places=6, default=100)
    since = models.DateField()
    reason = models.CharField(max_length=500)
    held_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    released = models.DateField(null=True, blank=True, help_text="Paid with the month of this day.")
    released_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    release_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deal__isnull=False) | Q(rep__isnull=False),
                name="credit_hold_is_about_something",
                violation_error_message="Choose a deal, a rep, or both.",
            ),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100), name="credit_hold_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(released=None) | Q(released__gte=F("since")),
                name="credit_hold_is_released_later",
                violation_error_message="A hold is released on its first day or later.",
            ),
        ]

    def __str__(self) -> str:
        return f"Hold {self.pk}"


class CreditRun(models.Model):
    """One making of credits: what came, changed and went. `fingerprint`: of everything it was made from."""

    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    made = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    fingerprint = models.CharField(max_length=64)
    came = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    without_rep = models.PositiveIntegerField(default=0, help_text="Nobody gets credit for these.")

    class Meta:
        ordering = ["-made", "-id"]

    def __str__(self) -> str:
        return f"Credits of {self.made:%Y-%m-%d %H:%M}"


@pgtrigger.register(NEVER_DELETED)
class Credit(models.Model):
    """What counts for a rep: a share of a deal, an invoice or a sales line on a day.

    `key` is its identity: basis, source row, rep, role and kind. `amount` is the rep's share in base
    currency, `deal_amount` the whole; `currency`, `own_amount` the share in the deal's own money. `reverses`
    is the credit that a cancellation takes back (then all amounts are negative).
    """

    key = models.CharField(max_length=200, unique=True)
    basis = models.CharField(max_length=8, choices=Basis.choices)
    kind = models.CharField(max_length=7, choices=CreditKind.choices)
    role = models.CharField(max_length=60, help_text="The role in which it is credited, such as owner.")
    rule = models.ForeignKey(CreditRule, models.PROTECT, null=True, related_name="credits")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="credits")
    deal = models.ForeignKey(Deal, models.PROTECT, null=True, related_name="credits")
    paper = models.ForeignKey(OrderPaper, models.PROTECT, null=True, related_name="credits")
    line = models.BigIntegerField(null=True, help_text="The sales line, when it comes from one.")
    label = models.CharField(max_length=250, help_text="What people call the deal, invoice or order.")
    day = models.DateField()
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="credits")
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="credits")
    market = models.ForeignKey(Market, models.PROTECT, null=True, related_name="credits")
    territory = models.ForeignKey(Territory, models.PROTECT, null=True, related_name="credits")
    pipeline = models.CharField(max_length=80, blank=True, default="")
    percent = models.DecimalField(max_digits=9, decimal_places=6)
    deal_amount = MoneyField()
    amount = MoneyField()
    quantity = QuantityField(default=0)
    margin = MoneyField(null=True)
    currency = models.CharField(max_length=3)
    own_amount = MoneyField()
    rate = RateField(default=1, help_text="Base currency for one unit of the deal's own.")
    reverses = models.ForeignKey("self", models.PROTECT, null=True, related_name="reversed_by")
    cancellation = models.ForeignKey(Cancellation, models.SET_NULL, null=True, related_name="credits")
    is_gone = models.BooleanField(default=False)
    run = models.ForeignKey(CreditRun, models.PROTECT, related_name="credits")

    class Meta:
        ordering = ["-day", "-id"]
        indexes = [
            models.Index(fields=["rep", "day"], condition=Q(is_gone=False), name="credit_by_rep"),
            models.Index(fields=["day", "basis"], condition=Q(is_gone=False), name="credit_by_day"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="credit_basis_is_known"),
            models.CheckConstraint(condition=Q(kind__in=CreditKind.values), name="credit_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.rep_id}"
