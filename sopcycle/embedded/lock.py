"""One start per state folder, by an advisory lock that the kernel drops with its holder."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from sopcycle.embedded.errors import Refusal

STOPPING = "stopping"


class Lock:
    """Held from before the first server starts until after the last one has stopped.

    The file says who holds it. A holder that is stopping is waited for, as is one that may be
    about to say so: its `make` may have been killed a moment ago.
    """

    def __init__(self, state: Path, *, patience: float = 2, stopping_patience: float = 60) -> None:
        self._state = state
        self._patience = patience
        self._stopping_patience = stopping_patience
        self._file = state / "lock"
        self._descriptor: int | None = None

    def take(self, pause: Callable[[], None]) -> None:
        """Raises Refusal when another start keeps the folder."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        began = time.monotonic()
        while not _taken(descriptor):
            waited = time.monotonic() - began
            if waited > self._patience and not self._worth_waiting(waited):
                os.close(descriptor)
                raise Refusal(self._who_holds_it())
            pause()
        self._descriptor = descriptor
        self._say(str(os.getpid()))

    def say_stopping(self) -> None:
        self._say(f"{os.getpid()} {STOPPING}")

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _say(self, text: str) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, text.encode(), 0)

    def _worth_waiting(self, waited: float) -> bool:
        return waited < self._stopping_patience and STOPPING in self._file.read_text()

    def _who_holds_it(self) -> str:
        holder = self._file.read_text().partition(" ")[0] or "unknown"
        return (
            f"Another start already runs on {self._state} (process {holder}). "
            "Stop it first, or set SOPCYCLE_STATE to another folder."
        )


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
