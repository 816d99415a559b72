"""Celery tasks of data coming in: each claims its job and calls the pipeline."""

from celery import shared_task

from core import jobs
from gathering.pipeline.jobs import commit_job, read_job, replay_job
from gathering.pipeline.quality import check_quality
from gathering.pipeline.sources import remind_owners


@shared_task(name="gathering.check_quality")
def check_quality_of_facts(job_id: int) -> None:
    jobs.run(job_id, check_quality)


@shared_task(name="gathering.remind_source_owners")
def remind_source_owners() -> int:
    return remind_owners()


@shared_task(name="gathering.read_import")
def read_import(job_id: int) -> None:
    jobs.run(job_id, read_job)


@shared_task(name="gathering.commit_import")
def commit_import(job_id: int) -> None:
    jobs.run(job_id, commit_job)


@shared_task(name="gathering.replay_held_rows")
def replay_held_rows(job_id: int) -> None:
    jobs.run(job_id, replay_job)
