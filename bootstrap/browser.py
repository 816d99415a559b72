"""A real browser for the browser stories: one that is there, else one that can be fetched."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bootstrap.commands import SetupRefusal, run

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FETCH_WITHIN = 300
NO_BROWSER = (
    "There is no Chromium and none could be fetched, so the browser stories are skipped. "
    "Install Chromium or Chrome to run them."
)


def ensure_browser(project: Path) -> None:
    """Never refuses: without a browser its stories are skipped with one clear line."""
    if find_browser() is not None:
        return
    print("setup: fetching Chromium for the browser stories", flush=True)
    for attempt in (_by_playwright, _by_apt):
        if attempt(project) and find_browser() is not None:
            return
    print(f"setup: {NO_BROWSER}", flush=True)


def find_browser() -> Path | None:
    """A Chromium or Chrome that really starts: the file may be a stub, or lack its libraries."""
    return next((path for path in _candidates() if _starts(path)), None)


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("SOPCYCLE_BROWSER"):
        yield Path(chosen)
    for name in NAMES:
        if found := shutil.which(name):
            yield Path(found)
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    yield from sorted(cache.glob("chromium-*/chrome-linux*/chrome"), reverse=True)
    yield from sorted(cache.glob("chromium_headless_shell-*/chrome-*/*headless*shell"), reverse=True)


def _starts(path: Path) -> bool:
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, timeout=30, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _by_playwright(project: Path) -> bool:
    python = project / ".venv" / "bin" / "python"
    return _tried([[python, "-m", "playwright", "install", "chromium"]], project)


def _by_apt(project: Path) -> bool:
    if os.geteuid() != 0 or sys.platform != "linux" or not shutil.which("apt-get"):
        return False
    update: list[str | Path] = ["apt-get", "update"]
    install: list[str | Path] = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
    return _tried([update, install], project)


def _tried(commands: list[list[str | Path]], project: Path) -> bool:
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        for command in commands:
            run(command, project=project, otherwise=NO_BROWSER, env=env, timeout=FETCH_WITHIN)
    except SetupRefusal:
        return False
    return True
