"""A run from its first chunk to its last: by a job with helpers, or alone at once."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Q, Sum
from django.utils import timezone

from core.errors import Refused
from core.events import record
from core.jobs import Cancelled, Lost, Progress
from core.models import JobState, Person
from core.services.notifications import notify
from forecasting.models import ForecastChunk, ForecastRun, ForecastSeries, RunState
from forecasting.pipeline.chunks import (
    calibrate_run,
    calibration_of,
    compute_chunk,
    free_chunk,
    missing_chunks,
    plan_chunks,
    settings_of,
)
from forecasting.pipeline.history import history_hash, work_hash
from forecasting.pipeline.levels import settle_levels

LOOKS_EVERY = 0.5  # seconds between two looks at what others did and whether to stop
CHANGED = (
    "The sales or the active demand units have changed since this forecast was asked for. Run a new forecast."
)
SAID_OTHERWISE = (
    "What planners say about launches, successors, events or months, or how families and markets hang "
    "together, has changed since this forecast was asked for. Run a new forecast."
)


class Stopped(Exception):
    """Raised in a helper whose run is over or is being cancelled."""


class Watch(Protocol):
    """What a run needs of whoever watches it: a job's `Progress`, or `Alone`."""

    result: dict[str, Any] | None

    def report(self, *, done: int | None = None, total: int | None = None, step: str = "") -> None:
        """Say how far the work is; may raise to stop it."""

    def store(self) -> AbstractContextManager[Any]:
        """The transaction in which the run ends."""


class Alone:
    """A watch without a job, for commands: `say` hears each step as a sentence."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.result: dict[str, Any] | None = None
        self._say = say

    def report(self, *, done: int | None = None, total: int | None = None, step: str = "") -> None:
        """Say the step; there is no job whose progress could be counted."""
        if step:
            self._say(step)

    @contextmanager
    def store(self) -> Iterator["Alone"]:
        """A transaction of its own, as a job's chunk has."""
        with transaction.atomic():
            yield self


def run_job(progress: Progress, ask_for_help: Callable[[ForecastRun, int], None]) -> dict[str, Any]:
    """The work of the job: the run named in its params. A run that is done is left as it is."""
    run = ForecastRun.objects.get(pk=progress.job.params["run"])
    if run.state != RunState.DONE:
        ForecastRun.objects.filter(pk=run.pk).update(job=progress.job, state=RunState.RUNNING)
        work_through(run, progress, ask_for_help, actor=progress.job.requested_by)
    return {"run": run.pk, "series": ForecastRun.objects.get(pk=run.pk).series}


def work_through(
    run: ForecastRun,
    watch: Watch,
    ask_for_help: Callable[[ForecastRun, int], None] = lambda run, chunks: None,
    actor: Person | None = None,
) -> None:
    """Compute what is missing of a run, and end it. Whatever stops the work is written on the run."""
    try:
        _work_through(run, watch, ask_for_help, actor)
    except (Lost, DatabaseError, InterfaceError):
        raise  # the job goes to another worker, which takes the run up again
    except Cancelled:
        _end(run, RunState.CANCELLED)
        raise
    except Exception:
        _end(run, RunState.FAILED)
        raise


def _work_through(
    run: ForecastRun, watch: Watch, ask_for_help: Callable[[ForecastRun, int], None], actor: Person | None
) -> None:
    ForecastRun.objects.filter(pk=run.pk).exclude(state=RunState.DONE).update(
        state=RunState.RUNNING, finished=None
    )
    watch.report(step="Reading the history")
    _refuse_changed(run)
    plan_chunks(run)
    run.refresh_from_db()
    watch.report(step="Learning how far forecasts miss")
    calibrate_run(run)
    watch.report(done=_series_done(run), total=run.series, step=f"Forecasting {run.series:,} demand units")
    ask_for_help(run, missing_chunks(run).count() - 1)
    compute = _Counting(run, watch)
    while missing_chunks(run).exists():
        with free_chunk(run) as chunk:
            if chunk is not None:
                compute_chunk(run, chunk, compute)
        if chunk is None:  # others are at work on the last ones
            time.sleep(LOOKS_EVERY)
        compute.look(0)
    watch.report(step="Making families and markets add up")
    _finish(run, watch, actor)


