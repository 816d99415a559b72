"""The embedded Valkey: the queue of Celery and Django's cache, kept on disk across restarts."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import redis

from sopcycle.embedded import addresses
from sopcycle.embedded.binaries import valkey_binary
from sopcycle.embedded.errors import Refusal
from sopcycle.embedded.logs import last_words, turn_over
from sopcycle.embedded.process import Ending, Process, wait_for_predecessor

ENDING = Ending(((signal.SIGTERM, 8),), when_orphaned=signal.SIGTERM)
READY_WITHIN = 30


class Valkey:
    """A Valkey of one state folder, reachable by its unix socket only."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._folder = state / "valkey"
        self._pid_file = self._folder / "valkey.pid"
        self._log = state / "logs" / "valkey.log"
        self._binary = valkey_binary()

    def start(self, pause: Callable[[], None]) -> Process:
        """Start its server, once one whose supervisor was killed has let the folder go."""
        wait_for_predecessor(self._pid_file, "valkey-server", pause)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        turn_over(self._log)
        # A socket left by a killed server would look as if the new one listened already.
        addresses.valkey_socket(self._state).unlink(missing_ok=True)
        with self._log.open("ab") as log:
            return Process("Valkey", self._command(), env=os.environ, ending=ENDING, log=log, cwd=Path("/"))

    def wait_ready(self, process: Process, pause: Callable[[], None]) -> None:
        """Wait until it answers. Raises Refusal with the server's own words."""
        deadline = time.monotonic() + READY_WITHIN
        while not self._answers():
            if not process.alive or time.monotonic() > deadline:
                raise Refusal(f"Valkey did not start: {last_words(self._log)}")
            pause()

    def _command(self) -> list[str | Path]:
        return [
            self._binary,
            *("--port", "0", "--daemonize", "no", "--dir", self._folder),
            *("--pidfile", self._pid_file),
            *("--unixsocket", addresses.valkey_socket(self._state), "--unixsocketperm", "700"),
            *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
            *("--maxmemory", "256mb", "--maxmemory-policy", "noeviction"),
        ]

    def _answers(self) -> bool:
        client = redis.Redis(unix_socket_path=str(addresses.valkey_socket(self._state)))
        try:
            return bool(client.ping())
        except redis.exceptions.RedisError:
            return False
        finally:
            client.close()
