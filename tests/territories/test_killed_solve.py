"""A solve whose worker is killed in the middle: nothing half-stored, and the same plan after."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.jobs import LOST_AFTER, MOST_ATTEMPTS, requeue_lost, retry
from core.models import Job, JobState, Person
from territories.models import Scenario, ScenarioSolve
from territories.services.scenarios import start_solve
from tests.territories.realigning import Realigned, a_realigned_world, goes_to, rows_of, run_job
from tests.worker import Worker

pytestmark = [
    pytest.mark.worker,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("worker"),
]


@pytest.fixture
def world(transactional_db: None) -> Realigned:
    return a_realigned_world()


def _while_it_reads(scenario: Scenario) -> None:
    """The worker waits for what accounts ask."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE territories_accountwork IN ACCESS EXCLUSIVE MODE")


def _while_it_stores(scenario: Scenario) -> None:
    """The worker has written its solve and all accounts but the last, for which it waits."""
    (last,) = rows_of(scenario, "a11")
    assert scenario.accounts.select_for_update(of=("self",)).filter(pk=last).get()


def _hit(worker: Worker, scenario: Scenario, hold: Callable[[Scenario], None], job: Job) -> None:
    """Kill the worker while it waits for what is held, and let go."""
    with transaction.atomic():
        hold(scenario)
        worker.start()
        worker.wait_for(_somebody_waits_for_us, "the worker to be in the middle of the solve", seconds=60)
        assert Job.objects.get(pk=job.pk).state == JobState.RUNNING
        worker.kill()
    worker.wait_for(lambda: not _locked(job), "the killed process to let go")


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


def _given_up_for_lost() -> None:
    requeue_lost(now=timezone.now() + LOST_AFTER + timedelta(seconds=1))


@pytest.mark.parametrize("hold", [_while_it_reads, _while_it_stores])
def test_a_killed_solve_leaves_nothing_and_another_worker_finds_the_plan_of_an_undisturbed_one(
    worker_process: Worker, world: Realigned, analyst: Person, hold: Callable[[Scenario], None]
) -> None:
    scenario, undisturbed = world.scenario(analyst), world.scenario(analyst, code="undisturbed")
    before, job = goes_to(scenario), start_solve(actor=analyst, scenario=scenario)

    _hit(worker_process, scenario, hold, job)

    assert not ScenarioSolve.objects.exists()
    assert goes_to(scenario) == before
    _given_up_for_lost()
    worker_process.start()
    ended = worker_process.wait_until_over(job)
    assert (ended.state, ended.attempts) == (JobState.DONE, 2)
    run_job(start_solve(actor=analyst, scenario=undisturbed))
    solve, other = scenario.solves.get(), undisturbed.solves.get()
    assert goes_to(scenario) == goes_to(undisturbed) != before
    assert (solve.objective, solve.bound, solve.input_hash) == (
        other.objective,
        other.bound,
        other.input_hash,
    )


def test_a_solve_that_is_killed_every_time_fails_with_a_sentence_and_may_be_tried_again(
    worker_process: Worker, world: Realigned, analyst: Person
) -> None:
    scenario = world.scenario(analyst)
    before, job = goes_to(scenario), start_solve(actor=analyst, scenario=scenario)
    Job.objects.filter(pk=job.pk).update(attempts=MOST_ATTEMPTS - 1)

    _hit(worker_process, scenario, _while_it_stores, job)
    _given_up_for_lost()

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "Nothing was changed" in job.error
    assert goes_to(scenario) == before
    worker_process.start()
    again = worker_process.wait_until_over(retry(actor=analyst, job=job))
    assert again.state == JobState.DONE
    assert scenario.solves.get().moves == 5
