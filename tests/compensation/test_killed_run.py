"""A calculation whose worker is killed in the middle: nothing half-stored, and the same pay after."""

import datetime as dt
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from compensation.models import PayLine, PayRun, Statement
from compensation.services.runs import start_run
from core.jobs import LOST_AFTER, ask_to_cancel, requeue_lost
from core.models import Job, JobState, Person
from tests.compensation.company import FLAT, deal, plan_of, rep_on
from tests.worker import Worker

pytestmark = [
    pytest.mark.worker,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("worker"),
]


def this_month() -> dt.date:
    return timezone.localdate().replace(day=1)


def _while_it_reads() -> None:
    """The worker waits for what plans say."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE compensation_planassignment IN ACCESS EXCLUSIVE MODE")


def _while_it_stores() -> None:
    """The worker has written statements and parts, and waits to write lines."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE compensation_payline IN ACCESS EXCLUSIVE MODE")


def _somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted "
            "AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def _locked(job: Job) -> bool:
    with transaction.atomic():
        return not Job.objects.select_for_update(skip_locked=True).filter(pk=job.pk).exists()


@pytest.mark.parametrize("hold", [_while_it_reads, _while_it_stores])
def test_a_killed_run_leaves_nothing_and_another_worker_pays_everybody(
    worker_process: Worker, analyst: Person, hold: Callable[[], None]
) -> None:
    deal(rep_on(plan_of(FLAT)), 10_000, this_month())
    job = start_run(actor=analyst, month=this_month())

    with transaction.atomic():
        hold()
        worker_process.start()
        worker_process.wait_for(_somebody_waits_for_us, "the worker to be in the middle", seconds=60)
        assert Job.objects.get(pk=job.pk).state == JobState.RUNNING
        worker_process.kill()
    worker_process.wait_for(lambda: not _locked(job), "the killed process to let go")

    assert not PayRun.objects.exists() and not Statement.objects.exists()
    requeue_lost(now=timezone.now() + LOST_AFTER + timedelta(seconds=1))
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
        _while_it_reads()
        worker_process.start()
        worker_process.wait_for(_somebody_waits_for_us, "the worker to be in the middle", seconds=60)
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
