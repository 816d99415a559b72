"""The servers under a run vanish for real: the queue for twenty seconds, the database by kill -9. The run
ends right and once; whoever must start programs again is played by the test."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.product import Product
from core.models import Event, JobState, Person
from forecasting.models import ForecastChunk, ForecastRun, ForecastSeries, ForecastValue, RunState
from forecasting.services.runs import start_run
from sopcycle.embedded import addresses
from sopcycle.embedded.process import Process, stop_together
from sopcycle.embedded.valkey import Valkey
from tests.forecasting.conftest import LAST
from tests.worker import Worker, use_broker, worker_environment

pytestmark = [pytest.mark.worker, pytest.mark.slow]
AWAY = 20.0  # seconds
UNITS, MONTHS = 200, 48
START = """
import datetime as dt
from forecasting.services.runs import start_run
print(start_run(actor=None, last_month=dt.date(2023, 12, 1), horizon=6).pk)
"""
RETRY = """
from forecasting.models import ForecastRun
from forecasting.services.runs import retry_run
retry_run(actor=None, run=ForecastRun.objects.get())
"""
SUMS = """
import json
from forecasting.models import ForecastRun
from forecasting.selectors.values import forecast_frame
frame = forecast_frame(ForecastRun.objects.order_by("-pk").first())
print(json.dumps([len(frame), float(frame["mean"].sum()), float(frame["upper_95"].sum())]))
"""
SET_ASIDE = """
    SET session_replication_role = replica;
    UPDATE forecasting_forecastrun SET input_hash = 'set aside';
"""


class Queue:
    """A Valkey of the test's own, that may go and come back at the same address."""

    def __init__(self, state: Path) -> None:
        addresses.socket_folder(state).mkdir(parents=True)
        (state / "logs").mkdir()
        self.address = f"redis+socket://{addresses.valkey_socket(state)}"
        self._server = Valkey(state)
        self._process: Process | None = None

    def start(self) -> None:
        self._process = self._server.start(lambda: time.sleep(0.05))
        self._server.wait_ready(self._process, lambda: time.sleep(0.05))

    def stop(self) -> None:
        if self._process is not None:
            stop_together([self._process])
            self._process = None


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: str) -> Iterator[Queue]:
    own = Queue(tmp_path / "q")
    own.start()
    use_broker(own.address, monkeypatch)
    yield own
    own.stop()


@pytest.fixture
def worker_of_queue(queue: Queue, tmp_path: Path, transactional_db: None) -> Iterator[Worker]:
    process = Worker(worker_environment(queue.address), tmp_path / "worker.log")
    process.start()
    yield process
    process.stop()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("many")
def test_a_queue_that_is_away_for_twenty_seconds_costs_a_run_nothing(
    queue: Queue, worker_of_queue: Worker, analyst: Person
) -> None:
    run = start_run(actor=analyst, last_month=LAST, horizon=6)
    worker_of_queue.wait_for(
        lambda: ForecastChunk.objects.filter(run=run).exclude(claimed=None).exists(), "a chunk to be begun"
    )

    queue.stop()
    time.sleep(AWAY)
    queue.start()
    if not worker_of_queue.is_alive:
        worker_of_queue.start()

    worker_of_queue.wait_until_over(run.job, seconds=120)
    run.refresh_from_db()
    assert (run.state, run.job.state) == (RunState.DONE, JobState.DONE)
    assert ForecastSeries.objects.filter(run=run).count() == run.series == 122
    assert ForecastValue.objects.filter(run=run).count() == 122 * 6
    assert Event.objects.filter(verb="forecast done").count() == 1
    later = start_run(actor=analyst, last_month=LAST, horizon=7)  # the worker takes new work as well
    worker_of_queue.wait_until_over(later.job, seconds=120)
    assert ForecastRun.objects.get(pk=later.pk).state == RunState.DONE


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """Servers, worker and beat as in production, with a company of its own."""
    own = Product(tmp_path)
    try:
        own.start()
        own.shell(f"from benchmarks.forecast_company import make; make({UNITS}, {MONTHS})")
        _start_what_ended(own)
        yield own
    finally:
        own.stop()


def _start_what_ended(product: Product) -> None:
    for name in ("worker", "beat"):
        if not product.runs(name):
            product.revive(name)


def _ended(product: Product, run: int) -> str:
    """How the run ended; what ended by itself is started again, as any manager of services does."""

    query = f"SELECT state FROM forecasting_forecastrun WHERE id = {run}"

    def over() -> bool:
        _start_what_ended(product)
        return product.count(f"SELECT count(*) FROM ({query}) r WHERE state IN ('done', 'failed')") == 1

    product.wait_until(over, "the run to end", seconds=240)
    return str(product.rows(query)[0][0])


def test_a_database_that_is_killed_and_comes_back_ends_the_run_right_and_once(product: Product) -> None:
    run = int(product.shell(START))
    product.wait_until(
        lambda: product.count("SELECT count(*) FROM forecasting_forecastchunk WHERE done IS NOT NULL") > 0,
        "the first chunk",
    )

    product.kill("database")
    product.revive("services")
    if _ended(product, run) == "failed":
        product.shell(RETRY)
        assert _ended(product, run) == "done"

    assert product.count("SELECT count(*) FROM core_event WHERE verb = 'forecast done'") == 1
    disturbed = json.loads(product.shell(SUMS))
    product.rows(SET_ASIDE)
    assert _ended(product, int(product.shell(START))) == "done"
    assert disturbed == pytest.approx(json.loads(product.shell(SUMS)), rel=1e-9)
    assert disturbed[0] == UNITS * 6
