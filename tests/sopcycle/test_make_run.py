"""`make run` as a person meets it: real processes and real signals, one state folder for all.

A start takes seconds, so a test that leaves the product running hands it to the next one.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sopcycle.started import (
    PROJECT,
    Started,
    embedded,
    environment,
    execute,
    folder,
    free_port,
    production,
    wait_for,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("make run")]


class Product:
    """The product on one state folder: running, or started when it is asked for."""

    def __init__(self, state: Path) -> None:
        self.state = state
        port = str(free_port())
        # Mode `test` is the product without its demo company: the quickest real start.
        self.env = environment(SOPCYCLE_STATE=str(state), SOPCYCLE_MODE="test", PORT=port)
        self._start: Started | None = None

    def start(self) -> Started:
        """A new start, not waited for."""
        self.stop()
        self._start = Started(self.env)
        return self._start

    def running(self) -> Started:
        if self._start is None or self._start.popen.poll() is not None:
            self.start().ready()
        assert self._start is not None
        return self._start

    def stop(self) -> None:
        if self._start is not None:
            self._start.kill()


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with folder() as state:
        product = Product(state)
        try:
            yield product
        finally:
            product.stop()


def health(start: Started) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{start.port}/healthz/", timeout=30) as answer:
        return str(answer.read().decode())


def keep(state: Path, table: str, number: int) -> None:
    execute(state, f"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} AS SELECT {number} AS number")


def test_asked_to_stop_while_it_starts_it_stops(product: Product) -> None:
    start = product.start()
    wait_for(lambda: "the servers are up" in start.output)

    start.popen.send_signal(signal.SIGINT)

    assert start.ended() == 0
    assert start.processes() == {}


def test_a_start_ends_with_a_web_server_that_answers_and_a_worker(product: Product) -> None:
    start = product.running()

    assert health(start) == "ok"
    lines = " ".join(start.processes().values())
    for program in (
        "postgres",
        "valkey-server",
        "gunicorn",
        "sopcycle.celery worker",
        "sopcycle.celery beat",
    ):
        assert program in lines


def test_another_start_on_the_same_folder_is_refused_and_harms_nothing(product: Product) -> None:
    start = product.running()

    done = embedded("run", env=product.env | {"PORT": str(free_port())})

    assert done.returncode == 2
    assert f"already runs on {product.state} (process {start.popen.pid})" in done.stderr
    assert done.stderr.count("\n") == 1
    assert health(start) == "ok"


def test_asked_to_stop_it_leaves_no_process_behind(product: Product) -> None:
    start = product.running()
    began = time.monotonic()

    start.popen.send_signal(signal.SIGTERM)

    assert start.ended() == 0
    assert start.processes() == {}
    assert time.monotonic() - began < 30 * _crowd()
    assert "nothing is left running" in start.output


def test_the_second_start_is_ready_in_ten_seconds_and_finds_the_data(product: Product) -> None:
    first = product.running()
    keep(product.state, "before_stop", 6)
    first.popen.send_signal(signal.SIGTERM)
    assert first.ended() == 0

    seconds = product.start().ready()

    assert execute(product.state, "SELECT number FROM before_stop") == [(6,)]
    assert seconds < 10 * _crowd()


def test_killed_outright_it_takes_every_process_along_and_starts_again_at_once(product: Product) -> None:
    first = product.running()
    keep(product.state, "survivor", 7)
    before = set(first.processes())

    first.popen.kill()
    first.popen.wait()
    again = product.start()

    again.ready()
    assert execute(product.state, "SELECT number FROM survivor") == [(7,)]
    assert health(again) == "ok"
    assert not before & set(again.processes())


def test_a_worker_that_dies_stops_the_rest_and_is_named(product: Product) -> None:
    start = product.running()

    os.kill(start.child("sopcycle.celery worker"), signal.SIGKILL)

    assert start.ended() == 2
    assert "worker was killed (SIGKILL). So everything was stopped." in start.output
    assert "Traceback" not in start.output
    assert start.processes() == {}


def test_a_database_killed_outright_stops_the_rest_and_recovers_at_the_next_start(product: Product) -> None:
    start = product.running()
    keep(product.state, "crash", 8)

    os.kill(start.child("postgres -D"), signal.SIGKILL)

    assert start.ended() == 2
    assert "PostgreSQL was killed (SIGKILL)" in start.output
    product.running()
    assert execute(product.state, "SELECT number FROM crash") == [(8,)]


def test_production_refuses_a_database_with_demo_sign_ins(product: Product) -> None:
    product.running()
    make_demo_person(product.state)
    product.stop()

    done = embedded("run", env=production(product.state, free_port()))

    assert done.returncode == 2
    assert "demo sign-ins, whose passwords are public" in done.stderr


def test_it_stops_when_the_make_that_started_it_is_killed(product: Product) -> None:
    product.stop()
    run = f"'{sys.executable}' -m sopcycle.embedded run --with-parent"
    caller = Started(product.env, ["sh", "-c", f"{run}; true"])
    caller.ready()

    caller.popen.kill()

    wait_for(lambda: caller.processes() == {})


def make_demo_person(state: Path) -> None:
    make = "Person.objects.create_user('demo@example.com', 'public', name='Demo', is_demo=True)"
    script = f"from core.models import Person; {make}"
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", script]
    subprocess.run(command, cwd=PROJECT, env=environment(SOPCYCLE_STATE=str(state)), check=True)


def _crowd() -> float:
    """What is promised for an idle machine takes longer on one that other tests share."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
