"""`make test`: every check and every test at once, and one line for each at the end.

Runs inside `python -m sopcycle.embedded with`, which gives it the servers.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
MODULE = (sys.executable, "-m")
DJANGO = (sys.executable, "manage.py")


@dataclass(frozen=True)
class Check:
    """A command that must exit with 0."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How a check ended."""

    check: Check
    exit_code: int
    seconds: float
    output: str = ""

    @property
    def word(self) -> str:
        return "ok" if self.exit_code == 0 else "FAILED"


class Running:
    """A check at work in the background; its output is kept for the end."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._began = time.monotonic()
        # A file, not a pipe: nobody reads while it runs, and a full pipe would stop it.
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `outcome`
        self._popen = subprocess.Popen(
            check.command,
            cwd=PROJECT,
            env=os.environ | check.env,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        self._seconds: float | None = None

    def look(self) -> bool:
        """Whether it has ended; notes when."""
        if self._popen.poll() is not None and self._seconds is None:
            self._seconds = time.monotonic() - self._began
        return self._seconds is not None

    def outcome(self) -> Outcome:
        self._output.seek(0)
        text = self._output.read().decode("utf-8", errors="replace")
        self._output.close()
        return Outcome(self._check, self._popen.returncode, self._seconds or 0.0, text)

    def kill(self) -> None:
        self._popen.kill()
        self._popen.wait()


def checks() -> list[Check]:
    """Everything but the tests."""
    return [
        Check("ruff check", (*MODULE, "ruff", "check", "--no-cache", ".")),
        Check("ruff format", (*MODULE, "ruff", "format", "--no-cache", "--check", ".")),
        Check("lint-imports", (str(Path(sys.executable).parent / "lint-imports"), "--no-cache")),
        Check("makemigrations", (*DJANGO, "makemigrations", "--check", "--dry-run")),
        Check(
            "check --deploy",
            (*DJANGO, "check", "--deploy", "--fail-level", "WARNING"),
            production_environment(),
        ),
        Check("mypy", (*MODULE, "mypy")),
    ]


def tests(arguments: list[str]) -> Check:
    """All tests, in as many processes as there are cores and never fewer than two."""
    processes = str(max(2, os.cpu_count() or 2))
    return Check("pytest", (*MODULE, "pytest", "-n", processes, "--dist", "loadgroup", *arguments))


def production_environment() -> dict[str, str]:
    """What a careful operator sets; the secret is a new one each time."""
    return {
        "SOPCYCLE_MODE": "production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "planning.example.com",
        "PUBLIC_URL": "https://planning.example.com",
    }


def main() -> int:
    """0 only when every part ended well."""
    parser = argparse.ArgumentParser(prog="python -m sopcycle.checks", description=__doc__)
    parser.add_argument("--without-tests", action="store_true")
    options, for_pytest = parser.parse_known_args()
    running = [Running(check) for check in checks()]
    try:
        outcomes = [] if options.without_tests else [_run_tests(tests(for_pytest), running)]
        outcomes += _finish(running)
    except KeyboardInterrupt:
        for each in running:
            each.kill()
        return 130
    return _report(outcomes)


def _run_tests(check: Check, others: list[Running]) -> Outcome:
    """In the foreground: what pytest says is seen as it happens."""
    began = time.monotonic()
    with subprocess.Popen(check.command, cwd=PROJECT, stdin=subprocess.DEVNULL) as popen:
        while popen.poll() is None:
            for other in others:
                other.look()
            time.sleep(0.05)
    return Outcome(check, popen.returncode, time.monotonic() - began)


def _finish(running: list[Running]) -> list[Outcome]:
    """All are looked at in each round, so that each one's seconds are its own."""
    while [each for each in running if not each.look()]:
        time.sleep(0.05)
    return [each.outcome() for each in running]


def _report(outcomes: list[Outcome]) -> int:
    for outcome in outcomes:
        if outcome.exit_code:
            print(f"\n---- {outcome.check.name}\n{outcome.output.rstrip()}")
    print()
    for outcome in outcomes:
        print(f"{outcome.check.name:16}{outcome.word:>8}{outcome.seconds:8.1f} s")
    failed = [outcome.check.name for outcome in outcomes if outcome.exit_code]
    print(f"FAILED: {', '.join(failed)}" if failed else "All parts passed.", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
