"""What goes wrong for real: a killed worker, a lost database, two people with one file."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from core.errors import Refused
from core.models import Job, JobState, Person
from gathering.models import ImportRun, ImportState, Sales, SalesLine
from gathering.services.imports import commit_import, commit_now, retry_import, upload_file
from tests.gathering.imports.conftest import HEADER, lines
from tests.killing import given_up_for_lost
from tests.worker import Worker, cut_the_database, kill

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("catalog")]
Bring = Callable[..., ImportRun]
COUNT = 60_000


def _big_file() -> io.BytesIO:
    rows = (f"S{n},1,2024-01-{n % 28 + 1:02d},P{n % 2 + 1},M1,1,2.00,1.00" for n in range(COUNT))
    return io.BytesIO("\n".join([HEADER, *rows]).encode())


def _break_and_go_on(worker: Worker, job: Job, fault: Callable[[Worker], None]) -> Job:
    """Let the fault strike while the job runs, then let another worker take it over."""
    begun = {JobState.RUNNING, JobState.DONE, JobState.FAILED}
    worker.wait_for(lambda: Job.objects.get(pk=job.pk).state in begun, "the job to begin", seconds=120)
    fault(worker)
    worker.start()
    given_up_for_lost()
    return worker.wait_until_over(job, seconds=240)


@pytest.mark.worker
@pytest.mark.slow
@pytest.mark.parametrize("fault", [kill, cut_the_database])
def test_an_import_survives_a_fault_in_reading_and_in_committing(
    worker: Worker, coordinator: Person, fault: Callable[[Worker], None]
) -> None:
    run = upload_file(actor=coordinator, file=_big_file(), file_name="big.csv", dataset="sales")
    assert run.job
    if _break_and_go_on(worker, run.job, fault).state == JobState.FAILED:
        worker.wait_until_over(retry_import(actor=coordinator, run=run), seconds=240)
    run.refresh_from_db()
    assert (run.state, run.rows_good, SalesLine.objects.count()) == (ImportState.CHECKED, COUNT, 0)

    job = commit_import(actor=coordinator, run=run)
    ended = _break_and_go_on(worker, job, fault)

    run.refresh_from_db()
    if ended.state == JobState.FAILED:  # told with a sentence; nothing of it is visible, and it goes again
        assert ended.error
        assert SalesLine.objects.count() in {0, COUNT}
        if run.state != ImportState.COMMITTED:
            commit_now(actor=coordinator, run=run)
    assert SalesLine.objects.count() == COUNT
    assert sum(row.quantity for row in Sales.objects.all()) == COUNT


def test_two_people_commit_the_same_file_at_once_and_one_is_told(
    bring: Bring, coordinator: Person, analyst: Person
) -> None:
    text = lines("S1,1,2024-01-05,P1,M1,2,20.00,12.00")
    runs = [bring("sales", text, actor=person, dry_run=True) for person in (coordinator, analyst)]

    def commit(pair: tuple[ImportRun, Person]) -> Any:
        try:
            return commit_now(actor=pair[1], run=pair[0])
        except Refused as refusal:
            return str(refusal)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(commit, zip(runs, (coordinator, analyst), strict=True)))

    told = [result for result in results if isinstance(result, str)]
    assert len(told) == 1
    assert "already imported" in told[0]
    assert SalesLine.objects.count() == 1
    assert ImportRun.objects.filter(state=ImportState.COMMITTED).count() == 1


def test_a_commit_after_a_crash_reads_the_file_again(bring: Bring, coordinator: Person) -> None:
    run = bring("sales", lines("S1,1,2024-01-05,P1,M1,2,20.00,12.00"), dry_run=True)
    with connection.cursor() as cursor:  # what PostgreSQL leaves of unlogged tables after a crash
        cursor.execute(f"TRUNCATE {run.staging_table}")

    commit_now(actor=coordinator, run=run)

    assert SalesLine.objects.count() == 1
