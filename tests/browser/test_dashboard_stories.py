"""Each role opens its dashboard: what needs it stands there, its links open, and everybody can read it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.models import Person
from planning.models import Cycle, RiskOrOpportunity
from tests.browser.conftest import PHONE, OpenPage, SignIn
from tests.browser.sight import sideways, violations
from tests.dashboards.conftest import Running, running
from tests.dashboards.home import asked, decision, task
from tests.gathering.world import world
from tests.planning.conftest import at_stage, cycle, firm, planners

__all__ = ["at_stage", "cycle", "firm", "planners", "running", "world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What each role is waited for, as a heading and one of its lines.
NEEDS = {
    "vp": ("Decisions waiting", "Second shift"),
    "manager": ("Families to review", "Touring skis"),
    "analyst": ("Your tasks", "Call the dealers"),
    "coordinator": ("Streams not submitted", "Sales input"),
    "executive": ("Plans waiting for your signature", "Cycle Jan 2026"),
}


@pytest.fixture
def people(running: Running, planners: dict[str, Person], executive: Person) -> dict[str, Person]:
    """Everybody has something to do: a task, a decision, a risk, a plan to sign."""
    cycle, manager = running.cycle, planners["manager"]
    decision(cycle, manager, asks_executives=True)
    RiskOrOpportunity.objects.create(
        cycle=cycle, leaning="risk", title="A warm winter", money=900, probability="0.5", owner=manager
    )
    for person in planners.values():
        task(cycle, person)
    asked(cycle, executive, asker=manager)
    return planners | {"executive": executive}


@pytest.mark.parametrize("role", NEEDS)
def test_a_role_opens_its_dashboard(
    open_page: OpenPage, sign_in: SignIn, people: dict[str, Person], role: str
) -> None:
    page = sign_in(open_page(), people[role])
    page.goto("/")

    expect(page.get_by_role("heading", level=1, name="What needs you now")).to_be_visible()
    heading, line = NEEDS[role]
    waiting = page.locator("section.need", has=page.get_by_role("heading", name=heading))
    expect(waiting.get_by_role("link", name=line).first).to_be_visible()
    _drawn(page)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    _drawn(page)
    assert violations(page) == []
    assert sideways(page) == 0
    assert _dead_links(page) == []


def test_on_a_phone_the_top_bar_names_the_cycle_and_its_search_opens_when_it_is_used(
    open_page: OpenPage, sign_in: SignIn, cycle: Cycle, manager: Person
) -> None:
    page = sign_in(open_page(viewport=PHONE), manager)
    page.goto("/")

    assert _right_edge(page, ".topbar-cycle span") <= _right_edge(page, ".topbar-cycle")
    closed = _width(page, "#search")
    assert closed >= 32  # a finger finds it
    page.locator("#search").click()
    _soon(page, lambda: _width(page, "#search") > closed + 60)
    assert sideways(page) == 0
    page.set_viewport_size({"width": 320, "height": 640})
    _soon(page, lambda: sideways(page) == 0)  # charts are drawn anew for their new width


def _soon(page: Page, holds: Callable[[], bool]) -> None:
    """Asked again and again: the page's own rules forbid Playwright to wait inside of it."""
    for _ in range(60):
        if holds():
            return
        page.wait_for_timeout(50)
    assert holds()


def _right_edge(page: Page, part: str) -> float:
    return page.locator(part).evaluate("one => one.getBoundingClientRect().right")


def _width(page: Page, part: str) -> float:
    return page.locator(part).evaluate("one => one.getBoundingClientRect().width")


def _drawn(page: Page) -> None:
    """Waits until every chart is there."""
    charts = page.locator("[data-chart]").count()
    expect(page.locator("[data-chart]:has(canvas)")).to_have_count(charts)


def _dead_links(page: Page) -> list[str]:
    """The addresses of the page's own links that do not answer this person with a page."""
    links = page.locator("main a[href]").evaluate_all("links => links.map((link) => link.href)")
    assert len(links) > 5
    return [link for link in sorted(set(links)) if not page.request.get(link).ok]
