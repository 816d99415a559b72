"""Stage 3: supply plans, each solved once for one demand version, their gaps and the actions."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from catalog.models import Product, Resource, Site
from core.fields import MoneyField, MonthField, QuantityField, is_first_of_month
from core.models import Job, Person, Revised
from forecasting.models import RunState
from planning.models.consensus import DemandVersion
from planning.models.cycles import Cycle
from planning.models.locks import IMMUTABLE, never_after_release

# A failed or cancelled run may be tried again; a done one stays.
RUN_MOVES = [
    *(("queued", state) for state in ("running", "done", "failed", "cancelled")),
    *(("running", state) for state in ("done", "failed", "cancelled")),
    ("failed", "running"),
    ("cancelled", "running"),
]


@pghistory.track()
@pgtrigger.register(never_after_release())
class Scenario(Revised):
    """A named set of changes to demand, capacity, cost or stock targets, with its own supply plan."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="scenarios")
    name = models.CharField(max_length=80)
    text = models.TextField(blank=True, default="")
    changes = models.JSONField(default=list, help_text="planning.engine.scenario lists what can change.")
    is_base = models.BooleanField(default=False)
    is_chosen = models.BooleanField(default=False)
    reason = models.TextField(blank=True, default="")
    owner = models.ForeignKey(Person, models.PROTECT, null=True, related_name="scenarios")

    class Meta:
        ordering = ["cycle", "-is_base", "name"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "name"], name="scenario_once"),
            models.UniqueConstraint(
                fields=["cycle"], condition=Q(is_chosen=True), name="scenario_only_one_is_chosen"
            ),
            models.UniqueConstraint(
                fields=["cycle"], condition=Q(is_base=True), name="scenario_only_one_is_the_base"
            ),
        ]

    def __str__(self) -> str:
        return self.name


@pgtrigger.register(
    pgtrigger.FSM(name="only_moves_of_a_run", field="state", transitions=RUN_MOVES),
    pgtrigger.ReadOnly(
        name="inputs_stay",
        fields=["cycle", "scenario", "version", "made_from", "input_hash", "engine_version", "settings"],
    ),
    pgtrigger.Protect(
        name="results_stay",
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "OLD.state = 'done' AND ROW(OLD.cost, OLD.summary, OLD.finished)"
            " IS DISTINCT FROM ROW(NEW.cost, NEW.summary, NEW.finished)"
        ),
    ),
)
class SupplyRun(models.Model):
    """One solve, for one demand version and one scenario. Its rows are written once.

    `input_hash` is over all it is made from: the same work finds the run that is already there.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="supply_runs")
    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="runs")
    version = models.ForeignKey(DemandVersion, models.PROTECT, related_name="supply_runs")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    made_from = models.JSONField(default=dict)
    input_hash = models.CharField(max_length=64)
    engine_version = models.CharField(max_length=40)
    settings = models.JSONField(default=dict)
    cost = MoneyField(null=True)
    summary = models.JSONField(default=dict, help_text="Costs by kind, service, stock, load: for people.")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="supply_runs")
    requested_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="supply_runs")
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="supply_run_state_is_known"),
            models.UniqueConstraint(
                fields=["input_hash"],
                condition=Q(state__in=["queued", "running", "done"]),
                name="supply_run_same_work_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Supply plan {self.pk} ({self.scenario})"


@pgtrigger.register(IMMUTABLE)
class SupplyValue(models.Model):
    """The plan of a product at a site in a month, in units."""

    run = models.ForeignKey(SupplyRun, models.DO_NOTHING, db_constraint=False, db_index=False)
    product = models.ForeignKey(Product, models.DO_NOTHING, db_constraint=False, db_index=False)
    site = models.ForeignKey(Site, models.DO_NOTHING, db_constraint=False, db_index=False)
    month = MonthField()
    demand = models.FloatField()
    make = models.FloatField()
    buy = models.FloatField()
    stock = models.FloatField()
    target = models.FloatField()
    backlog = models.FloatField()
    lost = models.FloatField()
    price = models.FloatField(default=0, help_text="Base currency per unit.")
    cost = models.FloatField(default=0, help_text="Base currency per unit.")
    demand_price = models.FloatField(null=True, help_text="What one more unit would cost.")

    class Meta:
        ordering = ["run", "product", "site", "month"]
        constraints = [
            models.UniqueConstraint(fields=["run", "product", "site", "month"], name="supply_value_once"),
            is_first_of_month("supply_value"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} at {self.site_id} {self.month:%b %Y}"


@pgtrigger.register(IMMUTABLE)
class ResourceLoad(models.Model):
    """What the plan asks of a resource in a month, in the resource's unit."""

    run = models.ForeignKey(SupplyRun, models.DO_NOTHING, db_constraint=False, db_index=False)
    resource = models.ForeignKey(Resource, models.DO_NOTHING, db_constraint=False, db_index=False)
    month = MonthField()
    wanted = models.FloatField(help_text="What meeting all demand when it is asked for would take.")
    load = models.FloatField()
    regular = models.FloatField()
    overtime = models.FloatField()
    overtime_limit = models.FloatField()
    capacity_price = models.FloatField(null=True, help_text="What one more unit would save.")

    class Meta:
        ordering = ["run", "resource", "month"]
        constraints = [
            models.UniqueConstraint(fields=["run", "resource", "month"], name="resource_load_once"),
            is_first_of_month("resource_load"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.month:%b %Y}"


class GapKind(models.TextChoices):
    """What does not fit in a supply plan."""

    SHORTAGE = "shortage", "Shortage"
    OVERLOAD = "overload", "Overload"
    EXCESS = "excess", "Excess"


class ActionKind(models.TextChoices):
    """What somebody does about a gap."""

    BUILD = "build", "Build ahead"
    OUTSOURCE = "outsource", "Outsource"
    OVERTIME = "overtime", "Work overtime"
    CLEAR = "clear", "Clear stock"
    SHIFT = "shift", "Move demand"
    ACCEPT = "accept", "Accept"


@pghistory.track()
@pgtrigger.register(never_after_release())
class SupplyAction(Revised):
    """What is done about a shortage, an overload or an excess. `gap` names it across solves."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="supply_actions")
    gap = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=GapKind.choices)
    action = models.CharField(max_length=10, choices=ActionKind.choices)
    note = models.TextField()
    owner = models.ForeignKey(Person, models.PROTECT, related_name="supply_actions")
    due = models.DateField()
    quantity = QuantityField(null=True, blank=True)

    class Meta:
        ordering = ["cycle", "due"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "gap"], name="supply_action_once_a_gap"),
            models.CheckConstraint(condition=~Q(note=""), name="supply_action_says_why"),
            models.CheckConstraint(condition=Q(kind__in=GapKind.values), name="supply_action_kind_is_known"),
            models.CheckConstraint(condition=Q(action__in=ActionKind.values), name="supply_action_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.gap}"
