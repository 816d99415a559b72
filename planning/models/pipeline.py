"""What stage 2 took from the open deals: the take, and each deal's share in it."""

import pgtrigger
from django.db import models
from django.db.models import Q

from catalog.models import Family, Market, Product
from core.fields import MoneyField, MonthField, QuantityField, is_first_of_month
from core.models import Person
from crm.models import Deal
from forecasting.models import DealForecast
from planning.models.cycles import Cycle
from planning.models.locks import IMMUTABLE


class PipelineKind(models.TextChoices):
    """How the open deals speak about demand. The values are those of an input's kind."""

    ADD = "add", "On top of the baseline"
    REPLACE = "replace", "Instead of the baseline"


class PipelineChances(models.TextChoices):
    """Whose word on a deal's chance to win counts."""

    FORECAST = "forecast", "The deal forecast"
    CRM = "crm", "The CRM"


@pgtrigger.register(IMMUTABLE)
class PipelineTake(models.Model):
    """The open deals of one moment as the pipeline stream's word. Written once; a newer one replaces it.

    `left_out`: reason → deals and their weighted money in base currency.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="pipeline_takes")
    kind = models.CharField(max_length=8, choices=PipelineKind.choices)
    chances = models.CharField(
        max_length=8,
        choices=PipelineChances.choices,
        default=PipelineChances.CRM,
        help_text="Whose they are.",
    )
    deal_forecast = models.ForeignKey(
        DealForecast, models.PROTECT, null=True, related_name="+", help_text="That the chances are of."
    )
    fingerprint = models.CharField(max_length=64, help_text="Of the deals that it was made from.")
    deals = models.PositiveIntegerField()
    overdue = models.PositiveIntegerField(help_text="Of them with a close date in the past.")
    units = QuantityField(help_text="Weighted by the chance to win.")
    amount = MoneyField(help_text="Weighted by the chance to win, in base currency.")
    left_out = models.JSONField(default=dict)
    kept = models.PositiveIntegerField(default=0, help_text="Cells where a person's own number stayed.")
    taken_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    taken = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=PipelineKind.values), name="pipeline_take_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(chances=PipelineChances.CRM, deal_forecast=None)
                | Q(chances=PipelineChances.FORECAST, deal_forecast__isnull=False),
                name="pipeline_take_chances_are_of_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Open deals in {self.cycle}"


@pgtrigger.register(IMMUTABLE)
class PipelineShare(models.Model):
    """What one deal, or one line of it, gave to a cell: its units, its chance, and the two multiplied."""

    take = models.ForeignKey(PipelineTake, models.PROTECT, related_name="shares")
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="+")
    family = models.ForeignKey(Family, models.PROTECT, null=True, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+")
    market = models.ForeignKey(Market, models.PROTECT, null=True, related_name="+")
    month = MonthField()
    units = QuantityField(help_text="If the deal is won.")
    probability = models.DecimalField(max_digits=5, decimal_places=4)
    expected = QuantityField(help_text="Units × probability.")
    amount = MoneyField(null=True, help_text="Weighted, in base currency; null where no rate is known.")

    class Meta:
        ordering = ["take", "-expected", "id"]
        constraints = [is_first_of_month("pipeline_share")]
        indexes = [models.Index(fields=["take", "month"], name="pipeline_share_by_month")]

    def __str__(self) -> str:
        return f"{self.deal}, {self.month:%b %Y}"
