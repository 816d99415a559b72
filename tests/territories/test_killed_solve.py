"""A solve whose worker is killed in the middle: nothing half-stored, and the same plan after."""

from collections.abc import Callable

import pytest

from core.jobs import MOST_ATTEMPTS, retry
from core.models import Job, JobState, Person
from territories.models import Scenario, ScenarioSolve
from territories.services.scenarios import start_solve
from tests.killing import given_up_for_lost, hit, hold
from tests.territories.realigning import Realigned, goes_to, rows_of, run_job
from tests.worker import Worker

pytestmark = [
    pytest.mark.worker,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("worker"),
]


def _while_it_reads(scenario: Scenario) -> None:
    """The worker waits for what accounts ask."""
    hold("territories_accountwork")


def _while_it_stores(scenario: Scenario) -> None:
    """The worker has written its solve and all accounts but the last, for which it waits."""
    (last,) = rows_of(scenario, "a11")
    assert scenario.accounts.select_for_update(of=("self",)).filter(pk=last).get()


@pytest.mark.parametrize("holding", [_while_it_reads, _while_it_stores])
def test_a_killed_solve_leaves_nothing_and_another_worker_finds_the_plan_of_an_undisturbed_one(
    worker_process: Worker, world: Realigned, analyst: Person, holding: Callable[[Scenario], None]
) -> None:
    scenario, undisturbed = world.scenario(analyst), world.scenario(analyst, code="undisturbed")
    before, job = goes_to(scenario), start_solve(actor=analyst, scenario=scenario)

    hit(worker_process, job, lambda: holding(scenario))

    assert not ScenarioSolve.objects.exists()
    assert goes_to(scenario) == before
    given_up_for_lost()
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

    hit(worker_process, job, lambda: _while_it_stores(scenario))
    given_up_for_lost()

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "Nothing was changed" in job.error
    assert goes_to(scenario) == before
    worker_process.start()
    again = worker_process.wait_until_over(retry(actor=analyst, job=job))
    assert again.state == JobState.DONE
    assert scenario.solves.get().moves == 5
