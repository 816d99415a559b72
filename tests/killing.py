"""Killing work in the middle: what stops it at a place, and says that it is there and that it is gone.

`hit` kills a worker while it waits for what the test holds; `program` starts work in a process of its own
that stops by itself behind a function.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.jobs import LOST_AFTER, requeue_lost
from core.models import Job, JobState
from sopcycle.embedded.process import follow
from tests.worker import PROJECT, Worker, database_of_tests

# Works in a process of its own, says when it is there, and waits there to be hit.
BEGIN = """
import json, sys, time
import django
django.setup()

def then_wait(module, name):
    real = getattr(module, name)
    def waits(*given, **named):
        answer = real(*given, **named)
        print("there", flush=True)
        time.sleep(120)
        return answer
    setattr(module, name, waits)
"""
WAITS_FOR_US = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))
"""
OTHERS_WORK = """
    SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
        AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL)
"""


class Program:
    """Work in a process of its own, that is where it shall be hit."""

    def __init__(self, code: str, given: tuple[str, ...], log: Path) -> None:
        env = os.environ | {
            "DATABASE_URL": database_of_tests(),
            "DJANGO_SETTINGS_MODULE": "sopcycle.settings",
        }
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-c", BEGIN + code, *given],
                cwd=PROJECT,
                env=env,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                preexec_fn=partial(follow, os.getpid(), signal.SIGKILL),  # never outlives the tests
            )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said == "there\n", said + log.read_text()

    def kill(self) -> None:
        """As the out-of-memory killer does; what it had open in the database is gone then."""
        self._process.kill()
        self._process.wait()
        until_nobody_works()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts code behind BEGIN, with some arguments, and waits until it is where it shall be hit."""
    running: list[Program] = []

    def start(code: str, *given: object) -> Program:
        running.append(Program(code, tuple(str(one) for one in given), tmp_path / "errors.txt"))
        return running[-1]

    yield start
    for one in running:
        one.kill()


def hold(table: str) -> None:
    """Until the transaction ends, nobody else reads or writes the table."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")


def hit(worker: Worker, job: Job, holding: Callable[[], object]) -> None:
    """Kill the worker while it waits for what the test holds, and let go."""
    with transaction.atomic():
        start_and_stop(worker, job, holding)
        worker.kill()
    until_nobody_works()


def start_and_stop(worker: Worker, job: Job, holding: Callable[[], object]) -> None:
    """Start the worker and wait until it waits for what is held. Call it in a transaction."""
    holding()
    worker.start()
    worker.wait_for(lambda: _said(WAITS_FOR_US), "the worker to be in the middle", seconds=60)
    assert Job.objects.get(pk=job.pk).state == JobState.RUNNING


def until_nobody_works() -> None:
    """The database goes on with a statement whose sender is dead, and gives it up at its end."""
    until = time.monotonic() + 30
    while _said(OTHERS_WORK):
        assert time.monotonic() < until, "The killed process did not let go."
        time.sleep(0.02)


def given_up_for_lost() -> int:
    """As beat does a while after a worker died: another one gets its jobs."""
    return requeue_lost(now=timezone.now() + LOST_AFTER + timedelta(seconds=1))


def _said(question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return bool(cursor.fetchone()[0])
