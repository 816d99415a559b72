"""Stage 1's frozen data and stage 2: streams, inputs, events, consensus."""

import datetime as dt

import pghistory
import pgtrigger
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from catalog.models import Family, Market, Product
from core.fields import MonthField, QuantityField, is_first_of_month
from core.models import Person, Revised
from planning.models.cycles import Cycle
from planning.models.locks import IMMUTABLE, never_after_release
from planning.models.pipeline import PipelineTake


@pgtrigger.register(IMMUTABLE)
class DataFreeze(models.Model):
    """The data a cycle works on: what the facts were, as counts, totals and one fingerprint."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="freezes")
    fingerprint = models.CharField(max_length=64)
    content = models.JSONField(help_text="Per fact: rows, totals, last import.")
    frozen_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    frozen = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Data of {self.cycle}"


class AccuracyBasis(models.TextChoices):
    """What was measured against what was sold."""

    RELEASED = "released", "Released plan, one month ahead"
    BACK_TEST = "back_test", "Back-test of the forecast"


@pgtrigger.register(IMMUTABLE)
class AccuracyReport(models.Model):
    """How good the last plan was, as the cycle knew it in stage 1.

    `content`: `total` and `families` (code → figures), each with `wape` and `bias` as shares of what
    was sold, and `units` sold. A first cycle has no plan behind it: the run's back-test stands in.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="accuracy_reports")
    freeze = models.ForeignKey(DataFreeze, models.PROTECT, related_name="accuracy_reports")
    basis = models.CharField(max_length=9, choices=AccuracyBasis.choices)
    of_cycle = models.ForeignKey(Cycle, models.PROTECT, null=True, related_name="+")
    month = MonthField(help_text="The newest month that was measured.")
    content = models.JSONField()
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(basis__in=AccuracyBasis.values), name="accuracy_basis_is_known"
            ),
            is_first_of_month("accuracy_report"),
        ]

    def __str__(self) -> str:
        return f"Accuracy in {self.cycle}"


class StreamName(models.TextChoices):
    """Who speaks about demand."""

    STATISTICAL = "statistical", "Statistical"
    SALES = "sales", "Sales"
    MARKETING = "marketing", "Marketing"
    FINANCE = "finance", "Finance"
    PIPELINE = "pipeline", "Pipeline"


