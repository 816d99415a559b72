"""Celery tasks of territories: each calls a service or claims its job, and may arrive twice."""

from celery import shared_task

from territories.services.ownership import keep_ownership


@shared_task(name="territories.keep_ownership")
def keep_ownership_current() -> int:
    return keep_ownership()
