"""The map of a realignment in a real browser: a click on a point opens its account, which is moved there."""

import pytest
from playwright.sync_api import Page, expect

from core.models import Person
from territories.models import Scenario, ScenarioAccount
from territories.services.scenario_accounts import move_accounts
from tests.browser import territory_walk as walk
from tests.browser.conftest import SignIn
from tests.territories.realigning import a_realigned_world, rows_of
from tests.territories.world import a_rep, a_territory, covers

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scenario(db: None, analyst: Person) -> Scenario:
    """One account goes to the west, whose rep has no base: nothing else has its colour."""
    world = a_realigned_world()
    west = a_territory(world.model, "west")
    covers(a_rep("wes"), west)
    found = world.scenario(analyst)
    move_accounts(actor=analyst, scenario=found, rows=rows_of(found, "a05"), territory=west)
    return found


def _open(page: Page, scenario: Scenario) -> None:
    page.goto(f"/territories/realignments/{scenario.pk}/")
    page.get_by_role("link", name="Map", exact=True).last.click()
    expect(page.get_by_role("heading", level=1, name="Map")).to_be_visible()
    assert walk.colours(page, "[data-map]") > walk.DRAWN


def test_a_click_on_a_point_opens_its_account_and_moves_it(
    visit: Page, sign_in: SignIn, analyst: Person, scenario: Scenario
) -> None:
    page = sign_in(visit, analyst)
    _open(page, scenario)

    walk.press_point(page, "west")
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="a05")).to_be_visible()
    panel.get_by_label("Move it to").select_option("south")
    panel.get_by_role("button", name="Move and lock").click()

    expect(page.get_by_text("a05 is moved and locked there.")).to_be_visible()
    row = ScenarioAccount.objects.get(scenario=scenario, account__code="a05")
    assert row.to_territory is not None
    assert (row.to_territory.code, row.locked, row.by_hand) == ("south", True, True)


def test_the_keyboard_opens_an_account_and_escape_leads_back_to_the_map(
    visit: Page, sign_in: SignIn, analyst: Person, scenario: Scenario
) -> None:
    page = sign_in(visit, analyst)
    _open(page, scenario)

    page.locator("[data-map]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#panel").get_by_role("heading", name="a00")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("#panel form")).to_have_count(0)
    expect(page.locator("[data-map]")).to_be_focused()
