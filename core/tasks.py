"""Periodic work of the core (the schedule is in sopcycle/celery.py)."""

from celery import shared_task

from core import jobs, outbox


@shared_task(name="core.requeue_lost_jobs")
def requeue_lost_jobs() -> int:
    return jobs.requeue_lost()


@shared_task(name="core.send_notifications")
def send_notifications() -> int:
    return outbox.send_waiting()
