"""Deals: what is being sold to whom, by whom, how far it is, and every step on the way."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from catalog.models import NEVER_DELETED, Currency, Named, Product
from core.fields import MoneyField, QuantityField
from core.models import Revised
from crm.models.accounts import Account, Rep


class StageKind(models.TextChoices):
    """Whether a deal in the stage goes on, or how it ended."""

    OPEN = "open", "Open"
    WON = "won", "Won"
    LOST = "lost", "Lost"


class ForecastCategory(models.TextChoices):
    """How sure the seller is of a deal, as CRMs group forecasts."""

    PIPELINE = "pipeline", "Pipeline"
    BEST_CASE = "best_case", "Best case"
    COMMIT = "commit", "Commit"
    CLOSED = "closed", "Closed"
    OMITTED = "omitted", "Left out"


@pghistory.track()
class DealStage(Named):
    """A step of the way to a signature, with the chance that a deal there is won."""

    position = models.PositiveSmallIntegerField(unique=True)
    kind = models.CharField(max_length=4, choices=StageKind.choices, default=StageKind.OPEN)
    probability = models.DecimalField(max_digits=5, decimal_places=4)
    category = models.CharField(
        max_length=9, choices=ForecastCategory.choices, default=ForecastCategory.PIPELINE
    )

    class Meta(Named.Meta):
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=StageKind.values), name="deal_stage_kind_is_known"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1),
                name="deal_stage_probability_is_a_share",
                violation_error_message="A probability lies between 0 and 1.",
            ),
        ]


@pgtrigger.register(NEVER_DELETED)
class Deal(Revised):
    """A deal as its CRM knows it. `source` and `external_id` are its identity there.

    Its history is DealChange, from events, imports and pages alike. `written` keeps, per field, when
    the sender wrote it last, so that late news changes nothing that is known better. A deleted deal is a
    tombstone; a merged one points at the winner.
    """

    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=250, blank=True, default="")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="deals")
    rep = models.ForeignKey(Rep, models.PROTECT, null=True, blank=True, related_name="deals")
    stage = models.ForeignKey(DealStage, models.PROTECT, null=True, blank=True, related_name="deals")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="deals")
    pipeline = models.CharField(max_length=80, blank=True, default="")
    amount = MoneyField(null=True, blank=True, help_text="In the deal's currency. Empty is not 0.")
    currency = models.ForeignKey(Currency, models.PROTECT, null=True, blank=True, related_name="+")
    base_amount = MoneyField(null=True, blank=True, help_text="In base currency, at the month's rate.")
    probability = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)
    category = models.CharField(max_length=9, choices=ForecastCategory.choices, blank=True, default="")
    created = models.DateField(null=True, blank=True)
    expected_close = models.DateField(null=True, blank=True)
    closed = models.DateField(null=True, blank=True)
    entered_stage = models.DateTimeField(null=True, blank=True)
    next_step = models.CharField(max_length=500, blank=True, default="")
    lost_reason = models.CharField(max_length=200, blank=True, default="")
    pushes = models.PositiveSmallIntegerField(default=0, help_text="How often the close date moved out.")
    is_deleted = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    written = models.JSONField(default=dict, editable=False)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-base_amount", "id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="deal_once"),
            models.CheckConstraint(
                condition=Q(probability=None) | Q(probability__gte=0, probability__lte=1),
                name="deal_probability_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="deal_is_not_merged_into_itself"
            ),
        ]
        indexes = [
            models.Index(
                fields=["stage", "expected_close"], condition=Q(is_deleted=False), name="deal_by_stage"
            ),
            models.Index(fields=["rep", "expected_close"], name="deal_by_rep"),
            models.Index(fields=["closed"], name="deal_by_close"),
            models.Index(fields=["created"], name="deal_by_creation"),
            models.Index(
                fields=["id"],
                condition=Q(is_deleted=True) | Q(merged_into__isnull=False),
                name="deal_is_dead",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id


class DealChange(models.Model):
    """One step of a deal's history: a stage, an amount, a date or an owner, and when it became so.

    Late news about an earlier step takes its place among them: `before` is what the step just
    before in time (occurred, version, key) says.
    """

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="changes")
    field = models.CharField(max_length=20)
    before = models.CharField(max_length=250, blank=True, default="")
    after = models.CharField(max_length=250, blank=True, default="")
    stage = models.ForeignKey(DealStage, models.PROTECT, null=True, related_name="+")
    occurred = models.DateTimeField()
    version = models.BigIntegerField(default=0)
    key = models.CharField(
        max_length=600, help_text="Of the event or import behind it: the same change once."
    )

    class Meta:
        ordering = ["deal", "occurred", "id"]
        constraints = [models.UniqueConstraint(fields=["deal", "field", "key"], name="deal_change_once")]
        indexes = [
            models.Index(fields=["field", "occurred"], name="deal_change_by_time"),
            models.Index(  # the way of each deal through the stages, read without its rows
                fields=["deal", "occurred", "version"],
                include=["stage"],
                condition=Q(field="stage"),
                name="deal_change_stages",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.before} → {self.after}"


@pghistory.track()
class DealLine(Revised):
    """A product of a deal: how many, at what price."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="deal_lines")
    text = models.CharField(max_length=250, blank=True, default="")
    quantity = QuantityField(default=1)
    amount = MoneyField(help_text="In the deal's currency.")

    class Meta:
        ordering = ["deal", "position"]
        constraints = [models.UniqueConstraint(fields=["deal", "position"], name="deal_line_once")]

    def __str__(self) -> str:
        return self.text or str(self.product)
