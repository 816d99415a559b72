"""Tasks that exist only for the tests of the job machinery; tests/worker.py gives them to the worker."""

import os
import signal
import time
from typing import Any

from celery import shared_task

from core import jobs
from core.errors import Refused
from core.models import Notification, Person


@shared_task(name="tests.tell")
def tell(job_id: int) -> None:
    """Stores one notification, in the transaction that ends the job."""

    def work(progress: jobs.Progress) -> dict[str, Any]:
        progress.report(done=0, total=1, step="Telling")
        with progress.store() as store:
            Notification.objects.create(person=_somebody(), title=f"told by job {job_id}")
            store.result = {"told": 1}
        return store.result

    jobs.run(job_id, work)


@shared_task(name="tests.count_slowly")
def count_slowly(job_id: int) -> None:
    """Reports every tenth of a second for a minute, then stores one notification."""

    def work(progress: jobs.Progress) -> dict[str, Any]:
        steps = progress.job.params.get("steps", 600)
        for step in range(steps):
            progress.report(done=step, total=steps, step=f"Step {step}")
            time.sleep(0.1)
        with progress.store() as store:
            Notification.objects.create(person=_somebody(), title=f"counted by job {job_id}")
            store.result = {"steps": steps}
        return store.result

    jobs.run(job_id, work)


@shared_task(name="tests.die_once")
def die_once(job_id: int) -> None:
    """The first attempt is killed in the middle of its store; the second goes through."""

    def work(progress: jobs.Progress) -> dict[str, Any]:
        with progress.store() as store:
            Notification.objects.create(person=_somebody(), title=f"survived by job {job_id}")
            if progress.job.attempts == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            store.result = {"attempts": progress.job.attempts}
        return store.result

    jobs.run(job_id, work)


@shared_task(name="tests.refuse")
def refuse(job_id: int) -> None:
    def work(progress: jobs.Progress) -> dict[str, Any]:
        progress.say("Looked at the file.")
        raise Refused("The file has no rows. Upload one that has.")

    jobs.run(job_id, work)


@shared_task(name="tests.break")
def break_down(job_id: int) -> None:
    def work(progress: jobs.Progress) -> dict[str, Any]:
        return {"ratio": progress.job.attempts / 0}

    jobs.run(job_id, work)


def _somebody() -> Person:
    return Person.objects.earliest("pk")
