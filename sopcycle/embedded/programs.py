"""The product's own programs and how each is asked to stop."""

import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from sopcycle.embedded.gate import GATE, Gate
from sopcycle.embedded.process import Ending

PYTHON = sys.executable

# The worker first finishes what it has begun; then it hands the rest back to the queue.
WORKER_ENDING = Ending(((signal.SIGTERM, 20), (signal.SIGQUIT, 5)), when_orphaned=signal.SIGKILL)
WEB_ENDING = Ending(((signal.SIGTERM, 8),), when_orphaned=signal.SIGQUIT)
BEAT_ENDING = Ending(((signal.SIGTERM, 5),), when_orphaned=signal.SIGKILL)
PREPARE_ENDING = Ending(((signal.SIGTERM, 5),), when_orphaned=signal.SIGTERM)


@dataclass(frozen=True)
class Program:
    """A command with a name that a person knows."""

    name: str
    command: tuple[str, ...]
    ending: Ending
    shows_output: bool = False
    keeps_open: tuple[int, ...] = ()


def prepare(signins: Path) -> Program:
    """Migrate, load the demo where there is nothing, write the sign-ins."""
    command = (PYTHON, "-m", "sopcycle.prepare", "--cycles-later", "--signins", str(signins))
    return Program("prepare", command, PREPARE_ENDING, shows_output=True)


def worker() -> Program:
    """One process per core; gossip and mingling only slow the start of a single machine."""
    options = (
        *("--loglevel", "WARNING", "--concurrency", str(max(2, os.cpu_count() or 2))),
        *("--without-gossip", "--without-mingle"),
    )
    return Program("worker", (*_celery("worker"), *options), WORKER_ENDING)


def beat(state: Path) -> Program:
    options = ("--loglevel", "WARNING", "--schedule", str(state / "beat-schedule"), "--pidfile", "")
    return Program("beat", (*_celery("beat"), *options), BEAT_ENDING)


def web(listener: socket.socket, gate: Gate | None = None) -> Program:
    """Few processes with many threads: pages wait for the database more than they compute."""
    number = listener.fileno()
    options = (
        *("--bind", f"fd://{number}", "--worker-class", "gthread", "--preload", "--no-control-socket"),
        *("--workers", str(min(4, max(2, os.cpu_count() or 2))), "--threads", "8"),
        *("--timeout", "120", "--graceful-timeout", "5", "--log-level", "warning"),
    )
    waits = () if gate is None else ("--env", f"{GATE}={gate.entrance}")
    keeps_open = (number,) if gate is None else (number, gate.entrance)
    command = (PYTHON, "-m", "gunicorn", "sopcycle.wsgi", *options, *waits)
    return Program("web", command, WEB_ENDING, keeps_open=keeps_open)


def _celery(role: str) -> tuple[str, ...]:
    return (PYTHON, "-m", "celery", "--app", "sopcycle.celery", role)
