"""What CRMs push: endpoints, their secrets, deliveries as they came, and the events in them."""

import uuid

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from catalog.models import NEVER_DELETED
from core.models import Person, Revised

# Written by deliveries, not by people: no history of it.
NOTED = [
    "first_verified",
    "last_verified",
    "last_alarm",
    "told_of_dead",
    "last_turned_away",
    "turned_away",
]


@pgtrigger.register(NEVER_DELETED)
@pghistory.track(exclude=NOTED)
class Endpoint(Revised):
    """An address that one CRM sends to. The address is secret as well: nobody guesses its id."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.CharField(max_length=20)
    source = models.SlugField(
        max_length=60,
        help_text="The CRM behind it. Two addresses of one CRM, and imports of its files, share it.",
    )
    label = models.CharField(max_length=80, unique=True)
    public_url = models.URLField(max_length=500, blank=True, default="", help_text="As the sender was told.")
    is_active = models.BooleanField(default=True)
    adds_accounts = models.BooleanField(default=True, help_text="Accounts the CRM tells of are added.")
    silence_hours = models.PositiveSmallIntegerField(
        default=24, help_text="Alarm after so long without news."
    )
    first_verified = models.DateTimeField(null=True, blank=True)
    last_verified = models.DateTimeField(null=True, blank=True)
    last_alarm = models.DateTimeField(null=True, blank=True)
    told_of_dead = models.DateTimeField(null=True, blank=True)
    last_turned_away = models.DateTimeField(null=True, blank=True)
    turned_away = models.PositiveBigIntegerField(default=0, help_text="Deliveries that nobody vouches for.")

    class Meta:
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label


@pgtrigger.register(NEVER_DELETED)
@pghistory.track(exclude=["sealed", "last_used"])
class EndpointSecret(Revised):
    """A secret an endpoint's sender signs with, sealed with the application's key. Two may live."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="secrets")
    sealed = models.BinaryField()
    hint = models.CharField(max_length=12, help_text="The last characters, to tell two apart.")
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(null=True, blank=True)
    last_used = models.DateTimeField(null=True, blank=True)

    secret_fields = frozenset({"sealed"})

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"…{self.hint}"


class DeliveryState(models.TextChoices):
    """Whether the events in a delivery could be read."""

    WAITING = "waiting", "Waiting"
    READ = "read", "Read"
    UNREADABLE = "unreadable", "Cannot be read"


@pgtrigger.register(
    NEVER_DELETED,
    pgtrigger.Trigger(
        name="bytes_stay",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("body", "headers", "received", "endpoint_id"),
        func="RAISE EXCEPTION 'A delivery stays as it came.';",
    ),
)
class Delivery(models.Model):
    """One verified request, byte for byte. Stored before anything else happens to it."""

    # Thousands a second, and what they point at is never deleted: no constraint, no index of its own.
    endpoint = models.ForeignKey(
        Endpoint, models.PROTECT, related_name="deliveries", db_constraint=False, db_index=False
    )
    received = models.DateTimeField(auto_now_add=True)
    headers = models.JSONField(default=dict, help_text="Without authorization and cookies.")
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    secret = models.ForeignKey(
        EndpointSecret, models.SET_NULL, null=True, related_name="+", db_constraint=False, db_index=False
    )
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    events = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["id"], condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["endpoint", "-id"], name="delivery_by_endpoint"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class EventState(models.TextChoices):
    """What became of an event."""

    WAITING = "waiting", "Waiting"
    APPLIED = "applied", "Applied"
    PARTLY = "partly", "Partly news"
    SUPERSEDED = "superseded", "Known better already"
    NEEDS_MAPPING = "needs_mapping", "Needs a mapping"
    NEEDS_RECORD = "needs_record", "Read it in the CRM"
    DEAD = "dead", "Failed for good"
    SKIPPED = "skipped", "Left out"


class InboxEvent(models.Model):
    """One change of one record. The same change sent again only counts."""

    endpoint = models.ForeignKey(
        Endpoint, models.PROTECT, related_name="events", db_constraint=False, db_index=False
    )
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="inbox_events", db_constraint=False)
    entity = models.CharField(max_length=40)
    external_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=8)
    occurred = models.DateTimeField()
    version = models.BigIntegerField(default=0)
    dedupe_key = models.CharField(max_length=600)
    fields = models.JSONField(default=dict)
    merged = ArrayField(models.CharField(max_length=200), default=list)
    seen = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=13, choices=EventState.choices, default=EventState.WAITING)
    waits_for = ArrayField(
        models.CharField(max_length=300), default=list, help_text="kind:value of each unknown."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")
    settled = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "dedupe_key"], name="inbox_event_once"),
            models.CheckConstraint(
                condition=Q(state__in=EventState.values), name="inbox_event_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="skipped") | ~Q(reason=""), name="inbox_event_is_skipped_with_a_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_try", "id"],
                condition=Q(state="waiting"),
                name="inbox_event_waiting",
            ),
            models.Index(fields=["endpoint", "entity", "external_id"], name="inbox_event_by_record"),
            models.Index(fields=["state", "-id"], name="inbox_event_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.external_id}"


class ValueKind(models.TextChoices):
    """What a CRM's own word is mapped to."""

    STAGE = "stage", "Stage"
    OWNER = "owner", "Owner"
    ACCOUNT = "account", "Account"
    PRODUCT = "product", "Product"
    CURRENCY = "currency", "Currency"
    MARKET = "market", "Market"
    PAPER = "paper", "State of a paper"
    LEAD = "lead", "State of a lead"


@pghistory.track()
class ValueMapping(Revised):
    """What a CRM's stage, owner, account, product, currency, market or state is here."""

    source = models.SlugField(max_length=60)
    kind = models.CharField(max_length=8, choices=ValueKind.choices)
    value = models.CharField(max_length=250)
    target_code = models.CharField(max_length=60, blank=True, default="")
    is_ignored = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True, default="")
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["source", "kind", "value"]
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "value"], name="value_mapping_once"),
            models.CheckConstraint(
                condition=(Q(is_ignored=True) & ~Q(reason="")) | (Q(is_ignored=False) & ~Q(target_code="")),
                name="value_mapping_has_a_target_or_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} → {self.target_code or 'ignored'}"
