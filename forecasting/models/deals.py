"""Forecasts from deals: made once from what the CRM knew on a day, never changed."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.fields import MoneyField, MonthField, is_first_of_month
from core.models import Job, Person
from crm.models import Deal
from forecasting.models.runs import DONE_CHANGES, IMMUTABLE, MOVES, RunState


class DealMethod(models.TextChoices):
    """How the chance to win is found (forecasting/engine/deals)."""

    STAGE = "stage", "Stage weights"
    AGE = "age", "Age rule"
    HAZARD = "hazard", "Counted hazard"
    BLEND = "blend", "Blend"


class WorthBasis(models.TextChoices):
    """What the worth of an open deal rests on."""

    AMOUNT = "amount", "Its amount"
    LIST_PRICE = "list price", "List price"
    PRODUCT_MEAN = "product mean", "Mean of its product"
    MEAN = "mean of all", "Mean of all deals won"
    UNKNOWN = "unknown", "Nothing known"


@pgtrigger.register(
    pgtrigger.FSM(
        name="deal_moves_by_the_table",
        field="state",
        transitions=[(before.value, after.value) for before, after in MOVES],
    ),
    pgtrigger.Protect(
        name="deal_done_stays",
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(DONE_CHANGES),
    ),
    pgtrigger.Protect(
        name="deal_done_is_kept",
        operation=pgtrigger.Delete,
        condition=pgtrigger.Q(old__state=RunState.DONE.value),
    ),
)
class DealForecast(models.Model):
    """What the open deals of a day promise, with the back-test that chose the method.

    `input_hash` is over the deals, settings and engine: the same work finds the forecast that is there.
    `revenue`: month by month mean, variance and interval in base currency, of all deals together.
    """

    as_of = models.DateField(help_text="What was known when this day ended.")
    horizon = models.PositiveSmallIntegerField(help_text="Months ahead.")
    wanted = models.CharField(
        max_length=6, choices=DealMethod.choices, blank=True, default="", help_text="Empty: the winner's."
    )
    method = models.CharField(max_length=6, choices=DealMethod.choices, blank=True, default="")
    engine_version = models.CharField(max_length=40)
    input_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    deals = models.PositiveIntegerField(default=0)
    usual_cycle = models.FloatField(null=True, help_text="Median days from beginning to won.")
    revenue = models.JSONField(default=list)
    backtest = models.JSONField(default=dict)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="deal_forecasts")
    requested_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="deal_forecasts")
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-as_of", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RunState.values), name="deal_forecast_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(horizon__gte=1, horizon__lte=36), name="deal_forecast_horizon_is_sensible"
            ),
            models.UniqueConstraint(
                fields=["input_hash"],
                condition=Q(state__in=["queued", "running", "done"]),
                name="deal_forecast_same_work_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Deal forecast of {self.as_of.day} {self.as_of:%b %Y}"


@pgtrigger.register(IMMUTABLE)
class DealChance(models.Model):
    """What is told of one open deal: how likely it is won within the horizon, when, and why."""

    forecast = models.ForeignKey(DealForecast, models.PROTECT, related_name="chances")
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="chances")
    probability = models.FloatField()
    by_method = models.JSONField(help_text="The chance by each method.")
    expected_month = MonthField()
    months = ArrayField(models.FloatField(), help_text="The chance of each month ahead; adds up to it.")
    worth = MoneyField(help_text="In base currency, if it is won.")
    basis = models.CharField(max_length=12, choices=WorthBasis.choices)
    expected = MoneyField(help_text="Worth × chance.")
    age = models.PositiveIntegerField(null=True, help_text="In days.")
    stage = models.CharField(max_length=120, blank=True, default="")
    why = models.CharField(max_length=400)

    class Meta:
        ordering = ["forecast", "-expected", "id"]
        constraints = [
            models.UniqueConstraint(fields=["forecast", "deal"], name="deal_chance_once"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="deal_chance_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(basis__in=WorthBasis.values), name="deal_chance_basis_is_known"
            ),
            is_first_of_month("deal_chance", "expected_month"),
        ]
        indexes = [models.Index(fields=["forecast", "-expected"], name="deal_chance_by_money")]

    def __str__(self) -> str:
        return f"{self.deal}: {self.probability:.0%}"
