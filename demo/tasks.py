"""The Celery task that loads the demo company's past cycles while people look around already."""

import datetime as dt
from typing import Any

from celery import shared_task

from core import jobs
from core.jobs import Progress
from demo.loading.cycles import load_cycles
from demo.loading.later import LOAD_CYCLES


@shared_task(name=LOAD_CYCLES)
def load_cycles_later(job_id: int) -> None:
    jobs.run(job_id, load_cycles_job)


def load_cycles_job(progress: Progress) -> dict[str, Any]:
    """Every cycle that is not there yet; a worker that takes over goes on where the last one stopped."""
    params = progress.job.params
    load_cycles(
        scale=params["scale"],
        seed=params["seed"],
        until=dt.date.fromisoformat(params["until"]),
        say=progress.say,
        report=lambda done, total, step: progress.report(done=done, total=total, step=step),
    )
    return {}
