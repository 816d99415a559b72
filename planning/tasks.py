"""Celery tasks of planning: each claims its job and calls the pipeline."""

from celery import shared_task

from core import jobs
from planning.pipeline.supply.job import solve_job


@shared_task(name="planning.solve_supply")
def solve_supply(job_id: int) -> None:
    jobs.run(job_id, solve_job)
