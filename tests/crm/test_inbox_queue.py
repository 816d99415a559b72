"""Deals do not wait behind long work: the inbox has a queue of its own, which the same worker serves."""

import pytest

from core import jobs
from core.models import Job, JobState, Person
from crm.models import InboxEvent
from crm.tasks import drain_inbox, release_parked_events
from crm.waking import DRAIN
from sopcycle.celery import app
from tests.crm.senders import message, push, standard_endpoint
from tests.worker import Worker

LONG_JOBS = 8


@pytest.mark.worker
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("worker")
def test_a_change_is_applied_while_long_work_that_came_before_it_still_waits(
    worker_process: Worker, analyst: Person
) -> None:
    for number in range(LONG_JOBS):
        jobs.start_job(
            actor=analyst, kind="tests.count_slowly", label=f"Long work {number}", params={"steps": 20}
        )
    push(standard_endpoint(), message(1, name="Pumps"))
    app.send_task(DRAIN)

    worker_process.start()
    worker_process.wait_for(lambda: InboxEvent.objects.exclude(state="waiting").exists(), "the change")

    assert Job.objects.filter(state=JobState.QUEUED).count() >= LONG_JOBS - 3


def test_what_reads_the_inbox_goes_to_its_queue_and_other_work_does_not() -> None:
    routed = {
        name: app.amqp.router.route({}, name)["queue"].name
        for name in (drain_inbox.name, release_parked_events.name, "forecasting.settle_runs")
    }
    assert routed == {
        "crm.drain_inbox": "inbox",
        "crm.release_parked_events": "inbox",
        "forecasting.settle_runs": "celery",
    }
    assert set(app.amqp.queues) == {"celery", "inbox"}  # a worker that is told nothing serves both
