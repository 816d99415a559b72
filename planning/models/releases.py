"""Stage 5: approval, signatures and the released plan, which never changes."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from catalog.models import DemandUnit
from core.fields import MonthField, is_first_of_month
from core.models import Person, Revised
from planning.models.cycles import Cycle, StageName
from planning.models.locks import IMMUTABLE, never_added_to
from planning.models.sums import ByFamily
from planning.models.supply import SupplyRun


class Verdict(models.TextChoices):
    """What a signer says to the plan."""

    APPROVE = "approve", "Approve"
    APPROVE_WITH_CHANGES = "changes", "Approve with changes"
    REJECT = "reject", "Reject"


@pghistory.track()
class ApprovalRequest(Revised):
    """Asks the executives to sign one content. A rejected or reopened cycle asks anew."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="approval_requests")
    number = models.PositiveSmallIntegerField()
    asked = models.JSONField(
        default=dict, help_text="What is asked to be signed; the plan's values by their SHA-256."
    )
    content_hash = models.CharField(max_length=64, help_text="SHA-256 of the canonical text of `asked`.")
    quorum = models.PositiveSmallIntegerField(default=2)
    approvers = models.ManyToManyField(Person, related_name="approval_requests")
    pack_sent = models.DateTimeField(null=True, blank=True)
    requested_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    requested = models.DateTimeField(auto_now_add=True)
    closed = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="approval_request_once"),
            models.UniqueConstraint(
                fields=["cycle"], condition=Q(closed=None), name="approval_request_only_one_open"
            ),
            models.CheckConstraint(condition=Q(quorum__gte=1), name="approval_request_needs_somebody"),
        ]

    def __str__(self) -> str:
        return f"Approval {self.number} of {self.cycle}"


@pgtrigger.register(IMMUTABLE)
class Approval(models.Model):
    """One executive's signature under one request."""

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="approvals")
    approver = models.ForeignKey(Person, models.PROTECT, related_name="approvals")
    verdict = models.CharField(max_length=7, choices=Verdict.choices)
    to_stage = models.CharField(max_length=14, choices=StageName.choices, blank=True, default="")
    text = models.TextField(blank=True, default="")
    content_hash = models.CharField(max_length=64)
    signed = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["signed"]
        constraints = [
            models.UniqueConstraint(fields=["request", "approver"], name="approval_once_a_person"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="approval_verdict_is_known"),
            models.CheckConstraint(
                condition=Q(verdict="approve") | ~Q(text=""), name="approval_says_what_or_why"
            ),
            models.CheckConstraint(
                condition=~Q(verdict="reject") | ~Q(to_stage=""), name="rejection_names_a_stage"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.approver}: {self.get_verdict_display()}"


@pgtrigger.register(IMMUTABLE)
class Release(models.Model):
    """The signed plan. `content` is its canonical text; `content_hash` is SHA-256 over it."""

    cycle = models.OneToOneField(Cycle, models.PROTECT, related_name="release")
    run = models.ForeignKey(SupplyRun, models.PROTECT, related_name="releases")
    content_hash = models.CharField(max_length=64)
    content = models.BinaryField(help_text="Canonical JSON, zlib-compressed.")
    released_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    released = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-released"]

    def __str__(self) -> str:
        return f"Released plan of {self.cycle}"


@pgtrigger.register(IMMUTABLE, never_added_to("value"))
class ReleasedValue(models.Model):
    """A demand unit's released numbers in a month: what was agreed and what will be supplied."""

    release = models.ForeignKey(Release, models.DO_NOTHING, db_constraint=False, db_index=False)
    demand_unit = models.ForeignKey(DemandUnit, models.DO_NOTHING, db_constraint=False, db_index=False)
    month = MonthField()
    baseline = models.FloatField()
    consensus = models.FloatField()
    supplied = models.FloatField()
    price = models.FloatField()
    cost = models.FloatField()

    class Meta:
        ordering = ["release", "demand_unit", "month"]
        constraints = [
            models.UniqueConstraint(fields=["release", "demand_unit", "month"], name="released_value_once"),
            is_first_of_month("released_value"),
        ]
        indexes = [models.Index(fields=["demand_unit", "month"], name="released_value_by_unit")]

    def __str__(self) -> str:
        return f"{self.demand_unit_id} {self.month:%b %Y}"


@pgtrigger.register(IMMUTABLE, never_added_to("total"))
class ReleasedTotal(ByFamily):
    """A released plan by family, market and month: what dashboards and charts sum over."""

    release = models.ForeignKey(Release, models.DO_NOTHING, db_constraint=False, db_index=False)
    baseline = models.FloatField(help_text="Units.")
    consensus = models.FloatField(help_text="Units.")
    supplied = models.FloatField(help_text="Units.")
    demand_revenue = models.FloatField(help_text="Consensus at the plan's prices, base currency.")
    revenue = models.FloatField(help_text="Supplied at the plan's prices, base currency.")
    cost = models.FloatField(help_text="Supplied at the plan's costs, base currency.")

    class Meta:
        ordering = ["release", "family", "market", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "family", "market", "month"], name="released_total_once"
            ),
            is_first_of_month("released_total"),
        ]


@pgtrigger.register(IMMUTABLE)
class PackFile(models.Model):
    """One file of a pack, as it was sent with a request or made of a release; kept as it was."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="pack_files")
    request = models.ForeignKey(ApprovalRequest, models.PROTECT, null=True, related_name="pack_files")
    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="pack_files")
    form = models.CharField(max_length=4, choices=[("csv", "CSV"), ("xlsx", "XLSX"), ("pdf", "PDF")])
    content = models.BinaryField()
    content_hash = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    size = models.PositiveIntegerField(help_text="Bytes.")
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["form"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "release", "form"], nulls_distinct=False, name="pack_file_once"
            ),
            models.CheckConstraint(
                condition=Q(request=None, release__isnull=False) | Q(request__isnull=False, release=None),
                name="pack_file_is_of_a_request_or_a_release",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_form_display()} pack of {self.cycle}"


class Told(models.TextChoices):
    """What other systems are told of."""

    RELEASED = "plan.released", "Released plans"
    OWNERSHIP = "ownership.changed", "Accounts that change hands"


def told_at_first() -> list[str]:
    """What a new subscription is told of."""
    return [Told.RELEASED.value]


@pghistory.track(exclude=["secret"])
class Subscription(Revised):
    """An outgoing webhook: who is told of what, signed with the subscription's secret."""

    label = models.CharField(max_length=80, unique=True)
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=120, help_text="whsec_… as in Standard Webhooks.")
    events = ArrayField(models.CharField(max_length=60, choices=Told.choices), default=told_at_first)
    is_active = models.BooleanField(default=True)

    secret_fields = frozenset({"secret"})

    class Meta:
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label


class Dispatch(models.Model):
    """One message to one subscription, sent until it is acknowledged."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="dispatches")
    event_type = models.CharField(max_length=60)
    about = models.CharField(max_length=80, blank=True, default="", help_text="By what its sender finds it.")
    payload = models.JSONField()
    created = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(null=True)
    delivered = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_try"], condition=Q(delivered=None), name="dispatch_waiting"),
            models.Index(fields=["about"], condition=~Q(about=""), name="dispatch_by_what_it_tells"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} to {self.subscription}"
