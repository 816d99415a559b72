"""The Celery task that loads the demo company's past cycles while people look around already, and then
what hangs on the released plan: quotas, pay, and what the open deals will bring."""

import datetime as dt
from typing import Any

from celery import shared_task
from django.utils import timezone

from core import jobs
from core.jobs import Progress
from demo.loading.cycles import load_cycle
from demo.loading.following import load_what_follows
from demo.loading.later import COUNT, LOAD_CYCLE, load_cycles_later


@shared_task(name=LOAD_CYCLE)
def load_one_cycle(job_id: int) -> None:
    jobs.run(job_id, load_cycle_job)


def load_cycle_job(progress: Progress) -> dict[str, Any]:
    """One cycle; then the next one is asked for."""
    params = progress.job.params
    company = {
        "scale": params["scale"],
        "seed": params["seed"],
        "until": dt.date.fromisoformat(params["until"]),
    }
    number = params["number"]
    cycle = load_cycle(
        **company,
        number=number,
        report=lambda done, total, step: progress.report(done=done, total=total, step=step),
    )
    if number + 1 < COUNT:
        load_cycles_later(**company, number=number + 1)
    else:
        load_what_follows(timezone.localdate(), say=lambda line: progress.report(step=line))
    return {"cycle": cycle.pk}
