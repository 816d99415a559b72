"""The life of a job: queued → running → done | failed | cancelled.

A task may arrive twice (Celery delivers at least once), so it claims its job first:
`UPDATE … WHERE state = 'queued'`. Whoever loses the claim does nothing. While a task works, a thread
beats the job's heart; a worker that dies stops it, and `requeue_lost` gives the job to another
worker or ends it with a sentence.

    work(progress):      read and compute, `progress.report(…)` between the steps
                         with progress.store() as store:    lock the job, write everything at once
                             …
                             store.result = {…}             done, in the same transaction

Without `store` the job ends when `work` returns its result: a worker killed just between the two
does the work again, so that work must then be idempotent.
"""

import hashlib
import json
import logging
import threading
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError, InterfaceError, connection, models, transaction
from django.db import OperationalError as DatabaseGone
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerGone

from core import company
from core.access import require
from core.errors import Refused
from core.events import record
from core.models import Job, JobState, Person
from sopcycle.celery import app

logger = logging.getLogger(__name__)

BEAT_SECONDS = 10.0
LOST_AFTER = timedelta(seconds=60)
SENT_AGAIN_AFTER = timedelta(minutes=10)
MOST_ATTEMPTS = 3
OPEN = (JobState.QUEUED, JobState.RUNNING)


class Cancelled(Exception):
    """Raised inside a task by `Progress.report` after somebody pressed cancel."""


class Lost(Exception):
    """Raised inside a task whose job was given to another worker meanwhile."""


def input_hash(value: Any) -> str:
    """SHA-256 over the canonical JSON of what a job works on."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


@transaction.atomic
def start_job(
    *,
    actor: Person | None,
    kind: str,
    label: str,
    params: dict[str, Any],
    subject_url: str = "",
    same_work: str = "",
) -> Job:
    """Queue work for the Celery task named `kind`, after the transaction commits.

    The same `kind` and `same_work` (an input hash) while queued or running gives the job that is
    already there: a double click starts nothing twice.
    """
    wanted = Job(
        kind=kind,
        label=label[:200],
        params=params,
        input_hash=same_work,
        requested_by=actor,
        subject_url=subject_url,
    )
    job = _insert_or_find(wanted)
    if job is wanted:
        record(actor=actor, verb="job started", subject=job, after=params)
        transaction.on_commit(lambda: send(job))
    return job


def _insert_or_find(wanted: Job) -> Job:
    """The other job may end between our insert and our look: then ours is inserted after all."""
    while True:
        try:
            with transaction.atomic():
                wanted.save(force_insert=True)
        except IntegrityError:
            same = Job.objects.filter(kind=wanted.kind, input_hash=wanted.input_hash, state__in=OPEN)
            if wanted.input_hash and (found := same.first()):
                return found
            if not wanted.input_hash:
                raise
        else:
            return wanted


def send(job: Job) -> None:
    """Hand the job to Celery. A broker that is down is not fatal: `requeue_lost` sends again.

    A waiting job's heartbeat is the time of its sending; none means that it never left.
    """
    waiting = Job.objects.filter(pk=job.pk, state=JobState.QUEUED)
    waiting.update(heartbeat=timezone.now())
    try:
        app.send_task(job.kind, args=[job.pk], retry=False)
    except (BrokerGone, OSError) as error:
        logger.warning("Job %s could not be sent: %s", job.pk, error)
        waiting.update(heartbeat=None, step="The queue does not answer; the job is sent when it does.")


class Progress:
    """A running task's hold on its job: reports progress, learns of a cancel, stores the result.

    Report outside `atomic` blocks: others must see it at once, and a rolled-back store must not
    take the progress with it.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.result: dict[str, Any] | None = None
        self._owned = Job.objects.filter(pk=job.pk, claim=job.claim, state=JobState.RUNNING)

    def report(self, *, done: int | None = None, total: int | None = None, step: str = "") -> None:
        """Store how far the task is. Raises Cancelled after a cancel, Lost after a take-over."""
        changes: dict[str, Any] = {"heartbeat": timezone.now()}
        changes |= {"done": done} if done is not None else {}
        changes |= {"total": total} if total is not None else {}
        changes |= {"step": step[:200]} if step else {}
        if not self._owned.update(**changes):
            raise Lost(f"Job {self.job.pk} belongs to another worker.")
        if self._owned.filter(cancel_asked=True).exists():
            raise Cancelled
        for name, value in changes.items():
            setattr(self.job, name, value)

    def say(self, line: str) -> None:
        """Append a line to the job's log."""
        _append_to_log(self.job, [line])

    @contextmanager
    def store(self) -> Iterator["Progress"]:
        """The one transaction in which a task stores what it made; set `result` to end the job in it.

        Locks the job first, so that neither a cancel nor a take-over can come between. Raises
        Cancelled and Lost like `report`.
        """
        with transaction.atomic():
            if self._owned.select_for_update().first() is None:
                raise Lost(f"Job {self.job.pk} belongs to another worker.")
            self.report()
            yield self
            if self.result is not None:
                _finish(self.job, JobState.DONE, result=self.result, done=models.F("total"))

    def beat(self) -> None:
        self._owned.update(heartbeat=timezone.now())