class _Counting:
    """Reports the series of all workers together, a few times a second at most."""

    def __init__(self, run: ForecastRun, watch: Watch) -> None:
        self._run, self._watch, self._looked = run, watch, time.monotonic()

    def __call__(self, computed: int) -> None:
        if time.monotonic() - self._looked >= LOOKS_EVERY:
            self.look(computed)

    def look(self, computed: int) -> None:
        self._looked = time.monotonic()
        self._watch.report(done=min(_series_done(self._run) + computed, self._run.series))


def help_run(run_id: int) -> None:
    """Compute one chunk that nobody works on. Does nothing when there is none, or nobody wants it."""
    run = ForecastRun.objects.get(pk=run_id)
    if not _is_wanted(run_id):
        return
    with free_chunk(run) as chunk:
        if chunk is not None:
            compute_chunk(run, chunk, _Heeding(run_id))


class _Heeding:
    """Stops a helper soon after its run is cancelled or over."""

    def __init__(self, run_id: int) -> None:
        self._run_id, self._looked = run_id, time.monotonic()

    def __call__(self, computed: int) -> None:
        if time.monotonic() - self._looked < LOOKS_EVERY:
            return
        self._looked = time.monotonic()
        if not _is_wanted(self._run_id):
            raise Stopped


def _is_wanted(run_id: int) -> bool:
    stopping = Q(job__cancel_asked=True) | Q(job__state__in=[JobState.CANCELLED, JobState.FAILED])
    return ForecastRun.objects.filter(pk=run_id, state=RunState.RUNNING).exclude(stopping).exists()


def _series_done(run: ForecastRun) -> int:
    chunks = ForecastChunk.objects.filter(run=run, of_levels=False).exclude(done=None)
    return chunks.aggregate(n=Sum("series"))["n"] or 0


def _refuse_changed(run: ForecastRun) -> None:
    history = history_hash(run.last_month)
    now = work_hash(history, run.last_month, settings_of(run), run.started_from_id, run.pins)
    if now != run.input_hash:
        raise Refused(CHANGED if history != run.history_hash else SAID_OTHERWISE)


def _finish(run: ForecastRun, watch: Watch, actor: Person | None) -> None:
    """All chunks are stored: make all levels add up and end the run, exactly once, in the transaction that
    ends the job."""
    with watch.store():
        fresh = ForecastRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if fresh.state != RunState.DONE:
            _refuse_changed(fresh)
            stored = ForecastSeries.objects.filter(run=fresh).count()
            if stored != fresh.series:
                raise Refused(CHANGED)
            settle_levels(fresh, calibration_of(fresh))
            fresh.state, fresh.finished = RunState.DONE, timezone.now()
            fresh.save(update_fields=["state", "finished"])
            after = {"series": stored, "last_month": fresh.last_month, "horizon": fresh.horizon}
            record(actor=actor, verb="forecast done", subject=fresh, after=after)
            _tell(fresh, watch)
        watch.result = {"run": fresh.pk, "series": fresh.series}


def _tell(run: ForecastRun, watch: Watch) -> None:
    """Whoever waits for a job is told; whoever ran a command has it on the screen."""
    if run.requested_by and isinstance(watch, Progress):
        title = f"The forecast on data up to {run.last_month:%b %Y} is done: {run.series:,} demand units."
        notify(people=[run.requested_by], title=title, url=f"/forecasts/{run.pk}/")


def _end(run: ForecastRun, state: RunState) -> None:
    open_states = [RunState.QUEUED, RunState.RUNNING]
    ForecastRun.objects.filter(pk=run.pk, state__in=open_states).update(state=state, finished=timezone.now())
