"""Celery tasks of the CRM room: each calls the pipeline, and may arrive twice."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from core import jobs
from crm.pipeline.dead_letters import tell_of_dead_letters
from crm.pipeline.deal_lines import link_lines
from crm.pipeline.deal_sums import refresh_base_amounts
from crm.pipeline.inbox_draining import drain
from crm.pipeline.inbox_parked import release_known
from crm.pipeline.lead_giving import move_overdue
from crm.pipeline.leads import link_leads
from crm.pipeline.papers import link_papers
from crm.pipeline.reconciliation import compare_export
from crm.pipeline.repairing import repair_job
from crm.pipeline.silence import sound_alarms
from crm.pipeline.test_firing import fire_test
from crm.selectors.endpoints import FIRE_TEST
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


@shared_task(name="crm.link_leads")
def link_leads_to_deals() -> int:
    return link_leads()


@shared_task(name="crm.link_lines")
def link_lines_to_deals() -> int:
    with transaction.atomic():
        return link_lines()


@shared_task(name="crm.refresh_base_amounts")
def refresh_base_amounts_of_deals() -> int:
    return refresh_base_amounts()


@shared_task(name="crm.sound_silence_alarms")
def sound_silence_alarms() -> int:
    return sound_alarms()


@shared_task(name="crm.tell_of_dead_letters")
def tell_of_changes_that_failed() -> int:
    return tell_of_dead_letters()


@shared_task(name="crm.compare_export")
def compare_export_of_a_crm(job_id: int) -> None:
    jobs.run(job_id, compare_export)


@shared_task(name="crm.repair_differences")
def repair_differences_of_an_export(job_id: int) -> None:
    jobs.run(job_id, repair_job)


@shared_task(name=FIRE_TEST)
def try_an_address(job_id: int) -> None:
    jobs.run(job_id, fire_test)
