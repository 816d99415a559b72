"""`python3 -m bootstrap [--browser]`: everything that make's recipes need, done once."""

import argparse
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.browser import ensure_browser
from bootstrap.commands import SetupRefusal
from bootstrap.environment import make_environment
from bootstrap.front_end import build_front_end
from bootstrap.stamps import Stamps

PROJECT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Exit code 2 and one line (after the failing program's last words) when a step fails."""
    parser = argparse.ArgumentParser(prog="python3 -m bootstrap", description=__doc__)
    parser.add_argument("--browser", action="store_true", help="also a Chromium for the tests")
    options = parser.parse_args()
    try:
        with _alone():
            _set_up(browser=options.browser)
    except SetupRefusal as refusal:
        print(f"{refusal.last_words}\nsetup: {refusal}".strip(), file=sys.stderr)
        return 2
    except OSError as trouble:
        place = trouble.filename or PROJECT
        print(f"setup: {place}: {trouble.strerror}. Mend it and start again.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _set_up(*, browser: bool) -> None:
    stamps = Stamps(PROJECT)
    make_environment(PROJECT, stamps)
    build_front_end(PROJECT, stamps)
    if browser:
        ensure_browser(PROJECT)


@contextmanager
def _alone() -> Iterator[None]:
    """Two recipes at once must not install into each other's feet."""
    folder = os.open(PROJECT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
