"""Forecast runs: made once by machines, never changed, pinned by the cycles that use them."""

from functools import partial

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from catalog.models import DemandUnit
from core.fields import MonthField, is_first_of_month
from core.models import Job, Person

BACKTEST = partial(ArrayField, ArrayField(models.FloatField(null=True)), default=list)
IMMUTABLE = pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete)


FAN_IS_ORDERED = Q(
    lower_95__gte=0,
    lower_80__gte=models.F("lower_95"),
    mean__gte=models.F("lower_80"),
    upper_80__gte=models.F("mean"),
    upper_95__gte=models.F("upper_80"),
)


class RunState(models.TextChoices):
    """How far a forecast run is."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


MOVES = [
    (RunState.QUEUED, RunState.RUNNING),
    (RunState.QUEUED, RunState.FAILED),
    (RunState.QUEUED, RunState.CANCELLED),
    (RunState.RUNNING, RunState.DONE),
    (RunState.RUNNING, RunState.FAILED),
    (RunState.RUNNING, RunState.CANCELLED),
    (RunState.FAILED, RunState.QUEUED),
    (RunState.FAILED, RunState.RUNNING),
    (RunState.CANCELLED, RunState.QUEUED),
    (RunState.CANCELLED, RunState.RUNNING),
]
# The job may be forgotten; everything else of a run that is done stays.
DONE_CHANGES = """
    OLD.state = 'done' AND to_jsonb(OLD.*) - 'job_id' IS DISTINCT FROM to_jsonb(NEW.*) - 'job_id'
"""


@pgtrigger.register(
    pgtrigger.FSM(
        name="moves_by_the_table",
        field="state",
        transitions=[(before.value, after.value) for before, after in MOVES],
    ),
    pgtrigger.Protect(
        name="done_stays",
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(DONE_CHANGES),
    ),
    pgtrigger.Protect(
        name="done_is_kept",
        operation=pgtrigger.Delete,
        condition=pgtrigger.Q(old__state=RunState.DONE.value),
    ),
)
class ForecastRun(models.Model):
    """One run of the engine over the history up to `last_month`, for the `horizon` months after it.

    `input_hash` is over history, settings, engine version and the run it starts from: the same work
    finds the run that is already there.
    """

    last_month = MonthField()
    horizon = models.PositiveSmallIntegerField()
    engine_version = models.CharField(max_length=40)
    settings = models.JSONField(default=dict)
    started_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="An earlier run whose parameters the searches begin with.",
    )
    pins = models.JSONField(default=dict, help_text="Demand unit → its pin, as it was asked for.")
    calibration = models.JSONField(null=True, help_text="How errors spread, learnt once for all chunks.")
    history_hash = models.CharField(max_length=64, default="", help_text="Of the data alone.")
    input_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="forecast_runs")
    series = models.PositiveIntegerField(default=0)
    requested_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="forecast_runs")
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RunState.values), name="forecast_run_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(horizon__gte=1, horizon__lte=60), name="forecast_run_horizon_is_sensible"
            ),
            models.UniqueConstraint(
                fields=["input_hash"],
                condition=Q(state__in=["queued", "running", "done"]),
                name="forecast_run_same_work_once",
            ),
            is_first_of_month("forecast_run", "last_month"),
        ]

    def __str__(self) -> str:
        return f"Forecast {self.pk} on data up to {self.last_month:%b %Y}"


class ForecastChunk(models.Model):
    """A share of a run's series, stored in one transaction: whoever finishes it second does nothing.

    Who computes it holds an advisory lock of the database (forecasting/pipeline/chunks.py), so that a
    worker that dies gives it back at once; `claimed` only tells when somebody last began.
    """

    run = models.ForeignKey(ForecastRun, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    of_levels = models.BooleanField(default=False, help_text="Families and markets, not demand units.")
    first_unit = models.BigIntegerField(help_text="Demand unit ids of the chunk, or places: from here …")
    last_unit = models.BigIntegerField(help_text="… to here.")
    series = models.PositiveIntegerField()
    done = models.DateTimeField(null=True)
    claimed = models.DateTimeField(null=True)

    class Meta:
        ordering = ["run", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="forecast_chunk_once")]

    def __str__(self) -> str:
        return f"chunk {self.number} of run {self.run_id}"


@pgtrigger.register(IMMUTABLE)
class ForecastSeries(models.Model):
    """How one demand unit was forecast in a run: by what, why, and how well in back-tests.

    `actual` and `predicted` are (cuts, horizon), the newest cut first, null where nothing was known; empty
    without any. `base` is the unit's own forecast before all levels were made to add up: (4, horizon), the
    mean, how far its 80 and its 95 % interval reach above it, and what of the mean planners' words added.
    """

    run = models.ForeignKey(ForecastRun, models.PROTECT, related_name="forecasts")
    demand_unit = models.ForeignKey(DemandUnit, models.PROTECT, related_name="forecasts")
    method = models.CharField(max_length=80)
    reason = models.CharField(max_length=400)
    mase = models.FloatField(null=True)
    wape = models.FloatField(null=True)
    bias = models.FloatField(null=True)
    rmsse = models.FloatField(null=True)
    smape = models.FloatField(null=True)
    size = models.FloatField(default=0, help_text="Of the errors one month ahead, in units.")
    members = models.JSONField(default=list, help_text="Models and their shares: [[name, weight], …].")
    best = models.CharField(max_length=12, blank=True, default="")
    parameters = models.JSONField(default=dict)
    components = models.JSONField(null=True, help_text="Level, trend, season at the end of the history.")
    cleaned = models.JSONField(default=list, help_text="Replaced months: [[month, was, now, why], …].")
    start = models.JSONField(null=True, help_text="Where the next run's oldest search begins.")
    actual = BACKTEST()
    predicted = BACKTEST()
    base = BACKTEST()
    price = models.FloatField(null=True, help_text="Mean revenue of one unit before, base currency.")
    without_pin = models.JSONField(
        null=True, help_text="MASE, WAPE and bias of the route, where a pin made the forecast."
    )

    class Meta:
        ordering = ["run", "demand_unit"]
        verbose_name_plural = "forecast series"
        constraints = [models.UniqueConstraint(fields=["run", "demand_unit"], name="forecast_series_once")]
        indexes = [models.Index(fields=["demand_unit", "-run"], name="forecast_series_by_unit")]

    def __str__(self) -> str:
        return f"{self.method} for {self.demand_unit_id}"


@pgtrigger.register(IMMUTABLE)
class ForecastValue(models.Model):
    """The statistical forecast of a demand unit in a month, in units, with its intervals."""

    run = models.ForeignKey(ForecastRun, models.DO_NOTHING, db_constraint=False, db_index=False)
    demand_unit = models.ForeignKey(DemandUnit, models.DO_NOTHING, db_constraint=False, db_index=False)
    month = MonthField()
    mean = models.FloatField()
    lower_80 = models.FloatField()
    upper_80 = models.FloatField()
    lower_95 = models.FloatField()
    upper_95 = models.FloatField()

    class Meta:
        ordering = ["run", "demand_unit", "month"]
        constraints = [
            models.UniqueConstraint(fields=["run", "demand_unit", "month"], name="forecast_value_once"),
            models.CheckConstraint(condition=FAN_IS_ORDERED, name="forecast_value_is_ordered"),
            is_first_of_month("forecast_value"),
        ]

    def __str__(self) -> str:
        return f"{self.demand_unit_id} {self.month:%b %Y}"
