"""A real Chromium against Django's live server. Without a browser the stories are skipped with one line.

`visit` is a page of nobody; `sign_in(page, person)` makes it somebody's. Every test fails on a violation
of the content security policy or an error on the console, whatever else it looks at.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bootstrap.browser import NO_BROWSER, find_browser
from core.models import Person

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

PATIENCE = 60_000  # milliseconds: the machine may be busy with the other tests
expect.set_options(timeout=PATIENCE)

SignIn = Callable[[Page, Person], Page]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all stories of a test process."""
    found = find_browser()
    if found is None:
        pytest.skip(NO_BROWSER)
    if not (Path(settings.BASE_DIR) / "static" / "vendor" / "icons.svg").exists():
        pytest.skip("static/vendor/ is not built. Run `npm run build` (or `make setup`) first.")
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(found), args=FLAGS, chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(chromium: Browser, live_server: Any) -> Iterator[OpenPage]:
    """`open_page(dark=True, viewport=PHONE, scripts=False)`: a page in a fresh browser profile."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(*, dark: bool = False, viewport: Any = DESKTOP, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=viewport,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: _note(complaints, message))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == [], "the browser complained"


def _note(complaints: list[str], message: Any) -> None:
    """A refused form answers 4xx, which the console calls an error too; that is no complaint."""
    if message.type == "error" and "status of 4" not in message.text:
        complaints.append(message.text)


@pytest.fixture
def visit(open_page: OpenPage) -> Page:
    return open_page()


@pytest.fixture
def sign_in(live_server: Any) -> SignIn:
    """Signs a person in without the form: the session's cookie goes into the page's browser."""

    def as_person(page: Page, person: Person) -> Page:
        client = Client()
        client.force_login(person, backend=BACKEND)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}]
        )
        return page

    return as_person
