"""Solving on a real worker: done, cancelled, done again."""

import pytest
from django.db import transaction

from core.jobs import ask_to_cancel
from core.models import Job, JobState, Person
from planning.models import SupplyRun, SupplyValue
from planning.services.supply import start_solve
from tests.planning.supply_world import SupplyWorld
from tests.worker import Worker

pytestmark = [
    pytest.mark.worker,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("worker"),
]


def test_a_solve_is_done_by_the_worker_once(worker: Worker, supply: SupplyWorld, analyst: Person) -> None:
    run = start_solve(actor=analyst, scenario=supply.base)
    again = start_solve(actor=analyst, scenario=supply.base)

    ended = worker.wait_until_over(Job.objects.get(supply_runs=run))

    run.refresh_from_db()
    assert again == run
    assert ended.state == JobState.DONE
    assert (run.state, ended.result["run"]) == ("done", run.pk)
    assert SupplyValue.objects.filter(run=run).count() == 36
    assert start_solve(actor=analyst, scenario=supply.base) == run


def test_a_solve_that_is_cancelled_stores_nothing(
    worker: Worker, supply: SupplyWorld, analyst: Person
) -> None:
    with transaction.atomic():  # the job is sent when this commits: the cancel is there before it begins
        run = start_solve(actor=analyst, scenario=supply.base)
        job = Job.objects.get(supply_runs=run)
        Job.objects.filter(pk=job.pk).update(cancel_asked=True)

    ended = worker.wait_until_over(job)

    run.refresh_from_db()
    assert (ended.state, run.state) == (JobState.CANCELLED, "cancelled")
    assert not SupplyValue.objects.exists()
    other = start_solve(actor=analyst, scenario=supply.base)
    assert other != run
    assert worker.wait_until_over(Job.objects.get(supply_runs=other)).state == JobState.DONE


def test_a_waiting_solve_is_cancelled_before_it_begins(
    worker_process: Worker, supply: SupplyWorld, analyst: Person
) -> None:
    run = start_solve(actor=analyst, scenario=supply.base)
    ask_to_cancel(actor=analyst, job=Job.objects.get(supply_runs=run))
    other = start_solve(actor=analyst, scenario=supply.base)

    worker_process.start()
    worker_process.wait_until_over(Job.objects.get(supply_runs=other))

    assert list(SupplyRun.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "done"]
