"""Celery tasks of territories: each calls the pipeline or claims its job, and may arrive twice."""

from celery import shared_task

from core import jobs
from territories.pipeline.handing_over import hand_over_deals
from territories.pipeline.optimising import solve_job
from territories.pipeline.owners import keep_ownership


@shared_task(name="territories.keep_ownership")
def keep_ownership_current() -> int:
    return keep_ownership()


@shared_task(name="territories.hand_over_deals")
def hand_over_held_deals() -> int:
    return hand_over_deals()


@shared_task(name="territories.solve_scenario")
def solve_scenario(job_id: int) -> None:
    jobs.run(job_id, solve_job)
