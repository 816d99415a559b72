"""Celery tasks of data coming in: each claims its job and calls the pipeline."""

from celery import shared_task

from core import jobs
from gathering.pipeline.quality import check_quality
from gathering.pipeline.sources import remind_owners


@shared_task(name="gathering.check_quality")
def check_quality_of_facts(job_id: int) -> None:
    jobs.run(job_id, check_quality)


@shared_task(name="gathering.remind_source_owners")
def remind_source_owners() -> int:
    return remind_owners()
