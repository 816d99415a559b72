"""Forecasts above the demand unit: of every family and market together, adding up to each other."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from catalog.models import Family, Market, Unit
from core.fields import MonthField, is_first_of_month
from forecasting.models.runs import BACKTEST, FAN_IS_ORDERED, IMMUTABLE, ForecastRun


@pgtrigger.register(IMMUTABLE)
class ForecastNode(models.Model):
    """What a run says about a family and a market with everything below both: no family means all, no
    market means all.

    In `unit`, of only the products that are counted in it; without a unit, revenue of all of them in base
    currency. `history` holds the months from `first_month` to the run's last, null where nobody's sales are
    known. `base` is the node's own forecast before it was made to add up, empty where it only is the sum.
    `actual` and `predicted` are (cuts, horizon) of its back-tests, the newest cut first.
    """

    run = models.ForeignKey(ForecastRun, models.PROTECT, related_name="nodes")
    family = models.ForeignKey(Family, models.PROTECT, null=True, related_name="+")
    market = models.ForeignKey(Market, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    demand_units = models.PositiveIntegerField()
    method = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    wape = models.FloatField(null=True)
    bias = models.FloatField(null=True)
    size = models.FloatField(default=0, help_text="Of the errors one month ahead.")
    first_month = MonthField()
    history = ArrayField(models.FloatField(null=True), default=list)
    base = ArrayField(models.FloatField(), default=list)
    actual = BACKTEST()
    predicted = BACKTEST()

    class Meta:
        ordering = ["run", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "family", "market", "unit"], nulls_distinct=False, name="forecast_node_once"
            ),
            models.CheckConstraint(condition=Q(demand_units__gte=1), name="forecast_node_has_units"),
            is_first_of_month("forecast_node", "first_month"),
        ]

    def __str__(self) -> str:
        what = self.family.name if self.family else "All families"
        return f"{what} · {self.market.name if self.market else 'All markets'}"


@pgtrigger.register(IMMUTABLE)
class ForecastNodeValue(models.Model):
    """The forecast of a node in a month, equal to the sum of its demand units, with its intervals."""

    node = models.ForeignKey(ForecastNode, models.PROTECT, related_name="values", db_index=False)
    month = MonthField()
    mean = models.FloatField()
    lower_80 = models.FloatField()
    upper_80 = models.FloatField()
    lower_95 = models.FloatField()
    upper_95 = models.FloatField()

    class Meta:
        ordering = ["node", "month"]
        constraints = [
            models.UniqueConstraint(fields=["node", "month"], name="forecast_node_value_once"),
            models.CheckConstraint(condition=FAN_IS_ORDERED, name="forecast_node_value_is_ordered"),
            is_first_of_month("forecast_node_value"),
        ]

    def __str__(self) -> str:
        return f"{self.node_id} {self.month:%b %Y}"
