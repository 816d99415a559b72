"""Celery tasks of the CRM room: each calls the pipeline, and may arrive twice."""

from celery import shared_task
from django.utils import timezone

from crm.pipeline.inbox_draining import drain
from crm.pipeline.inbox_parked import release_known
from crm.pipeline.lead_giving import move_overdue
from crm.pipeline.papers import link_papers
from crm.waking import DRAIN, wake_the_inbox


@shared_task(name=DRAIN)
def drain_inbox() -> None:
    if drain().more:
        wake_the_inbox()


@shared_task(name="crm.release_parked_events")
def release_parked_events() -> int:
    released = release_known()
    if released:
        wake_the_inbox()
    return released


@shared_task(name="crm.move_overdue_leads")
def move_overdue_leads() -> int:
    return move_overdue(timezone.now())


@shared_task(name="crm.link_papers")
def link_papers_to_deals() -> int:
    return link_papers()
