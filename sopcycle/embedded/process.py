"""A child process that never outlives its supervisor."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
PREDECESSOR_ENDS_WITHIN = 60
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Ending:
    """How a child is asked to stop: each signal with the seconds that it gets to obey."""

    steps: tuple[tuple[signal.Signals, float], ...]
    when_orphaned: signal.Signals


QUICKLY = Ending(((signal.SIGTERM, 8),), when_orphaned=signal.SIGTERM)


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """What a new child runs last before exec: the user has changed by then, which would clear it."""
    parent = os.getpid()

    def arrange() -> None:
        follow(parent, death_signal)

    return arrange


def follow(parent: int, death_signal: signal.Signals) -> None:
    """From now on this process gets the signal when its parent ends, however that happens."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


class Process:
    """A program in a session of its own, so that the terminal's Ctrl-C reaches only us."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        ending: Ending = QUICKLY,
        cwd: Path | None = None,
        log: IO[Any],
        shows_output: bool = False,
        keeps_open: Sequence[int] = (),
        account_arguments: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self._ending = ending
        self._popen = subprocess.Popen(
            [str(part) for part in command],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=None if shows_output else log,
            stderr=log,
            start_new_session=True,
            pass_fds=keeps_open,
            preexec_fn=die_with_parent(ending.when_orphaned),
            **(account_arguments or {}),
        )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        return self._popen.poll()

    @property
    def alive(self) -> bool:
        return self.exit_code is None

    def take_step(self, step: int) -> float:
        """Send the signal of that step; gives the moment until which the child may obey."""
        step_signal, seconds = self._ending.steps[step]
        self._popen.send_signal(step_signal)
        return time.monotonic() + seconds

    @property
    def steps(self) -> int:
        return len(self._ending.steps)

    def kill_group(self) -> None:
        """The group outlives its leader while a grandchild does: killing it ends those as well."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            if self.alive:
                self._popen.kill()
        self._popen.wait()


def stop_together(processes: Sequence[Process]) -> None:
    """Stop all of them at once, each by its own steps, then kill what is left of their groups."""
    for step in range(max((process.steps for process in processes), default=0)):
        asked = [process for process in processes if process.alive and step < process.steps]
        deadlines = [process.take_step(step) for process in asked]
        for process, deadline in zip(asked, deadlines, strict=True):
            _wait_until(process, deadline)
    for process in processes:
        process.kill_group()


def wait_for_predecessor(pid_file: Path, program: str, pause: Callable[[], None]) -> None:
    """A server whose supervisor was killed a moment ago is still writing its last data."""
    deadline = time.monotonic() + PREDECESSOR_ENDS_WITHIN
    while _is_running(pid_file, program) and time.monotonic() < deadline:
        pause()


def _wait_until(process: Process, deadline: float) -> None:
    while process.alive and time.monotonic() < deadline:
        time.sleep(0.02)


def _is_running(pid_file: Path, program: str) -> bool:
    """Asked by name as well: after a restart of the machine the number may be anyone's."""
    first_line = pid_file.read_text().partition("\n")[0] if pid_file.exists() else ""
    name = Path(f"/proc/{first_line}/comm")
    return first_line.isdigit() and name.exists() and name.read_text().strip() == program
