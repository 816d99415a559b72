"""A real Celery worker on the real broker, working on the test's database.

A test that uses `worker` needs real commits: mark it `@pytest.mark.django_db(transaction=True)`, or
use `live_server`. Each pytest process has its own database in the broker, so that processes side by
side never take each other's tasks.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
import redis
from django.conf import settings
from django.db import connection

from core.models import Job
from sopcycle.celery import app
from sopcycle.embedded.process import follow

PROJECT = Path(__file__).resolve().parent.parent
FIRST_BROKER_DATABASE = 4  # below are the application's own queue and cache
BROKER_DATABASES = 12


class Worker:
    """The worker process: `start`, `kill` (-9) and `stop`; `wait_for` waits for a condition."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self._env, self._log = env, log
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self, concurrency: int = 1) -> None:
        options = ("--concurrency", str(concurrency), "--loglevel", "INFO", "--include", "tests.core.tasks")
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        with self._log.open("ab") as log:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "celery", "--app", "sopcycle.celery", "worker", *options, *quiet],
                cwd=PROJECT,
                env=self._env,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=partial(follow, os.getpid(), signal.SIGKILL),  # never outlives the tests
            )
        self.wait_for(lambda: b" ready." in self._log.read_bytes(), "the worker to be ready", seconds=90)

    @property
    def is_alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def kill(self) -> None:
        """As the out-of-memory killer does: no chance to say goodbye."""
        self._end(signal.SIGKILL)
        self._log.write_bytes(b"")

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def wait_for(self, condition: Callable[[], Any], what: str, *, seconds: float = 30) -> Any:
        """The first true answer of the condition; fails with the worker's log when none comes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if answer := condition():
                return answer
            time.sleep(0.05)
        pytest.fail(f"Waited {seconds} s for {what}.\n{self._log.read_text()[-3000:]}")

    def wait_until_over(self, job: Job, *, seconds: float = 60) -> Job:
        """The job as it is once done, failed or cancelled."""
        self.wait_for(lambda: Job.objects.get(pk=job.pk).is_over, f"“{job.label}” to end", seconds=seconds)
        return Job.objects.get(pk=job.pk)

    def _end(self, how: signal.Signals) -> None:
        if self._popen is None or self._popen.poll() is not None:
            return
        self._popen.send_signal(how)
        try:
            self._popen.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()


class Killed(Protocol):
    """A worker or another process."""

    def kill(self) -> None:
        """End it at once."""


def kill(worker: Killed) -> None:
    """A fault: the worker dies at once."""
    worker.kill()


def cut_the_database(worker: Killed) -> None:
    """A fault: what a killed database does to everybody who is connected; then the worker goes as well."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    worker.kill()


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty queue of this pytest process, which the tests' own tasks are sent to as well."""
    number = FIRST_BROKER_DATABASE + _process_number() % BROKER_DATABASES
    url = _with_database(settings.CELERY_BROKER_URL, number)
    client = redis.Redis.from_url(settings.REDIS_URL, db=number)
    client.flushdb()
    use_broker(url, monkeypatch)
    yield url
    client.flushdb()
    client.close()
    _forget_connections()


@pytest.fixture
def worker_process(broker: str, tmp_path: Path, transactional_db: None) -> Iterator[Worker]:
    """A worker that is not started yet."""
    process = Worker(worker_environment(broker), tmp_path / "worker.log")
    yield process
    process.stop()


@pytest.fixture
def worker(worker_process: Worker) -> Worker:
    """A worker that waits for tasks."""
    worker_process.start()
    return worker_process


def worker_environment(broker: str) -> dict[str, str]:
    """The environment of a worker on the test's queue and database."""
    return os.environ | {"CELERY_BROKER_URL": broker, "DATABASE_URL": database_of_tests()}


def use_broker(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Celery reads CELERY_BROKER_URL at each new connection; the old ones must go."""
    monkeypatch.setenv("CELERY_BROKER_URL", url)
    _forget_connections()


def _forget_connections() -> None:
    app._pool = None
    app.amqp._producer_pool = None


def _process_number() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def _with_database(url: str, number: int) -> str:
    base = url.partition("?")[0]
    if base.startswith("redis+socket://"):
        return f"{base}?virtual_host={number}"
    return urlunsplit(urlsplit(base)._replace(path=f"/{number}"))


def database_of_tests() -> str:
    """Its address, for other processes."""
    has = connection.settings_dict
    host = quote(str(has["HOST"]), safe="")
    port = f":{has['PORT']}" if has["PORT"] else ""
    who = f"{quote(has['USER'], safe='')}:{quote(has['PASSWORD'], safe='')}"
    return f"postgres://{who}@{host}{port}/{quote(has['NAME'], safe='')}"
