"""Both servers of a state folder: those that no address in the environment replaces."""

import os
from collections.abc import Callable
from pathlib import Path

from sopcycle.embedded import addresses, places
from sopcycle.embedded.account import Account, server_account
from sopcycle.embedded.lock import Lock
from sopcycle.embedded.postgres import Postgres
from sopcycle.embedded.preflight import check_room
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

    def lock(self) -> None:
        """Raises Refusal when the folder is in use or not ours."""
        places.make_state(self._state)
        self._lock.take(self._pause)

    def start(self) -> None:
        """Start both, then wait for both. Raises Refusal when one is missing or does not start."""
        account = server_account()
        places.prepare(self._state, account)
        home = addresses.cluster_folder(self._state)
        for folder in (home, self._state):
            check_room(folder, new=not any(home.iterdir()))
        chosen = self._chosen(account)
        started = [(server, self._own(server.start(self._pause))) for server in chosen]
        for server, process in started:
            server.wait_ready(process, self._pause)

    def stop(self) -> None:
        """Valkey before PostgreSQL: each gets its own grace."""
        self._lock.say_stopping()
        for process in reversed(self.processes):
            stop_together([process])
        self.processes.clear()
        self._lock.release()

    def environment(self) -> dict[str, str]:
        """The environment for programs that use the servers; addresses given to us win."""
        given = {name: value for name, value in os.environ.items() if value}
        ours = {
            "DATABASE_URL": addresses.database_url(self._state),
            "REDIS_URL": addresses.redis_url(self._state),
        }
        return ours | given | {"SOPCYCLE_STATE": str(self._state)}

    def _chosen(self, account: Account) -> list[Postgres | Valkey]:
        """Both are looked up before either starts: a missing wheel is told at once."""
        chosen: list[Postgres | Valkey] = []
        if not os.environ.get("DATABASE_URL"):
            chosen.append(Postgres(self._state, account, careless=self._careless))
        if not os.environ.get("REDIS_URL"):
            chosen.append(Valkey(self._state))
        return chosen

    def _own(self, process: Process) -> Process:
        self.processes.append(process)
        return process
