"""`make screenshots`: photograph the main pages of the demo company, for people to look at.

Runs inside `python -m sopcycle.embedded with`, which gives it the servers. Everything goes to
var/screenshots/; the few that the documents show go to docs/images/ as well.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bootstrap.browser import NO_BROWSER, find_browser
from core.demo_signins import PASSWORD

PROJECT = Path(__file__).resolve().parent.parent
TARGET = PROJECT / "var" / "screenshots"
IMAGES = PROJECT / "docs" / "images"
STARTS_WITHIN = 120.0  # seconds
PATIENCE = 90_000  # milliseconds


@dataclass(frozen=True)
class Shot:
    """One page as one person sees it: the path, or what its first link to `follow` leads to.

    `shown` puts the light one into the documents.
    """

    name: str
    path: str
    person: str = "manager"
    shown: bool = False
    follow: str = ""


@dataclass(frozen=True)
class Look:
    """How the page is looked at."""

    name: str
    width: int
    height: int
    is_dark: bool = False


SHOTS = (
    Shot("home", "/", shown=True),
    Shot("sources", "/data/sources/", "coordinator"),
    Shot("imports", "/data/imports/", "coordinator"),
    Shot("quality", "/data/quality/", "analyst", shown=True),
    Shot("mappings", "/data/mappings/", "coordinator"),
    Shot("history", "/data/sales/", "analyst", shown=True, follow="/data/history/"),
    Shot("products", "/catalog/products/", "analyst"),
    Shot("markets", "/catalog/markets/", "analyst"),
    Shot("sales", "/data/sales/", "analyst"),
    Shot("accounts", "/crm/accounts/", "manager"),
    Shot("people", "/settings/people/", "advisor"),
    Shot("pipeline", "/crm/pipeline/", "jonas.brandt", shown=True),
    Shot("changes", "/crm/pipeline/changes/", "jonas.brandt"),
    Shot("funnel", "/crm/pipeline/funnel/", "vp"),
    Shot("coverage", "/crm/pipeline/coverage/", "jonas.brandt"),
    Shot("at-risk", "/crm/pipeline/at-risk/", "lena.vogt"),
    Shot("deal", "/crm/deals/", "lena.vogt", follow="/crm/deals/"),
    Shot("leads", "/crm/leads/", "lena.vogt"),
    Shot("agreement", "/crm/lead-agreement/", "enablement"),
    Shot("papers", "/crm/papers/", "jonas.brandt"),
    Shot("paper-exceptions", "/crm/papers/exceptions/"),
    Shot("crm-connections", "/crm/endpoints/", "advisor"),
    Shot("crm-events", "/crm/events/", "advisor"),
    Shot("crm-values", "/crm/values/", "advisor"),
    Shot("home-executive", "/", "cfo"),
    Shot("home-vp", "/", "vp"),
    Shot("home-analyst", "/", "analyst"),
    Shot("home-coordinator", "/", "coordinator"),
    Shot("cycle", "/cycles/7/"),
    Shot("data", "/cycles/7/data/", "coordinator"),
    Shot("demand", "/cycles/7/demand/"),
    Shot("workbench", "/cycles/7/demand/grid/", "analyst", shown=True),
    Shot("supply", "/cycles/6/supply/", "analyst", shown=True),
    Shot("scenarios", "/cycles/6/scenarios/", "analyst"),
    Shot("reconciliation", "/cycles/6/reconciliation/"),
    Shot("release", "/cycles/6/release/", "cfo"),
    Shot("released-plan", "/releases/6/", "cfo"),
    Shot("monitoring", "/monitoring/", "vp"),
    Shot("calendar", "/calendar/", "coordinator"),
    Shot("forecasts", "/forecasts/", "analyst"),
)  # the demo's cycles: 1 to 6 are released, 7 is open
LOOKS = (Look("light", 1280, 800), Look("dark", 1280, 800, True), Look("phone", 390, 844))


def main() -> int:
    """1 when there is no browser or a page does not answer."""
    parser = argparse.ArgumentParser(prog="python -m sopcycle.screenshots", description=__doc__)
    parser.add_argument("--address", help="of a running demo; otherwise one is started")
    options = parser.parse_args()
    found = find_browser()
    if found is None:
        print(NO_BROWSER)
        return 1
    with _demo(options.address) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(found), chromium_sandbox=os.geteuid() != 0)
        sessions = {person: _session(browser, address, person) for person in {s.person for s in SHOTS}}
        failed = [s.path for s in SHOTS if not _photograph(browser, address, s, sessions[s.person])]
        browser.close()
    print(f"No picture of: {', '.join(failed)}" if failed else f"{len(SHOTS)} pages are in {TARGET}.")
    return 1 if failed else 0


def _photograph(browser: Browser, address: str, shot: Shot, session: Any) -> bool:
    TARGET.mkdir(parents=True, exist_ok=True)
    for look in LOOKS:
        context = browser.new_context(
            base_url=address,
            viewport={"width": look.width, "height": look.height},
            color_scheme="dark" if look.is_dark else "light",
            reduced_motion="reduce",
            storage_state=session,
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        answer = page.goto(_address(page, shot), wait_until="networkidle")
        page.screenshot(path=TARGET / f"{shot.name}-{look.name}.png")
        context.close()
        if answer is None or not answer.ok:
            return False
    if shot.shown:
        IMAGES.mkdir(parents=True, exist_ok=True)
        shutil.copy(TARGET / f"{shot.name}-light.png", IMAGES / f"{shot.name}.png")
    return True


def _address(page: Page, shot: Shot) -> str:
    if not shot.follow:
        return shot.path
    page.goto(shot.path)
    return page.locator(f"a[href*='{shot.follow}']").first.get_attribute("href") or shot.path


def _session(browser: Browser, address: str, person: str) -> Any:
    """The cookies of somebody who has signed in."""
    context = browser.new_context(base_url=address)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/account/login/")
    page.locator("#id_login").fill(f"{person}@tarnfell.example")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def _demo(address: str | None) -> Iterator[str]:
    """The address of the demo company; a server of our own unless one is given."""
    if address:
        yield address
        return
    subprocess.run([sys.executable, "-m", "sopcycle.prepare"], cwd=PROJECT, check=True)
    port = _free_port()
    server = _serve(port)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz/", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _serve(port: int) -> "subprocess.Popen[Any]":
    command = [sys.executable, "-m", "gunicorn", "sopcycle.wsgi", "--bind", f"127.0.0.1:{port}"]
    return subprocess.Popen([*command, "--threads", "4", "--timeout", "120"], cwd=PROJECT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, server: "subprocess.Popen[Any]") -> None:
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError("The demo did not start. Its messages are above.")


if __name__ == "__main__":
    sys.exit(main())