@pghistory.track()
@pgtrigger.register(never_after_release())
class Stream(Revised):
    """Who speaks about demand in a cycle, with what weight, and whether they have spoken."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="streams")
    name = models.CharField(max_length=12, choices=StreamName.choices)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="streams")
    weight = models.DecimalField(max_digits=6, decimal_places=4)
    state = models.CharField(
        max_length=9,
        choices=[("open", "Open"), ("submitted", "Submitted"), ("waived", "Waived")],
        default="open",
    )
    settled_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    settled = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["cycle", "name"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "name"], name="stream_once"),
            models.CheckConstraint(condition=Q(name__in=StreamName.values), name="stream_name_is_known"),
            models.CheckConstraint(
                condition=Q(weight__gte=0, weight__lte=1), name="stream_weight_is_a_share"
            ),
            models.CheckConstraint(
                condition=~Q(state="waived") | ~Q(reason=""), name="stream_is_waived_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()} input, {self.cycle}"


class InputKind(models.TextChoices):
    """What an input does to the baseline."""

    REPLACE = "replace", "Replace with"
    ADD = "add", "Add"
    PERCENT = "percent", "Change by %"


class ReasonCode(models.TextChoices):
    """Why somebody departs from the baseline."""

    PROMOTION = "promotion", "Promotion"
    NEW_CUSTOMER = "new_customer", "New customer"
    LOST_CUSTOMER = "lost_customer", "Lost customer"
    PRICE = "price", "Price change"
    COMPETITOR = "competitor", "Competitor"
    LAUNCH = "launch", "Launch"
    PHASE_OUT = "phase_out", "Phase-out"
    ONE_OFF = "one_off", "One-off order"
    MARKET = "market", "Market trend"
    DEALS = "deals", "Open deals"
    DATA = "data", "Data correction"
    OTHER = "other", "Other"


@pghistory.track()
@pgtrigger.register(never_after_release())
class DemandInput(Revised):
    """One statement of a stream: at any level of family or product × market, for one month.

    A newer statement of the same stream on the same cell replaces the older (same row, next
    revision). Spread exactly over the demand units below, by the baseline (engine.disaggregation).
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="inputs")
    stream = models.CharField(max_length=12, choices=StreamName.choices)
    family = models.ForeignKey(Family, models.PROTECT, null=True, blank=True, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+")
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="+")
    month = MonthField()
    kind = models.CharField(max_length=8, choices=InputKind.choices, default=InputKind.REPLACE)
    value = QuantityField(help_text="Units, or percent for a change by %.")
    reason_code = models.CharField(max_length=16, choices=ReasonCode.choices, blank=True, default="")
    note = models.TextField(blank=True, default="")
    baseline = QuantityField(default=0, help_text="Baseline of its cells when it was written.")
    before = QuantityField(default=0, help_text="Consensus of its cells before it was written.")
    author = models.ForeignKey(Person, models.PROTECT, related_name="demand_inputs")
    take = models.ForeignKey(
        PipelineTake, models.PROTECT, null=True, blank=True, related_name="inputs",
        help_text="The open deals behind it; empty for a person's own number.",
    )  # fmt: skip
    is_withdrawn = models.BooleanField(default=False)
    written = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["cycle", "stream", "month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "stream", "family", "product", "market", "month"],
                nulls_distinct=False,
                name="demand_input_once_a_cell",
            ),
            models.CheckConstraint(
                condition=Q(family=None) | Q(product=None), name="demand_input_is_for_a_family_or_a_product"
            ),
            models.CheckConstraint(
                condition=Q(stream__in=["sales", "marketing", "finance", "pipeline"]),
                name="demand_input_is_of_a_speaking_stream",
            ),
            models.CheckConstraint(
                condition=~Q(kind="replace") | Q(value__gte=0),
                name="demand_input_replaces_with_no_less_than_0",
            ),
            models.CheckConstraint(
                condition=~Q(kind="percent") | Q(value__gte=-100),
                name="demand_input_takes_off_100_percent_at_most",
            ),
            is_first_of_month("demand_input"),
        ]

    def __str__(self) -> str:
        what = self.family or self.product or "Everything"
        return f"{self.get_stream_display()}: {what} in {self.market or 'all markets'}, {self.month:%b %Y}"


class DemandEventKind(models.TextChoices):
    """What a dated event of marketing is."""

    PROMOTION = "promotion", "Promotion"
    LAUNCH = "launch", "Launch"
    PHASE_OUT = "phase_out", "Phase-out"
    OTHER = "other", "Other"


@pghistory.track()
@pgtrigger.register(never_after_release())
class DemandEvent(Revised):
    """A dated promotion, launch or phase-out, with the units it moves a month."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="demand_events")
    kind = models.CharField(max_length=9, choices=DemandEventKind.choices)
    title = models.CharField(max_length=160)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="+")
    period = DateRangeField()
    units_a_month = QuantityField(help_text="Added to the consensus (negative takes off).")
    note = models.TextField(blank=True, default="", help_text="Why, where it lies outside the horizon.")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["period", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=DemandEventKind.values), name="demand_event_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def last_day(self) -> dt.date:
        """The last day of the event; the period's end itself is not part of it."""
        return self.period.upper - dt.timedelta(days=1)


@pghistory.track()
@pgtrigger.register(never_after_release())
class FamilyReview(Revised):
    """Whether somebody looked at a family's demand in this cycle, and what they think."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="family_reviews")
    family = models.ForeignKey(Family, models.PROTECT, related_name="reviews")
    state = models.CharField(
        max_length=9,
        choices=[("undecided", "Not looked at"), ("attention", "Needs attention"), ("reviewed", "Reviewed")],
        default="undecided",
    )
    reviewer = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["cycle", "family"]
        constraints = [models.UniqueConstraint(fields=["cycle", "family"], name="family_review_once")]

    def __str__(self) -> str:
        return f"{self.family}, {self.cycle}"
