"""Celery tasks of planning: each claims its job and calls the pipeline."""

from celery import shared_task

from core import jobs
from planning.pipeline.dispatching import send_waiting
from planning.pipeline.packs import make_pack_job
from planning.pipeline.reminders import remind_of_due_tasks
from planning.pipeline.supply.job import solve_job


@shared_task(name="planning.solve_supply")
def solve_supply(job_id: int) -> None:
    jobs.run(job_id, solve_job)


@shared_task(name="planning.remind_task_owners")
def remind_task_owners() -> int:
    return remind_of_due_tasks()


@shared_task(name="planning.make_pack")
def make_pack(job_id: int) -> None:
    jobs.run(job_id, make_pack_job)


@shared_task(name="planning.send_dispatches")
def send_dispatches() -> int:
    return send_waiting()