def run(job_id: int, work: Callable[[Progress], dict[str, Any]]) -> None:
    """Claim the job, do the work in the company's time, store how it ended. The whole body of a Celery task.

    A Refused ends the job as failed with its sentences; any other error as failed with a sentence
    that names it, and is raised again for the worker's log. A database that went away leaves the job
    to `requeue_lost`. `work` returns the job's result.
    """
    job = _claim(job_id)
    if job is None:
        return
    progress = Progress(job)
    try:
        with _beating(progress), company.own_time():
            result = work(progress)
    except Cancelled:
        _finish(job, JobState.CANCELLED, step="Cancelled. Nothing was changed.")
    except Lost as lost:
        logger.warning("%s", lost)
    except Refused as refusal:
        _finish(job, JobState.FAILED, error=str(refusal))
    except (DatabaseGone, InterfaceError):
        connection.close()
        raise
    except Exception as error:
        _finish(job, JobState.FAILED, error=_sentence(error))
        _append_to_log(job, traceback.format_exc().splitlines()[-12:])
        raise
    else:
        _finish(job, JobState.DONE, result=result or {}, done=models.F("total"))


@contextmanager
def _beating(progress: Progress) -> Iterator[None]:
    """Beats the heart during steps that report nothing for long: a solve, a big COPY."""
    over = threading.Event()

    def beat_until_over() -> None:
        while not over.wait(BEAT_SECONDS):
            try:
                progress.beat()
            except DatabaseError as error:
                logger.warning("Job %s: no heartbeat (%s)", progress.job.pk, error)
            finally:
                connection.close()

    beating = threading.Thread(
        target=beat_until_over, daemon=True, name=f"heartbeat of job {progress.job.pk}"
    )
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()


def _sentence(error: Exception) -> str:
    name = f"{type(error).__name__}: {error}".splitlines()[0][:400]
    return f"The work stopped on an unexpected error ({name}). Nothing half-done was kept. Retry it."


def _append_to_log(job: Job, lines: list[str]) -> None:
    stamp = f"{timezone.now():%H:%M:%S}"
    added = models.Value([f"{stamp} {line}" for line in lines], output_field=Job._meta.get_field("log"))
    joined = models.Func(models.F("log"), added, function="array_cat")
    Job.objects.filter(pk=job.pk).update(log=joined)


def ask_to_cancel(*, actor: Person | None, job: Job) -> Job:
    """Cancel a waiting job at once, a running one at its next report. A finished one is refused."""
    require(actor, "jobs.cancel", job)
    with transaction.atomic():
        fresh = Job.objects.select_for_update().get(pk=job.pk)
        if fresh.is_over:
            raise Refused(f"“{fresh.label}” is already over ({fresh.get_state_display().lower()}).")
        fresh.cancel_asked = True
        if fresh.state == JobState.QUEUED:
            fresh.state, fresh.finished = JobState.CANCELLED, timezone.now()
            fresh.step = "Cancelled before it began."
        fresh.save(update_fields=["cancel_asked", "state", "finished", "step"])
        record(actor=actor, verb="job cancelled", subject=fresh)
    return fresh


def retry(*, actor: Person | None, job: Job) -> Job:
    """Start a failed or cancelled job's work again, as a new job."""
    require(actor, "jobs.cancel", job)
    if job.state not in {JobState.FAILED, JobState.CANCELLED}:
        raise Refused(f"“{job.label}” is {job.get_state_display().lower()}; only failed work is retried.")
    return start_job(
        actor=actor,
        kind=job.kind,
        label=job.label,
        params=job.params,
        subject_url=job.subject_url,
        same_work=job.input_hash,
    )


def requeue_lost(*, now: datetime | None = None) -> int:
    """Give jobs whose worker died, and waiting ones that never arrived, to the workers again.

    Runs every 30 s by beat. After MOST_ATTEMPTS tries the job fails with a sentence.
    """
    now = now or timezone.now()
    lost = Job.objects.filter(state=JobState.RUNNING, heartbeat__lt=now - LOST_AFTER)
    ended = {"claim": None, "finished": now}
    lost.filter(cancel_asked=True).update(
        state=JobState.CANCELLED, step="Cancelled. Nothing was changed.", **ended
    )
    lost.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=JobState.FAILED,
        error=f"The worker stopped {MOST_ATTEMPTS} times in the middle of this. Nothing was changed. "
        "Look at the worker's memory and log, then retry.",
        **ended,
    )
    lost.update(
        state=JobState.QUEUED,
        claim=None,
        heartbeat=None,
        done=0,
        step="The worker stopped; another one takes over.",
    )
    # A fresh job's own sending may still be on its way: the transaction has only just committed.
    never_left = Q(heartbeat=None) & (Q(created__lt=now - timedelta(seconds=5)) | Q(attempts__gt=0))
    unsent = Job.objects.filter(never_left | Q(heartbeat__lt=now - SENT_AGAIN_AFTER), state=JobState.QUEUED)
    waiting = list(unsent)
    for job in waiting:
        send(job)
    return len(waiting)


def _claim(job_id: int) -> Job | None:
    now = timezone.now()
    claim = uuid.uuid4()
    claimed = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        claim=claim,
        heartbeat=now,
        started=now,
        attempts=models.F("attempts") + 1,
        error="",
    )
    return Job.objects.get(pk=job_id) if claimed else None


def _finish(job: Job, state: JobState, **changes: Any) -> None:
    """End the job unless it ended already (in `store`) or belongs to another worker."""
    Job.objects.filter(pk=job.pk, claim=job.claim, state=JobState.RUNNING).update(
        state=state, finished=timezone.now(), heartbeat=timezone.now(), **changes
    )
