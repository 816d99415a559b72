"""`python -m sopcycle.embedded with`: real servers around any command."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sopcycle.embedded import addresses
from tests.sopcycle.started import (
    EMBEDDED,
    PROJECT,
    embedded,
    environment,
    folder,
    processes_of,
    stranger,
    wait_for,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("servers")]

LOOK = """
import os, psycopg2, redis
from celery import Celery
from urllib.parse import unquote, urlsplit
parts = urlsplit(os.environ["DATABASE_URL"])
connection = psycopg2.connect(os.environ["DATABASE_URL"])
cursor = connection.cursor()
cursor.execute({statement!r})
connection.commit()
print(cursor.fetchall() if cursor.description else "done")
client = redis.Redis.from_url(os.environ["REDIS_URL"])
client.incr("starts")
print("starts", int(client.get("starts")))
broker = os.environ["REDIS_URL"].replace("unix://", "redis+socket://", 1)
Celery(broker=broker).connection().ensure_connection(max_retries=1)
"""


@pytest.fixture
def state() -> Iterator[Path]:
    with folder() as path:
        yield path


def look(state: Path, statement: str) -> list[str]:
    script = LOOK.format(statement=statement)
    done = embedded("with", "--state", str(state), "--", sys.executable, "-c", script)
    assert done.returncode == 0, done.stderr
    assert processes_of(state) == {}
    return str(done.stdout).splitlines()


def test_what_one_start_commits_the_next_one_finds(state: Path) -> None:
    assert look(state, "CREATE TABLE kept AS SELECT 42 AS answer") == ["done", "starts 1"]

    assert look(state, "SELECT answer FROM kept") == ["[(42,)]", "starts 2"]


def test_the_password_is_kept_for_its_owner_only(state: Path) -> None:
    embedded("with", "--state", str(state), "--", "true")

    assert (state / addresses.PASSWORD_FILE).stat().st_mode & 0o077 == 0
    assert len(addresses.password(state)) > 20


def test_the_exit_code_is_the_commands_own_and_a_temporary_state_is_removed(state: Path) -> None:
    script = "echo $SOPCYCLE_STATE; exit 7"

    done = embedded("with", "--fast", "--", "sh", "-c", script)

    assert done.returncode == 7
    assert not Path(done.stdout.strip()).exists()


def test_a_command_that_is_not_there_is_named(state: Path) -> None:
    done = embedded("with", "--state", str(state), "--", "no-such-command")

    assert done.returncode == 2
    assert "no-such-command" in done.stderr and "Traceback" not in done.stderr
    assert processes_of(state) == {}


def test_servers_given_by_address_are_not_started(state: Path) -> None:
    given = {"DATABASE_URL": "postgres://other/db", "REDIS_URL": "redis://other"}
    script = "echo $DATABASE_URL $REDIS_URL"

    done = embedded("with", "--state", str(state), "--", "sh", "-c", script, env=environment(**given))

    assert done.stdout.split() == list(given.values())
    assert not (state / "postgres" / "data").exists() and not (state / "valkey").exists()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_however_it_ends_its_servers_and_its_command_end_too(state: Path, end: signal.Signals) -> None:
    command = [*EMBEDDED, "with", "--state", str(state), "--", "sleep", "300"]
    popen = subprocess.Popen(command, cwd=PROJECT, env=environment())
    wait_for(lambda: any(line.startswith("sleep") for line in processes_of(state).values()))

    popen.send_signal(end)

    popen.wait(60)
    wait_for(lambda: processes_of(state) == {}, 30)


def test_a_first_start_cut_short_is_made_good_by_the_next(state: Path) -> None:
    half = state / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    if os.geteuid() == 0:
        os.chown(state / "postgres", 65534, 65534)

    assert look(state, "SELECT 1") == ["[(1,)]", "starts 1"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: becomes another user")
def test_an_ordinary_user_starts_the_servers_too(state: Path) -> None:
    as_stranger = stranger(state.parent)
    state.mkdir()
    os.chown(state, as_stranger["user"], as_stranger["group"])
    script = 'id -u; ls "$SOPCYCLE_STATE/run"'

    done = embedded("with", "--state", str(state), "--", "sh", "-c", script, **as_stranger)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(as_stranger["user"]), "valkey.sock"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a folder that only root may enter")
def test_roots_closed_folder_keeps_its_data_where_the_servers_account_may_go() -> None:
    with folder("closed/state") as state:
        state.parent.mkdir(mode=0o700)

        look(state, "CREATE TABLE kept AS SELECT 1 AS answer")

        assert look(state, "SELECT answer FROM kept") == ["[(1,)]", "starts 2"]
        assert not addresses.cluster_folder(state).is_relative_to(state)
