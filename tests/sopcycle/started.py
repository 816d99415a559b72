"""Starting sopcycle as a person would, in processes of its own, and looking at what is left."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from sopcycle.embedded import addresses
from sopcycle.embedded.places import remove

PROJECT = Path(__file__).resolve().parent.parent.parent
OURS = ("DATABASE_URL", "REDIS_URL", "PORT", "HOST", "SECRET_KEY", "ALLOWED_HOSTS", "PG", "SOPCYCLE_")
EMBEDDED = [sys.executable, "-m", "sopcycle.embedded"]
PATIENCE = 600


def stranger(home: Path) -> dict[str, Any]:
    """How to run as an ordinary user: arguments for subprocess, or a skip with the reason.

    A Python under root's home cannot be used by others; then the system's own may serve.
    """
    # redis wants async_timeout on a Python before 3.11.3, which ours need not be.
    (home / "async_timeout.py").write_text("from asyncio import timeout")
    packages = f"{Path(psycopg2.__file__).parent.parent}:{home}"
    person = next(entry for entry in pwd.getpwall() if entry.pw_uid not in (0, 65534))
    become = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        env = environment(HOME=str(home), PYTHONPATH=packages)
        with suppress(OSError):
            asked = [python, "-c", "import sopcycle.embedded.cli"]
            if subprocess.run(asked, cwd=PROJECT, env=env, check=False, **become).returncode == 0:
                return {"python": python, "env": env, **become}
    pytest.skip("no Python here that an ordinary user may run with this project's packages")


@contextmanager
def folder(name: str = "state of sopcycle") -> Iterator[Path]:
    """A state folder with spaces that any account can reach; pytest's own are closed to others."""
    home = Path(tempfile.mkdtemp(prefix="sopcycle-test-"))
    home.chmod(0o755)
    try:
        yield home / name
    finally:
        remove(home / name)
        shutil.rmtree(home, ignore_errors=True)


def environment(**wanted: str) -> dict[str, str]:
    """Ours, without what would lead to the servers that the tests themselves use."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | wanted


def production(state: Path, port: int) -> dict[str, str]:
    """The product without its demo company: the quickest real start."""
    return environment(
        SOPCYCLE_STATE=str(state),
        SOPCYCLE_MODE="production",
        SECRET_KEY=secrets.token_urlsafe(64),
        ALLOWED_HOSTS="planning.example.com",
        PORT=str(port),
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def embedded(
    *arguments: str, env: dict[str, str] | None = None, python: str = sys.executable, **more: Any
) -> Any:
    """Run `python -m sopcycle.embedded …` to its end."""
    return subprocess.run(
        [python, "-m", "sopcycle.embedded", *arguments],
        cwd=PROJECT,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        **more,
    )


class Started:
    """A `run` at work; its output goes to a file beside the state folder."""

    def __init__(self, env: dict[str, str], command: list[str] | None = None, **more: Any) -> None:
        self.state = Path(env["SOPCYCLE_STATE"])
        self.port = int(env["PORT"])
        self._output = self.state.parent / f"output-{self.port}-{time.monotonic_ns()}"
        with self._output.open("wb") as target:
            self.popen = subprocess.Popen(
                command or [*EMBEDDED, "run"],
                cwd=PROJECT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=target,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **more,
            )
        self.began = time.monotonic()

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8")

    def ready(self) -> float:
        """Seconds until it said that it is ready."""
        wait_for(lambda: "ready at http" in self.output or self.popen.poll() is not None)
        assert "ready at http" in self.output, self.output
        return time.monotonic() - self.began

    def ended(self) -> int:
        return self.popen.wait(PATIENCE)

    def processes(self) -> dict[int, str]:
        """Every process of this start: it was given the state folder, or was forked from one."""
        return {pid: line for pid, line in processes_of(self.state).items() if pid != self.popen.pid}

    def child(self, word: str) -> int:
        """The direct child whose command line has the word."""
        found = [
            pid for pid, line in self.processes().items() if word in line and _parent(pid) == self.popen.pid
        ]
        assert len(found) == 1, (word, self.processes())
        return found[0]

    def kill(self) -> None:
        if self.popen.poll() is None:
            self.popen.terminate()
            self.ended()


def processes_of(state: Path) -> dict[int, str]:
    """Process ids with command lines, by environment or command line naming the state folder."""
    wanted = str(state).encode()
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and wanted in _of(entry, "environ") + _of(entry, "cmdline"):
            found[int(entry.name)] = _of(entry, "cmdline").replace(b"\0", b" ").decode(errors="replace")
    return {pid: line for pid, line in found.items() if line}


def wait_for(condition: Callable[[], bool], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


def execute(state: Path, statement: str) -> list[Any]:
    """One statement in the embedded database of a state folder, committed."""
    connection = psycopg2.connect(addresses.database_url(state), connect_timeout=5)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _of(entry: Path, name: str) -> bytes:
    try:
        return (entry / name).read_bytes()
    except OSError:
        return b""
