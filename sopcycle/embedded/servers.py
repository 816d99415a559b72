"""Both servers of a state folder: those that no address in the environment replaces."""

import os
from collections.abc import Callable
from pathlib import Path

from sopcycle.embedded import addresses, places
from sopcycle.embedded.account import server_account
from sopcycle.embedded.lock import Lock
from sopcycle.embedded.postgres import Postgres
from sopcycle.embedded.process import Process, stop_together
from sopcycle.embedded.valkey import Valkey


class Servers:
    """Lock, PostgreSQL, Valkey on the way up; the reverse on the way down."""

    def __init__(self, state: Path, pause: Callable[[], None], *, careless: bool = False) -> None:
        self._state = state
        self._pause = pause
        self._careless = careless
        self._lock = Lock(state)
        self.processes: list[Process] = []

    def start(self) -> None:
        """Raises Refusal when the folder is in use or a server does not start."""
        places.make_state(self._state)
        self._lock.take()
        if not os.environ.get("DATABASE_URL"):
            self._start_postgres()
        if not os.environ.get("REDIS_URL"):
            self._start_valkey()

    def stop(self) -> None:
        for process in reversed(self.processes):
            stop_together([process])
        self.processes.clear()
        self._lock.release()

    def say_stopping(self) -> None:
        self._lock.say_stopping()

    def environment(self) -> dict[str, str]:
        """The environment for programs that use the servers."""
        ours = {
            "SOPCYCLE_STATE": str(self._state),
            "DATABASE_URL": addresses.database_url(self._state),
            "REDIS_URL": addresses.redis_url(self._state),
        }
        given = {name: value for name, value in os.environ.items() if value}
        return ours | given | {"SOPCYCLE_STATE": str(self._state)}

    def _start_postgres(self) -> None:
        account = server_account()
        places.prepare(self._state, account)
        postgres = Postgres(self._state, account, careless=self._careless)
        process = postgres.start(self._pause)
        self.processes.append(process)
        postgres.wait_ready(process, self._pause)

    def _start_valkey(self) -> None:
        places.prepare(self._state, server_account())
        valkey = Valkey(self._state)
        process = valkey.start()
        self.processes.append(process)
        valkey.wait_ready(process, self._pause)
