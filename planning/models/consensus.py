"""The consensus: as it is worked on, and frozen; cell by cell, and summed for pages and charts."""

import pgtrigger
from django.db import models
from django.db.models import Q

from catalog.models import DemandUnit
from core.fields import MoneyField, MonthField, is_first_of_month
from core.models import Person
from planning.models.cycles import Cycle
from planning.models.locks import IMMUTABLE
from planning.models.sums import ByFamily


class DemandNumbers(models.Model):
    """What each stream says about a demand unit in a month, and what is agreed, in units."""

    demand_unit_id: int
    month = MonthField()
    baseline = models.FloatField()
    sales = models.FloatField(null=True)
    marketing = models.FloatField(null=True)
    finance = models.FloatField(null=True)
    pipeline = models.FloatField(null=True)
    events = models.FloatField(default=0)
    quantity = models.FloatField()
    price = models.FloatField(help_text="Base currency per unit.")
    cost = models.FloatField(help_text="Base currency per unit.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.demand_unit_id} {self.month:%b %Y}"


class DemandSums(ByFamily):
    """Baseline and consensus of a family in a market and month."""

    baseline = models.FloatField(help_text="Units.")
    quantity = models.FloatField(help_text="Units.")
    baseline_revenue = models.FloatField(help_text="Base currency.")
    revenue = models.FloatField(help_text="Base currency.")
    cost = models.FloatField(help_text="Base currency.")

    class Meta:
        abstract = True


class ConsensusCell(DemandNumbers):
    """The working consensus of an open cycle: what each stream says and what is agreed.

    Recomputed from baseline, inputs, events and weights; incremental recomputation of the touched
    cells equals recomputing all (a test proves it). Units by demand unit and month. Foreign keys
    without a constraint: neither cycles nor demand units are ever deleted, and looking up each of
    a hundred thousand rows would take longer than writing them.
    """

    cycle = models.ForeignKey(
        Cycle, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="consensus"
    )
    demand_unit = models.ForeignKey(
        DemandUnit, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="consensus"
    )

    class Meta:
        ordering = ["cycle", "demand_unit", "month"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "month", "demand_unit"], name="consensus_cell_once"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="consensus_is_not_negative"),
            is_first_of_month("consensus_cell"),
        ]


class ConsensusTotal(DemandSums):
    """The working consensus by family, market and month: what pages and charts sum over.

    Rewritten in the transaction that rewrites the cells it adds up.
    """

    cycle = models.ForeignKey(
        Cycle, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="consensus_totals"
    )

    class Meta:
        ordering = ["cycle", "family", "market", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "family", "market", "month"], name="consensus_total_once"
            ),
            is_first_of_month("consensus_total"),
        ]


@pgtrigger.register(IMMUTABLE)
class DemandVersion(models.Model):
    """A frozen consensus: the unconstrained demand that supply plans for."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="demand_versions")
    number = models.PositiveSmallIntegerField()
    fingerprint = models.CharField(max_length=64)
    made_from = models.JSONField()
    units = models.FloatField()
    revenue = MoneyField()
    frozen_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    frozen = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["cycle", "number"], name="demand_version_once")]

    def __str__(self) -> str:
        return f"Demand {self.number} of {self.cycle}"


@pgtrigger.register(IMMUTABLE)
class DemandValue(DemandNumbers):
    """One cell of a frozen consensus, with everything it was made of."""

    version = models.ForeignKey(DemandVersion, models.DO_NOTHING, db_constraint=False, db_index=False)
    demand_unit = models.ForeignKey(DemandUnit, models.DO_NOTHING, db_constraint=False, db_index=False)

    class Meta:
        ordering = ["version", "demand_unit", "month"]
        constraints = [
            models.UniqueConstraint(fields=["version", "demand_unit", "month"], name="demand_value_once"),
            is_first_of_month("demand_value"),
        ]


@pgtrigger.register(IMMUTABLE)
class DemandTotal(DemandSums):
    """A frozen consensus by family, market and month."""

    version = models.ForeignKey(DemandVersion, models.DO_NOTHING, db_constraint=False, db_index=False)

    class Meta:
        ordering = ["version", "family", "market", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "family", "market", "month"], name="demand_total_once"
            ),
            is_first_of_month("demand_total"),
        ]
