"""Reading runs: which there are, and which one counts."""

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from core.models import Person
from core.roles import can
from core.selectors.jobs import job_progress
from forecasting.models import ForecastRun, ForecastSeries, RunState


def runs_visible_to(user: Person | None) -> QuerySet[ForecastRun]:
    """Every run, the newest first: what is narrowed to families and markets are its series."""
    return ForecastRun.objects.select_related("requested_by", "job")


def newest_done(last_month: dt.date, horizon: int | None = None) -> ForecastRun | None:
    """The newest finished run on the history up to this month; `horizon` asks for that many months."""
    runs = ForecastRun.objects.filter(last_month=last_month, state=RunState.DONE)
    if horizon is not None:
        runs = runs.filter(horizon=horizon)
    return runs.order_by("-finished", "-pk").first()


def newest_finished() -> ForecastRun | None:
    """The newest finished run of all, on whatever history."""
    return ForecastRun.objects.filter(state=RunState.DONE).order_by("-last_month", "-finished", "-pk").first()


def newest_of_unit(unit: int) -> ForecastRun | None:
    """The newest finished run that has this demand unit."""
    of_unit = ForecastSeries.objects.filter(run=OuterRef("pk"), demand_unit=unit)
    return ForecastRun.objects.filter(Exists(of_unit), state=RunState.DONE).order_by("-finished").first()


def progress_of(run: ForecastRun, user: Any) -> dict[str, Any] | None:
    """How far the run's job is, as parts/job_progress.html wants it; None without a job at work."""
    if run.job is None or run.state == RunState.DONE:
        return None
    may_act = bool(can(user, "forecast.run"))
    return job_progress(run.job, user) | {
        "poll_url": reverse("forecasting:run-progress", args=[run.pk]),
        "cancel_url": reverse("forecasting:run-cancel", args=[run.pk]) if may_act and is_open(run) else "",
        "retry_url": "",
        "result_url": "",
    }


def is_open(run: ForecastRun) -> bool:
    """Whether anybody is at work on the run or will be; its job may have ended a moment before it."""
    return run.state in {RunState.QUEUED, RunState.RUNNING} and (run.job is None or not run.job.is_over)
