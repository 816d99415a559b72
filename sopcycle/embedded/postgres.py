"""The embedded PostgreSQL: made once, started, asked until it answers, stopped."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2
from psycopg2 import sql

from sopcycle.embedded import addresses
from sopcycle.embedded.account import Account
from sopcycle.embedded.binaries import postgres_binaries
from sopcycle.embedded.errors import Refusal
from sopcycle.embedded.logs import last_complaint, last_words, turn_over
from sopcycle.embedded.process import Ending, Process, die_with_parent, wait_for_predecessor

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For tests only: a crash may then lose the cluster.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
ENDING = Ending(((signal.SIGINT, 25), (signal.SIGQUIT, 5)), when_orphaned=signal.SIGINT)
READY_WITHIN = 60


class Postgres:
    """A PostgreSQL of one state folder, reachable by its unix socket only."""

    def __init__(self, state: Path, account: Account, *, careless: bool = False) -> None:
        self._state = state
        self._account = account
        self._settings = SETTINGS | (CARELESS if careless else {})
        self._home = addresses.cluster_folder(state)
        self._cluster = self._home / "data"
        self._log = state / "logs" / "postgres.log"
        self._binaries = postgres_binaries(account)

    def start(self, pause: Callable[[], None]) -> Process:
        """Make the cluster when there is none, and start its server."""
        if not self._cluster.exists():
            self._make_cluster()
        wait_for_predecessor(self._cluster / "postmaster.pid", "postgres", pause)
        turn_over(self._log)
        with self._log.open("ab") as log:
            return Process(
                "PostgreSQL",
                self._command(),
                env=_environment(),
                ending=ENDING,
                cwd=Path("/"),
                log=log,
                account_arguments=self._account.popen_arguments(),
            )

    def wait_ready(self, process: Process, pause: Callable[[], None]) -> None:
        """Wait until it answers and has our database. Raises Refusal with the server's words."""
        deadline = time.monotonic() + READY_WITHIN
        while not self._answers():
            if not process.alive or time.monotonic() > deadline:
                raise Refusal(f"PostgreSQL did not start: {last_words(self._log)}")
            pause()
        self._make_database()

    def _command(self) -> list[str | Path]:
        sockets = addresses.socket_folder(self._state)
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        return [self._binaries / "postgres", "-D", self._cluster, "-k", sockets, *options]

    def _make_cluster(self) -> None:
        """Made under another name and renamed, so that a start cut short leaves no half cluster."""
        word = self._keep_password()
        word_file = addresses.socket_folder(self._state) / "initdb-password"
        word_file.write_text(word, encoding="utf-8")
        word_file.chmod(0o600)
        self._account.own(word_file)
        draft = self._home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            self._initdb(draft, word_file)
        finally:
            word_file.unlink()
        draft.rename(self._cluster)

    def _keep_password(self) -> str:
        file = self._state / addresses.PASSWORD_FILE
        word = secrets.token_urlsafe(24)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as target:
            target.write(word)
        return word

    def _initdb(self, draft: Path, word_file: Path) -> None:
        done = subprocess.run(
            [
                self._binaries / "initdb",
                *("-D", draft, "-U", addresses.DATABASE_USER, "--pwfile", word_file),
                *("--auth=scram-sha-256", "-E", "UTF8", "--locale-provider=builtin"),
                *("--locale=C.UTF-8", "--no-instructions"),
            ],
            env=_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
            **self._account.popen_arguments(),
        )
        if done.returncode:
            reason = last_complaint(done.stderr + done.stdout)
            raise Refusal(f"PostgreSQL's data could not be made in {self._home}: {reason}.")

    def _connect(self, database: str) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host=str(addresses.socket_folder(self._state)),
            user=addresses.DATABASE_USER,
            password=addresses.password(self._state),
            dbname=database,
        )

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        connection = self._connect("postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [addresses.DATABASE])
            if cursor.fetchone() is None:
                name = sql.Identifier(addresses.DATABASE)
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(name))
        connection.close()


def _environment() -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return ours | {"LC_ALL": "C.UTF-8"}
