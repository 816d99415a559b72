"""The product in a state folder of its own, as in production. Each of its programs can be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
import psycopg2

from sopcycle.embedded import programs
from sopcycle.embedded.addresses import cluster_folder
from sopcycle.embedded.process import die_with_parent

PROJECT = Path(__file__).resolve().parent.parent
ADDRESSES = ("DATABASE_URL=", "REDIS_URL=")
OURS = {"DATABASE_URL", "REDIS_URL", "SOPCYCLE_STATE"}


class Product:
    """Start with `start`, end with `stop`; `kill(name)` is kill -9, `revive(name)` starts it again."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o711)  # as root, the servers' own account must be able to pass through
        self.folder = folder
        self.listeners = {
            name: socket.create_server(("127.0.0.1", 0), backlog=512) for name in ("web", "bare")
        }
        self.ports = {name: listener.getsockname()[1] for name, listener in self.listeners.items()}
        self.env = {name: value for name, value in os.environ.items() if name not in OURS}
        self.env |= {
            "SOPCYCLE_STATE": str(folder),
            "SOPCYCLE_MODE": "production",
            "SECRET_KEY": "only for this benchmark " * 4,
            "DJANGO_SETTINGS_MODULE": "sopcycle.settings",
            "PUBLIC_URL": f"http://127.0.0.1:{self.ports['web']}",
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """The servers, and the tables in them."""
        self.revive("services")
        self._run("sopcycle.prepare")

    def run_all(self) -> None:
        """What of web, worker and beat does not run: not yet, or because it ended by itself, as a worker may
        that lost its queue. Any manager of services starts it again."""
        for name in ("web", "worker", "beat"):
            if not self.runs(name):
                self.revive(name)
        self.wait_until(lambda: b" 200 " in self._health(), "the web server")

    def stop(self) -> None:
        for name in ("web", "bare", "worker", "beat", "services"):
            self.end(name)
        for listener in self.listeners.values():
            listener.close()

    def manage(self, *arguments: str) -> str:
        """A management command; its output."""
        return self._run("django", *arguments)

    def shell(self, program: str) -> str:
        """A program in the product's own environment; the last line that it printed."""
        return (self.manage("shell", "-v", "0", "-c", program).strip().splitlines() or [""])[-1]

    def module(self, name: str, *arguments: str) -> str:
        """Any module of the project, run beside the product; its output."""
        return self._run(name, *arguments)

    def runs(self, name: str) -> bool:
        """Whether a program was started and has not ended since."""
        return name in self._running and self._running[name].poll() is None

    def processes(self, name: str) -> list[int]:
        """The ids of a program's processes: the first one and all below it."""
        parents = _parents()
        found = [self._running[name].pid]
        for parent in found:
            found.extend(pid for pid, above in parents.items() if above == parent)
        return found

    def _run(self, *arguments: str) -> str:
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(command, env=self.env, cwd=PROJECT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{arguments[0]} failed: {done.stderr[-2000:]}")
        return done.stdout

    def revive(self, name: str) -> None:
        """Start a program, and wait until the servers answer where it is them."""
        command = self._command(name)
        with (self.folder / f"{name}.out").open("wb" if name == "services" else "ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                env=self._env_of(name),
                cwd=PROJECT,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[self.listeners[name].fileno()] if name in self.listeners else [],
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        if name == "services":
            self._learn_addresses()

    def end(self, name: str) -> None:
        """Ask a program to stop, and wait for it."""
        process = self._running.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self, name: str) -> None:
        """kill -9: of a program's first process; its children notice. "database" is PostgreSQL's own,
        which takes the servers' supervisor with it, and so the queue as well."""
        if name == "database":
            file = cluster_folder(self.folder) / "data" / "postmaster.pid"
            os.kill(int(file.read_text().splitlines()[0]), signal.SIGKILL)
            self._running.pop("services").wait(timeout=60)
            return
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def wait_until(self, condition: Callable[[], Any], what: str, *, seconds: float = 300) -> None:
        """Raises RuntimeError when the condition does not come true in time."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                raise RuntimeError(f"Waited {seconds:.0f} s for {what}.")
            time.sleep(0.02)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the product's database answers, on a connection of its own."""
        with closing(self._connect()) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            found = cursor.fetchall() if cursor.description else []
            connection.commit()
            return found

    def count(self, query: str) -> int:
        """The number that a query answers; -1 while the database is away."""
        try:
            return int(self.rows(query)[0][0])
        except psycopg2.Error:
            return -1

    def _health(self) -> bytes:
        try:
            with socket.create_connection(("127.0.0.1", self.ports["web"]), timeout=5) as web:
                web.sendall(b"GET /healthz/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return web.recv(200)
        except OSError:
            return b""

    def _connect(self) -> Any:
        parts = environ.Env.db_url_config(self.env["DATABASE_URL"])
        return psycopg2.connect(
            host=unquote(parts["HOST"]),
            user=parts["USER"],
            password=parts["PASSWORD"],
            dbname=parts["NAME"],
        )

    def _learn_addresses(self) -> None:
        out = self.folder / "services.out"
        self.wait_until(lambda: "REDIS_URL=" in out.read_text(), "the servers", seconds=120)
        lines = [line for line in out.read_text().splitlines() if line.startswith(ADDRESSES)]
        self.env |= dict(line.split("=", 1) for line in lines)

    def _env_of(self, name: str) -> dict[str, str]:
        """The servers must not be told of themselves: they would not start."""
        given = ("DATABASE_URL", "REDIS_URL") if name == "services" else ()
        return {key: value for key, value in self.env.items() if key not in given}

    def _command(self, name: str) -> list[str]:
        if name == "services":
            return [sys.executable, "-u", "-m", "sopcycle.embedded", "services", "--state", str(self.folder)]
        made = {
            "web": lambda: programs.web(self.listeners["web"]),
            "bare": lambda: programs.web(self.listeners["bare"]),
            "worker": programs.worker,
            "beat": lambda: programs.beat(self.folder),
        }[name]().command
        app = "benchmarks.bare_view" if name == "bare" else "sopcycle.wsgi"
        return [app if part == "sopcycle.wsgi" else part for part in made]


def _parents() -> dict[int, int]:
    """Process → the process that started it."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            found[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
    return found


def kill_in_turn(
    product: Product, *, every: float, progress: Callable[[], int | None], until: Callable[[int], bool]
) -> dict[str, int]:
    """Kill web, worker and database in turn and start each again, until `until(rounds)`. Says how often.

    The next one is hit only when all are at work again: `progress` is a number that grows as long as
    they are, and None when there is nothing to do. Call it from the main thread: programs end with the
    thread that started them.
    """
    kills = dict.fromkeys(("web", "worker", "database"), 0)
    while not until(min(kills.values())):
        for name in kills:
            time.sleep(every)
            product.kill(name)
            kills[name] += 1
            time.sleep(0.5)
            product.revive("services" if name == "database" else name)
            product.run_all()
            _wait_for_progress(product, progress)
    return kills


def _wait_for_progress(product: Product, progress: Callable[[], int | None]) -> None:
    before = progress()

    def goes_on() -> bool:
        product.run_all()
        return before is None or progress() != before

    product.wait_until(goes_on, "work to go on")
