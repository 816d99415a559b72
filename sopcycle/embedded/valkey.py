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
from sopcycle.embedded.logs import last_words
from sopcycle.embedded.process import Ending, Process

ENDING = Ending(((signal.SIGTERM, 8),), when_orphaned=signal.SIGTERM)
READY_WITHIN = 30


class Valkey:
    """A Valkey of one state folder, reachable by its unix socket only."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._folder = state / "valkey"
        self._log = state / "logs" / "valkey.log"
        self._binary = valkey_binary()

    def start(self) -> Process:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._log.parent.mkdir(exist_ok=True)
        # A socket left by a killed server would look as if the new one listened already.
        addresses.valkey_socket(self._state).unlink(missing_ok=True)
        with self._log.open("ab") as output:
            return Process(
                "Valkey", self._command(), env=os.environ, ending=ENDING, output=output, cwd=Path("/")
            )

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
