"""Reading the end of a server's log, so that a refusal can repeat what it said."""

import re
from pathlib import Path

TAIL_BYTES = 20_000
DISK_FULL = "No space left on device"
# A server's own levels, or the last line of a Python traceback.
TROUBLE = re.compile(r"\b(?:PANIC|FATAL|ERROR):\s*(.+)|^(?:\w+\.)*[A-Z][a-z]\w*: (.+)")


def last_words(log: Path) -> str:
    """The last complaint in a log, and where to read the rest."""
    complaint = last_complaint(_tail(log))
    return f"{complaint or 'it said nothing'} (log: {log})"


def last_complaint(text: str) -> str:
    """The last line that names trouble, else the last line; a full disk outranks both."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    full = [line for line in lines if DISK_FULL in line]
    named = [match for line in lines if (match := TROUBLE.search(line))]
    if full:
        return f"the disk is full ({DISK_FULL})"
    if named:
        return next(group for group in named[-1].groups() if group)
    return lines[-1] if lines else ""


def turn_over(log: Path) -> None:
    """Put the log of the start before aside: last words must be this start's, and logs stay short."""
    if log.exists():
        log.replace(log.with_suffix(".log.1"))


def _tail(log: Path) -> str:
    if not log.is_file():
        return ""
    with log.open("rb") as source:
        source.seek(max(0, log.stat().st_size - TAIL_BYTES))
        return source.read().decode("utf-8", errors="replace")
