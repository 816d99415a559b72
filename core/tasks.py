"""Periodic work of the core (the schedule is in sopcycle/celery.py)."""

from celery import shared_task

from core import jobs


@shared_task(name="core.requeue_lost_jobs")
def requeue_lost_jobs() -> int:
    return jobs.requeue_lost()
