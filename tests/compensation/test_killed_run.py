"""A calculation whose worker is killed in the middle: nothing half-stored, and the same pay after."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from compensation.models import PayLine, PayRun, Statement
from compensation.services.runs import start_run
from core.jobs import ask_to_cancel
from core.models import Job, JobState, Person
from tests.compensation.company import FLAT, deal, plan_of, rep_on
from tests.killing import given_up_for_lost, hit, hold, start_and_stop
from tests.worker import Worker

pytestmark = [
    pytest.mark.worker,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("worker"),
]
WHILE_IT_READS = "compensation_planassignment"  # what plans say
WHILE_IT_STORES = "compensation_payline"  # statements and parts are written


def this_month() -> dt.date:
    return timezone.localdate().replace(day=1)


@pytest.mark.parametrize("table", [WHILE_IT_READS, WHILE_IT_STORES])
def test_a_killed_run_leaves_nothing_and_another_worker_pays_everybody(
    worker_process: Worker, analyst: Person, table: str
) -> None:
    deal(rep_on(plan_of(FLAT)), 10_000, this_month())
    job = start_run(actor=analyst, month=this_month())

    hit(worker_process, job, lambda: hold(table))

    assert not PayRun.objects.exists() and not Statement.objects.exists()
    given_up_for_lost()
    worker_process.start()
    ended = worker_process.wait_until_over(job)
    assert (ended.state, ended.attempts) == (JobState.DONE, 2)
    run = PayRun.objects.get()
    assert (run.version, run.state, run.made_by) == (1, "preview", analyst)
    assert PayLine.objects.get(statement__run=run).pay == 500


def test_a_cancelled_calculation_leaves_no_run(worker_process: Worker, analyst: Person) -> None:
    deal(rep_on(plan_of(FLAT)), 10_000, this_month())
    job = start_run(actor=analyst, month=this_month())
    with transaction.atomic():
        start_and_stop(worker_process, job, lambda: hold(WHILE_IT_READS))
        Job.objects.filter(pk=job.pk).update(cancel_asked=True)
    ended = worker_process.wait_until_over(job)
    assert ended.state == JobState.CANCELLED
    assert not PayRun.objects.exists()


def test_a_waiting_calculation_is_cancelled_at_once(analyst: Person) -> None:
    rep_on(plan_of(FLAT))
    job = start_run(actor=analyst, month=this_month())
    ended = ask_to_cancel(actor=analyst, job=job)
    assert ended.state == JobState.CANCELLED
    assert start_run(actor=analyst, month=this_month()).pk != job.pk
