"""Forecasts on real workers: shared, cancelled, and finished whatever is killed in the middle."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from core.jobs import requeue_lost
from core.models import Event, Job, JobState, Notification, Person
from forecasting.models import ForecastChunk, ForecastRun, ForecastSeries, ForecastValue, RunState
from forecasting.pipeline.chunks import free_chunk, plan_chunks
from forecasting.selectors.values import forecast_frame
from forecasting.services.run_now import run_now
from forecasting.services.runs import cancel_run, retry_run, start_run
from forecasting.tasks import run_forecast
from tests.forecasting.conftest import LAST
from tests.killing import given_up_for_lost
from tests.worker import Worker, cut_the_database, kill, use_broker, worker_environment

pytestmark = [
    pytest.mark.worker,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("many"),
]
HORIZON = 6


@pytest.fixture
def second_worker(broker: str, tmp_path: Path, transactional_db: None) -> Iterator[Worker]:
    """Another worker machine on the same queue, not started yet."""
    process = Worker(worker_environment(broker), tmp_path / "second.log")
    yield process
    process.stop()


def _chunk_is_claimed(run: ForecastRun) -> bool:
    return ForecastChunk.objects.filter(run=run, done=None).exclude(claimed=None).exists()


def _some_are_stored(run: ForecastRun) -> bool:
    return ForecastChunk.objects.filter(run=run).exclude(done=None).exists()


def _ended(worker: Worker, run: ForecastRun, *, seconds: float = 120) -> ForecastRun:
    run.refresh_from_db()
    worker.wait_until_over(run.job, seconds=seconds)
    run.refresh_from_db()
    return run


def _numbers(run: ForecastRun) -> list[tuple]:
    """The run's numbers, without what names the run."""
    rows = ForecastSeries.objects.filter(run=run).order_by("demand_unit")
    kept = list(rows.values_list("demand_unit", "method", "reason", "mase", "wape", "bias"))
    return [*kept, *forecast_frame(run).itertuples(index=False, name=None)]


def _undisturbed() -> list[tuple]:
    """The numbers of the same forecast, made at once in this process after the run is set aside."""
    disturbed = ForecastRun.objects.get()
    with connection.cursor() as cursor:  # the same work would find the run that is there
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE forecasting_forecastrun SET input_hash = 'set aside' WHERE id = %s", [disturbed.pk]
        )
        cursor.execute("SET session_replication_role = origin")
    return _numbers(run_now(actor=None, last_month=LAST, horizon=HORIZON))


def _assert_done_once(run: ForecastRun) -> None:
    assert (run.state, run.job.state) == (RunState.DONE, JobState.DONE)
    assert ForecastSeries.objects.filter(run=run).count() == run.series == 122
    assert ForecastValue.objects.filter(run=run).count() == 122 * HORIZON
    assert Event.objects.filter(verb="forecast done").count() == 1
    assert Notification.objects.filter(url=f"/forecasts/{run.pk}/").count() == 1


def test_two_workers_share_a_run_and_it_ends_once(worker_process: Worker, analyst: Person) -> None:
    worker_process.start(concurrency=2)

    run = _ended(worker_process, start_run(actor=analyst, last_month=LAST, horizon=HORIZON))

    _assert_done_once(run)
    assert run.job.done == run.job.total == 122
    assert ForecastChunk.objects.filter(run=run, of_levels=False).count() == 3
    assert _numbers(run) == _undisturbed()


def test_a_cancel_stops_between_two_series_and_a_retry_does_the_rest(worker: Worker, analyst: Person) -> None:
    run = start_run(actor=analyst, last_month=LAST, horizon=HORIZON)
    worker.wait_for(lambda: _some_are_stored(run), "the first chunk to be stored")

    cancel_run(actor=analyst, run=run)
    run = _ended(worker, run, seconds=20)
    assert (run.state, run.job.state) == (RunState.CANCELLED, JobState.CANCELLED)
    kept = set(ForecastSeries.objects.values_list("pk", flat=True))
    assert 0 < len(kept) < 122

    retry_run(actor=analyst, run=run)
    run = _ended(worker, run)

    _assert_done_once(run)
    assert kept < set(ForecastSeries.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("fault", [kill, cut_the_database])
def test_a_fault_in_the_middle_of_a_chunk_changes_nothing_of_the_result(
    worker: Worker, analyst: Person, fault: Callable[[Worker], None]
) -> None:
    run = start_run(actor=analyst, last_month=LAST, horizon=HORIZON)
    worker.wait_for(lambda: _chunk_is_claimed(run), "a chunk to be begun")

    fault(worker)
    halfway = ForecastSeries.objects.count()
    assert halfway in {50 * n for n in range(3)}  # whole chunks or nothing
    worker.start()
    given_up_for_lost()
    run = _ended(worker, run)

    _assert_done_once(run)
    assert run.job.attempts == 2
    assert _numbers(run) == _undisturbed()


def test_a_helper_that_dies_gives_its_chunk_back_at_once(
    worker_process: Worker, second_worker: Worker, analyst: Person
) -> None:
    """The first worker has the job, the second helps and is killed: nobody waits for a heartbeat."""
    worker_process.start()
    run = start_run(actor=analyst, last_month=LAST, horizon=HORIZON)
    second_worker.start()
    worker_process.wait_for(
        lambda: (
            ForecastChunk.objects.filter(run=run, done=None).exclude(claimed=None).count() == 2
            or ForecastRun.objects.get(pk=run.pk).state == RunState.DONE
        ),
        "both workers to be at work",
    )

    second_worker.kill()
    run = _ended(worker_process, run, seconds=45)

    _assert_done_once(run)
    assert run.job.attempts == 1


def test_a_broker_that_dies_costs_only_the_help(
    worker_process: Worker, broker: str, analyst: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job was never sent: beat sends it once the broker is back; it needs nobody's help."""
    use_broker("redis://127.0.0.1:1/0", monkeypatch)
    run = start_run(actor=analyst, last_month=LAST, horizon=HORIZON)
    assert Job.objects.get().heartbeat is None
    use_broker(broker, monkeypatch)
    worker_process.start()

    requeue_lost(now=timezone.now() + timedelta(seconds=6))

    _assert_done_once(_ended(worker_process, run))


def test_without_a_broker_a_run_does_all_its_chunks_itself(
    analyst: Person, broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_here = start_run(actor=analyst, last_month=LAST, horizon=HORIZON)
    use_broker("redis://127.0.0.1:1/0", monkeypatch)

    run_forecast(from_here.job_id)

    from_here.refresh_from_db()
    _assert_done_once(from_here)


def test_a_chunk_in_the_hands_of_another_is_left_alone(analyst: Person, broker: str) -> None:
    run = start_run(actor=analyst, last_month=LAST, horizon=HORIZON)
    plan_chunks(run)

    def number_of_the_next() -> int | None:
        """As another worker sees it: in a database session of its own."""
        try:
            with free_chunk(run) as chunk:
                return chunk.number if chunk else None
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as elsewhere, free_chunk(run) as ours:
        assert ours is not None
        assert (ours.number, elsewhere.submit(number_of_the_next).result()) == (1, 2)
