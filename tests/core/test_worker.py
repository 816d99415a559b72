"""Jobs on a real worker, a real broker and a real database: each happens once, whatever happens."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import jobs
from core.models import Job, JobState, Notification, Person
from sopcycle.celery import app
from tests.killing import given_up_for_lost
from tests.worker import Worker, use_broker

pytestmark = [
    pytest.mark.worker,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("worker"),
]


def _start(actor: Person, kind: str, **params: int) -> Job:
    return jobs.start_job(actor=actor, kind=f"tests.{kind}", label=f"Try {kind}", params=params)


def test_a_job_that_is_sent_three_times_happens_once(worker: Worker, analyst: Person) -> None:
    job = _start(analyst, "tell")
    for _ in range(2):
        app.send_task(job.kind, args=[job.pk])

    ended = worker.wait_until_over(job)

    assert ended.state == JobState.DONE
    assert ended.result == {"told": 1}
    assert ended.done == ended.total == 1
    following = worker.wait_until_over(_start(analyst, "tell"))
    assert following.state == JobState.DONE
    assert Notification.objects.filter(title=f"told by job {job.pk}").count() == 1


def test_a_job_whose_worker_is_killed_goes_to_another_and_is_done_exactly_once(
    worker_process: Worker, analyst: Person
) -> None:
    worker_process.start()
    job = _start(analyst, "count_slowly", steps=60)
    worker_process.wait_for(lambda: Job.objects.get(pk=job.pk).done > 3, "some progress")
    worker_process.kill()

    requeued = given_up_for_lost()
    worker_process.start()
    ended = worker_process.wait_until_over(job)

    assert requeued == 1
    assert (ended.state, ended.attempts) == (JobState.DONE, 2)
    assert Notification.objects.filter(title=f"counted by job {job.pk}").count() == 1


def test_a_process_killed_inside_the_store_leaves_nothing_and_the_next_attempt_stores_once(
    worker: Worker, analyst: Person
) -> None:
    job = _start(analyst, "die_once")
    worker.wait_for(lambda: Job.objects.get(pk=job.pk).attempts == 1, "the first attempt")
    worker.wait_for(lambda: not _locked(job), "the killed process to let go")
    assert not Notification.objects.exists()

    given_up_for_lost()
    ended = worker.wait_until_over(job)

    assert (ended.state, ended.result) == (JobState.DONE, {"attempts": 2})
    assert Notification.objects.count() == 1


def _locked(job: Job) -> bool:
    with jobs.transaction.atomic():
        return not Job.objects.select_for_update(skip_locked=True).filter(pk=job.pk).exists()


def test_a_running_job_stops_at_the_next_step_after_a_cancel(worker: Worker, analyst: Person) -> None:
    job = _start(analyst, "count_slowly")
    worker.wait_for(lambda: Job.objects.get(pk=job.pk).done > 1, "some progress")

    jobs.ask_to_cancel(actor=analyst, job=job)
    ended = worker.wait_until_over(job, seconds=10)

    assert ended.state == JobState.CANCELLED
    assert ended.step == "Cancelled. Nothing was changed."
    assert not Notification.objects.exists()


def test_a_refusal_and_an_unexpected_error_end_with_a_sentence(worker: Worker, analyst: Person) -> None:
    refused = worker.wait_until_over(_start(analyst, "refuse"))
    broken = worker.wait_until_over(_start(analyst, "break"))

    assert refused.state == broken.state == JobState.FAILED
    assert refused.error == "The file has no rows. Upload one that has."
    assert refused.log[0].endswith("Looked at the file.")
    assert "ZeroDivisionError: division by zero" in broken.error
    assert any("break_down" in line or "work" in line for line in broken.log)


def test_a_job_started_while_the_broker_is_down_waits_and_is_picked_up_later(
    worker: Worker, broker: str, analyst: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_broker("redis://127.0.0.1:1/0", monkeypatch)
    job = _start(analyst, "tell")
    waiting = Job.objects.get(pk=job.pk)
    assert (waiting.state, waiting.heartbeat) == (JobState.QUEUED, None)
    assert "queue does not answer" in waiting.step

    use_broker(broker, monkeypatch)
    jobs.requeue_lost(now=timezone.now() + timedelta(seconds=6))

    assert worker.wait_until_over(job).state == JobState.DONE
