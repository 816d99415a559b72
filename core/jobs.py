"""The life of a job: queued → running → done | failed | cancelled.

A task may arrive twice (Celery delivers at least once), so it claims its job first:
`UPDATE … WHERE state = 'queued'`. Whoever loses the claim does nothing. A worker that dies stops
its heartbeat; `requeue_lost` gives the job to another worker or fails it with a sentence.
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from core.access import require
from core.errors import Refused
from core.events import record
from core.models import Job, JobState, Person
from sopcycle.celery import app

LOST_AFTER = timedelta(seconds=60)
MOST_ATTEMPTS = 3


class Cancelled(Exception):
    """Raised inside a task by `Progress.report` after somebody pressed cancel."""


class Lost(Exception):
    """Raised inside a task whose job was given to another worker meanwhile."""


def input_hash(value: Any) -> str:
    """SHA-256 over the canonical JSON of what a job works on."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


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
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind,
                label=label,
                params=params,
                input_hash=same_work,
                requested_by=actor,
                subject_url=subject_url,
            )
    except IntegrityError:
        return Job.objects.get(kind=kind, input_hash=same_work, state__in=["queued", "running"])
    record(actor=actor, verb="job started", subject=job, after=params)
    transaction.on_commit(lambda: send(job))
    return job


def send(job: Job) -> None:
    """Hand the job to Celery. A broker that is down is not fatal: `requeue_lost` sends again."""
    try:
        app.send_task(job.kind, args=[job.pk], retry=False)
    except (OperationalError, OSError) as error:
        Job.objects.filter(pk=job.pk).update(step=f"Waiting for the queue ({type(error).__name__}).")


class Progress:
    """A running task's hold on its job: reports progress, beats the heart, learns of a cancel.

    Report outside `atomic` blocks: others must see it at once, and a rolled-back store must not
    take the progress with it.
    """

    def __init__(self, job: Job) -> None:
        self.job = job

    def report(self, *, done: int | None = None, total: int | None = None, step: str = "") -> None:
        """Store how far the task is. Raises Cancelled after a cancel, Lost after a take-over."""
        changes: dict[str, Any] = {"heartbeat": timezone.now()}
        changes |= {"done": done} if done is not None else {}
        changes |= {"total": total} if total is not None else {}
        changes |= {"step": step} if step else {}
        owned = Job.objects.filter(pk=self.job.pk, claim=self.job.claim, state=JobState.RUNNING)
        if not owned.update(**changes):
            raise Lost(f"Job {self.job.pk} belongs to another worker.")
        if owned.filter(cancel_asked=True).exists():
            raise Cancelled
        for name, value in changes.items():
            setattr(self.job, name, value)

    def say(self, line: str) -> None:
        """Append a line to the job's log."""
        stamped = f"{timezone.now():%H:%M:%S} {line}"
        log = models.Func(models.F("log"), models.Value(stamped), function="array_append")
        Job.objects.filter(pk=self.job.pk).update(log=log)


def run(job_id: int, work: Callable[[Progress], dict[str, Any]]) -> None:
    """Claim the job, do the work, store how it ended. The whole body of every Celery task.

    A Refused ends the job as failed with its sentences; any other error as failed with a sentence
    that names it, and is raised again for the worker's log. `work` returns the job's result.
    """
    job = _claim(job_id)
    if job is None:
        return
    try:
        result = work(Progress(job))
    except Cancelled:
        _finish(job, JobState.CANCELLED, step="Cancelled. Nothing was changed.")
    except Lost:
        return
    except Refused as refusal:
        _finish(job, JobState.FAILED, error=str(refusal))
    except Exception as error:
        sentence = f"{type(error).__name__}: {error}".splitlines()[0][:400]
        _finish(
            job, JobState.FAILED, error=f"The work stopped on an unexpected error ({sentence}). Retry it."
        )
        raise
    else:
        _finish(job, JobState.DONE, result=result, done=models.F("total"))


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


def requeue_lost(*, now: Any = None) -> int:
    """Give jobs without a heartbeat, and queued ones nobody took, to the workers again.

    Runs every 30 s by beat. After MOST_ATTEMPTS tries the job fails with a sentence.
    """
    limit = (now or timezone.now()) - LOST_AFTER
    lost = Job.objects.filter(state=JobState.RUNNING, heartbeat__lt=limit)
    lost.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=JobState.FAILED,
        claim=None,
        finished=timezone.now(),
        error=f"The worker stopped {MOST_ATTEMPTS} times in the middle of this. Nothing was changed. "
        "Look at the worker's memory and log, then retry.",
    )
    lost.update(state=JobState.QUEUED, claim=None, step="The worker stopped; another one takes over.")
    waiting = list(Job.objects.filter(state=JobState.QUEUED, created__lt=limit))
    for job in waiting:
        send(job)
    return len(waiting)


def _claim(job_id: int) -> Job | None:
    now = timezone.now()
    claimed = Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        claim=uuid.uuid4(),
        heartbeat=now,
        started=now,
        attempts=models.F("attempts") + 1,
        error="",
    )
    return Job.objects.get(pk=job_id) if claimed else None


def _finish(job: Job, state: JobState, **changes: Any) -> None:
    Job.objects.filter(pk=job.pk, claim=job.claim).update(
        state=state, finished=timezone.now(), heartbeat=timezone.now(), **changes
    )
