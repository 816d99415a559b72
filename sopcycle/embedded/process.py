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
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


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
        output: IO[Any] | int | None = None,
        account_arguments: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self._ending = ending
        self._popen = subprocess.Popen(  # noqa: S603 - our own commands
            [str(part) for part in command],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            start_new_session=True,
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


def stop_together(processes: Sequence[Process]) -> None:
    """Stop all of them at once, each by its own steps, then kill what is left of their groups."""
    for step in range(max((len(p._ending.steps) for p in processes), default=0)):
        _take_step([p for p in processes if p.alive and step < len(p._ending.steps)], step)
    for process in processes:
        _kill_group(process)


def _take_step(processes: Sequence[Process], step: int) -> None:
    deadlines = []
    for process in processes:
        step_signal, seconds = process._ending.steps[step]
        process._popen.send_signal(step_signal)
        deadlines.append(time.monotonic() + seconds)
    for process, deadline in zip(processes, deadlines, strict=True):
        _wait_until(process, deadline)


def _wait_until(process: Process, deadline: float) -> None:
    while process.alive and time.monotonic() < deadline:
        time.sleep(0.02)


def _kill_group(process: Process) -> None:
    # The group outlives its leader while a grandchild does: killing it ends those as well.
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
    finally:
        if process.alive:
            process._popen.kill()
        process._popen.wait()
