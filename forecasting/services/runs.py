"""Runs: start, cancel, take up again."""

import datetime as dt
from dataclasses import asdict

from django.db import IntegrityError, transaction

from core import jobs
from core.access import require
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.models import Job, Person
from core.years import SPAN, YEARS
from forecasting.engine import VERSION, Settings
from forecasting.models import ForecastRun, RunState
from forecasting.pipeline.history import active_units, history_hash, work_hash
from forecasting.pipeline.pinning import active_pins
from forecasting.pipeline.settling import RUN, settle_runs

MOST_MONTHS = 60
OPEN = (RunState.QUEUED, RunState.RUNNING)


@transaction.atomic
def start_run(*, actor: Person | None, last_month: dt.date, horizon: int) -> ForecastRun:
    """Queue a forecast of every active demand unit; the same work gives the run that is already there.

    A run of the same work that failed or was cancelled goes on where it stopped. Raises Invalid for an
    impossible horizon or month, Refused without any active demand unit.
    """
    require(actor, "forecast.run")
    run = find_or_add_run(actor, last_month, horizon)
    if run.state != RunState.DONE:
        _queue(actor, run)
    return run


@transaction.atomic
def cancel_run(*, actor: Person | None, run: ForecastRun) -> ForecastRun:
    """Stop a run between two series; what its chunks have stored is kept for a retry.

    Raises Refused for a run that is over.
    """
    require(actor, "forecast.run")
    fresh = _locked(run)
    if fresh.state not in OPEN or fresh.job is None or fresh.job.is_over:
        raise Refused(f"“{fresh}” is {fresh.get_state_display().lower()}; there is nothing to cancel.")
    jobs.ask_to_cancel(actor=None, job=fresh.job)
    record(actor=actor, verb="forecast cancelled", subject=fresh)
    settle_runs()
    fresh.refresh_from_db()
    return fresh


@transaction.atomic
def retry_run(*, actor: Person | None, run: ForecastRun) -> ForecastRun:
    """Take a failed or cancelled run up again: only its missing chunks are computed."""
    require(actor, "forecast.run")
    settle_runs()
    fresh = _locked(run)
    if fresh.state not in {RunState.FAILED, RunState.CANCELLED}:
        raise Refused(f"“{fresh}” is {fresh.get_state_display().lower()}; there is nothing to retry.")
    _queue(actor, fresh)
    return fresh


def find_or_add_run(actor: Person | None, last_month: dt.date, horizon: int) -> ForecastRun:
    """The run of this work, whatever its state, or a new one that waits. Raises Invalid and Refused."""
    settings = _checked(last_month, horizon)
    last_month = last_month.replace(day=1)
    settle_runs()
    started_from = _run_before(last_month)
    history = history_hash(last_month)
    pins = active_pins()
    work = work_hash(history, last_month, settings, started_from, pins)
    while True:
        if found := _same_work(work):
            return found
        wanted = ForecastRun(
            last_month=last_month,
            horizon=horizon,
            engine_version=VERSION,
            settings=asdict(settings),
            started_from_id=started_from,
            pins=pins,
            history_hash=history,
            input_hash=work,
            requested_by=actor,
        )
        try:
            with transaction.atomic():
                wanted.save(force_insert=True)
                after = {"last_month": last_month, "horizon": horizon, "engine": VERSION}
                record(actor=actor, verb="forecast asked for", subject=wanted, after=after)
        except IntegrityError:  # somebody else asked for the same in this very moment
            if _same_work(work) is None:
                raise
        else:
            return wanted


def _run_before(last_month: dt.date) -> int | None:
    """The newest run of this engine on earlier data: its parameters are where the searches begin."""
    runs = ForecastRun.objects.filter(state=RunState.DONE, last_month__lt=last_month, engine_version=VERSION)
    return runs.order_by("-last_month", "-pk").values_list("pk", flat=True).first()


def _same_work(work: str) -> ForecastRun | None:
    """A done run before an open one before one that stopped."""
    runs = list(ForecastRun.objects.filter(input_hash=work).select_related("job").order_by("-pk"))
    order = [RunState.DONE, RunState.RUNNING, RunState.QUEUED, RunState.FAILED, RunState.CANCELLED]
    return min(runs, key=lambda run: order.index(RunState(run.state)), default=None)


def _checked(last_month: dt.date, horizon: int) -> Settings:
    if not 1 <= horizon <= MOST_MONTHS:
        text = f"The horizon is {horizon} months; use 1 to {MOST_MONTHS}."
        raise Invalid(Reason(text, "invalid", "horizon"))
    if last_month.year not in YEARS:
        raise Invalid(Reason(f"Use a month {SPAN}.", "invalid", "last_month"))
    if not active_units():
        text = "There are no active demand units. Import products and sales first."
        raise Refused(Reason(text, "no_demand_units", url="/data/imports/"))
    return Settings(horizon=horizon)


def _queue(actor: Person | None, run: ForecastRun) -> None:
    """Give the run a job, unless one is at work on it."""
    job = _job_of(actor, run)
    stopped = run.state in {RunState.FAILED, RunState.CANCELLED}
    if run.job_id != job.pk or stopped:
        run.job, run.state = job, RunState.QUEUED if stopped else run.state
        run.finished = None
        run.save(update_fields=["job", "state", "finished"])


def _job_of(actor: Person | None, run: ForecastRun) -> Job:
    return jobs.start_job(
        actor=actor,
        kind=RUN,
        label=f"Forecast {run.horizon} months on data up to {run.last_month:%b %Y}",
        params={"run": run.pk},
        subject_url=f"/forecasts/{run.pk}/",
        same_work=f"run {run.pk}",
    )


def _locked(run: ForecastRun) -> ForecastRun:
    return ForecastRun.objects.select_for_update(of=("self",)).select_related("job").get(pk=run.pk)
