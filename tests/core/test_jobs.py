"""The life of a job, without a worker: claims, take-overs, cancels, retries, estimates."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from core import jobs
from core.errors import Denied, Refused
from core.models import Event, Job, JobState, Person
from core.selectors.jobs import job_progress, time_left
from core.services import change_setting

SignIn = Callable[[Person], Client]


@pytest.fixture
def job(analyst: Person, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setattr(jobs.app, "send_task", lambda *_, **__: None)
    return jobs.start_job(actor=analyst, kind="tests.tell", label="Monthly import", params={"run": 7})


def _claimed(job: Job, *, minutes_ago: float = 0) -> Job:
    claimed = jobs._claim(job.pk)
    assert claimed is not None
    beat = timezone.now() - timedelta(minutes=minutes_ago)
    Job.objects.filter(pk=job.pk).update(heartbeat=beat, started=beat)
    return Job.objects.get(pk=job.pk)


def test_the_same_work_is_queued_once(analyst: Person, colleague: Person) -> None:
    same = jobs.input_hash({"file": "abc"})

    first = jobs.start_job(actor=analyst, kind="tests.tell", label="Once", params={}, same_work=same)
    second = jobs.start_job(actor=colleague, kind="tests.tell", label="Once", params={}, same_work=same)

    assert second.pk == first.pk
    assert Event.objects.filter(verb="job started").count() == 1


def test_the_same_work_may_be_done_again_after_it_ended(analyst: Person) -> None:
    first = jobs.start_job(actor=analyst, kind="tests.tell", label="Twice", params={}, same_work="abc")
    jobs.run(first.pk, lambda progress: {})

    second = jobs.start_job(actor=analyst, kind="tests.tell", label="Twice", params={}, same_work="abc")

    assert second.pk != first.pk


def test_the_days_of_work_are_those_of_the_company(advisor: Person, job: Job) -> None:
    change_setting(actor=advisor, key="time_zone", value="Pacific/Kiritimati", reason="We moved")
    zones: list[str] = []

    def work(progress: jobs.Progress) -> dict[str, Any]:
        zones.append(timezone.get_current_timezone_name())
        return {}

    jobs.run(job.pk, work)

    assert zones == ["Pacific/Kiritimati"]
    assert timezone.get_current_timezone_name() == "UTC"


def test_work_is_done_once_however_often_it_is_asked_for(job: Job) -> None:
    done: list[int] = []

    def work(progress: jobs.Progress) -> dict[str, Any]:
        done.append(progress.job.pk)
        return {"rows": 3}

    jobs.run(job.pk, work)
    jobs.run(job.pk, work)

    assert done == [job.pk]
    assert Job.objects.get().result == {"rows": 3}


def test_a_task_whose_job_was_taken_over_stores_nothing(job: Job) -> None:
    progress = jobs.Progress(_claimed(job))
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, claim=None)
    _claimed(job)

    with pytest.raises(jobs.Lost), progress.store():
        pytest.fail("the store was entered")
    with pytest.raises(jobs.Lost):
        progress.report(done=1)


def test_a_result_is_stored_with_the_end_of_the_job_or_not_at_all(job: Job, analyst: Person) -> None:
    def work(progress: jobs.Progress) -> dict[str, Any]:
        with progress.store() as store:
            Person.objects.filter(pk=analyst.pk).update(job_title="Stored")
            store.result = {"people": 1}
            raise Refused("The second half is missing.")
        return {}

    jobs.run(job.pk, work)

    assert Job.objects.get().state == JobState.FAILED
    assert Person.objects.get(pk=analyst.pk).job_title == ""


def test_a_silent_worker_loses_its_job_after_a_minute(job: Job) -> None:
    _claimed(job, minutes_ago=2)

    assert jobs.requeue_lost() == 1

    lost = Job.objects.get()
    assert (lost.state, lost.claim) == (JobState.QUEUED, None)
    assert "another one takes over" in lost.step


def test_a_worker_that_beats_keeps_its_job(job: Job) -> None:
    _claimed(job)

    assert jobs.requeue_lost() == 0
    assert Job.objects.get().state == JobState.RUNNING


def test_after_three_attempts_the_job_fails_with_a_sentence(job: Job) -> None:
    for _ in range(3):
        _claimed(job, minutes_ago=2)
        jobs.requeue_lost()

    failed = Job.objects.get()
    assert failed.state == JobState.FAILED
    assert "stopped 3 times" in failed.error


def test_a_cancelled_job_of_a_dead_worker_is_not_given_to_another(job: Job, analyst: Person) -> None:
    _claimed(job)
    jobs.ask_to_cancel(actor=analyst, job=job)
    Job.objects.update(heartbeat=timezone.now() - timedelta(minutes=2))

    assert jobs.requeue_lost() == 0
    assert Job.objects.get().state == JobState.CANCELLED


def test_a_waiting_job_is_not_sent_again_and_again(job: Job) -> None:
    jobs.send(job)

    assert jobs.requeue_lost(now=timezone.now() + timedelta(minutes=5)) == 0
    assert jobs.requeue_lost(now=timezone.now() + timedelta(minutes=11)) == 1


def test_the_heart_beats_during_a_long_step(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[int] = []
    monkeypatch.setattr(jobs, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(jobs.Progress, "beat", lambda progress: beats.append(1))

    def work(progress: jobs.Progress) -> dict[str, Any]:
        until = timezone.now() + timedelta(seconds=5)
        while len(beats) < 3 and timezone.now() < until:
            pass
        return {}

    jobs.run(job.pk, work)

    assert len(beats) >= 3


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(job: Job, analyst: Person) -> None:
    jobs.ask_to_cancel(actor=analyst, job=job)

    jobs.run(job.pk, lambda progress: pytest.fail("it ran"))

    assert Job.objects.get().state == JobState.CANCELLED


def test_a_finished_job_is_neither_cancelled_nor_retried(job: Job, analyst: Person) -> None:
    jobs.run(job.pk, lambda progress: {})
    done = Job.objects.get()

    with pytest.raises(Refused, match="already over"):
        jobs.ask_to_cancel(actor=analyst, job=done)
    with pytest.raises(Refused, match="only failed work"):
        jobs.retry(actor=analyst, job=done)


def test_an_executive_may_not_cancel(job: Job, executive: Person) -> None:
    with pytest.raises(Denied):
        jobs.ask_to_cancel(actor=executive, job=job)


def test_the_time_left_follows_the_pace(job: Job) -> None:
    now = timezone.now()
    job.state, job.started, job.total = JobState.RUNNING, now - timedelta(minutes=2), 100

    left = {}
    for done in (2, 25, 50, 99, 100):
        job.done = done
        left[done] = time_left(job, now=now)

    assert left == {
        2: "",
        25: "about 6 min left",
        50: "about 2 min left",
        99: "a few seconds left",
        100: "",
    }


def test_the_page_of_a_running_job_asks_for_its_progress(
    job: Job, analyst: Person, signed_in: SignIn
) -> None:
    progress = jobs.Progress(_claimed(job))
    progress.report(done=25, total=100, step="Reading rows")
    client = signed_in(analyst)

    page = client.get(f"/jobs/{job.pk}/").content.decode()
    part = client.get(f"/jobs/{job.pk}/progress/").content.decode()

    assert f'hx-get="/jobs/{job.pk}/progress/"' in page
    assert 'value="25"' in part
    assert "Reading rows" in part
    assert "<html" not in part


def test_the_page_cancels_and_retries(job: Job, analyst: Person, signed_in: SignIn) -> None:
    client = signed_in(analyst)

    client.post(f"/jobs/{job.pk}/cancel/")
    answer = client.post(f"/jobs/{job.pk}/retry/")

    again = Job.objects.exclude(pk=job.pk).get()
    assert answer["Location"] == f"/jobs/{again.pk}/"
    assert again.params == {"run": 7}


def test_cancelling_a_finished_job_says_why_not(job: Job, analyst: Person, signed_in: SignIn) -> None:
    jobs.run(job.pk, lambda progress: {})

    answer = signed_in(analyst).post(f"/jobs/{job.pk}/cancel/")

    assert answer.status_code == 409
    assert "is already over (done)" in answer.content.decode()


def test_an_executive_sees_no_cancel_button(job: Job, executive: Person) -> None:
    assert job_progress(job, executive)["cancel_url"] == ""


def test_a_service_account_sees_only_its_own_jobs(
    job: Job, service_account: Person, api: Callable[[Person], APIClient]
) -> None:
    own = jobs.start_job(actor=service_account, kind="tests.tell", label="Nightly", params={})
    client = api(service_account)

    assert [one["id"] for one in client.get("/api/v1/jobs/").json()["results"]] == [own.pk]
    assert client.get(f"/api/v1/jobs/{job.pk}/").status_code == 404


def test_a_program_cancels_and_retries(job: Job, analyst: Person, api: Callable[[Person], APIClient]) -> None:
    client = api(analyst)

    cancelled = client.post(f"/api/v1/jobs/{job.pk}/cancel/").json()
    again = client.post(f"/api/v1/jobs/{job.pk}/retry/")
    refused = client.post(f"/api/v1/jobs/{job.pk}/cancel/")

    assert cancelled["state"] == "cancelled"
    assert again.status_code == 201
    assert again.json()["state"] == "queued"
    assert refused.status_code == 409
    assert "already over" in refused.json()["error"]["message"]


def test_the_list_of_jobs_asks_few_questions(
    job: Job, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    for number in range(20):
        jobs.start_job(actor=analyst, kind="tests.tell", label=f"Job {number}", params={})
    client = signed_in(analyst)

    with pinned_queries("list"):
        assert client.get("/jobs/").status_code == 200
    with pinned_queries("detail"):
        assert client.get(f"/jobs/{job.pk}/").status_code == 200
