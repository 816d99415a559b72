"""Running other programs, with their talk in a log and their last words in the refusal."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

LAST_LINES = 12


class SetupRefusal(Exception):
    """What is wrong and what to do about it, in one line, with the program's last words."""

    def __init__(self, sentence: str, last_words: str = "") -> None:
        super().__init__(sentence)
        self.last_words = last_words


def run(
    command: Sequence[str | Path],
    *,
    project: Path,
    otherwise: str,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> None:
    """Run a command; its output goes to `.venv/setup.log`. Raises SetupRefusal when it fails."""
    log = project / ".venv" / "setup.log"
    done = _call([str(part) for part in command], project, dict(env or {}), timeout)
    _append(log, done)
    if done.returncode:
        raise SetupRefusal(_sentence(otherwise, done.stdout, log), _last_lines(done.stdout))


def _call(
    command: list[str], project: Path, extra: dict[str, str], timeout: float | None
) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command,
            cwd=project,
            env=os.environ | extra,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except OSError as trouble:
        return subprocess.CompletedProcess(command, 127, f"{command[0]}: {trouble.strerror}")
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, f"no end after {timeout:.0f} s")


def _append(log: Path, done: "subprocess.CompletedProcess[str]") -> None:
    if log.parent.is_dir():
        with log.open("a", encoding="utf-8") as target:
            target.write(f"$ {' '.join(done.args)}\n{done.stdout}\n")


def _sentence(otherwise: str, output: str, log: Path) -> str:
    if "No space left on device" in output:
        return f"The disk is full. Free some space and start again. ({log})"
    return f"{otherwise} ({log})"


def _last_lines(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-LAST_LINES:])
