"""A sales manager inspects the week, moves deals on the board, and follows numbers to their deals."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from core.models import Person
from crm.models import Rep
from tests.browser.conftest import PHONE, OpenPage, SignIn
from tests.browser.sight import sideways, violations
from tests.crm.pipeline_world import day, deal, sellers, stages, team_of, tell, things

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = ("board", "table", "risks", "funnel", "cohorts", "changes", "coverage")


@pytest.fixture(autouse=True)
def _a_quarter() -> None:
    """Deals in every stage, some of which moved in the last week."""
    cache.clear()
    stages()
    sellers()
    things()
    team_of("EAST", Rep.objects.get(code="INA"))
    for number in range(15):
        tell(
            f"d{number}",
            40,
            name=f"Order {number}",
            stage=("prospect", "offer", "contract")[number % 3],
            amount=1000 * (number + 1),
            owner=("INA", "BEN")[number % 2],
            account=("ALDER", "BEECH")[number % 2],
            product="SAW",
            expected_close=day(20 - 5 * number),
        )
    tell("d0", 3, stage="offer", amount=1700)
    tell("d4", 2, expected_close=day(-90))
    tell("d5", 2, stage="won", closed=day(2))
    tell("d7", 1, stage="lost", lost_reason="Price")


def board(page: Page) -> Page:
    page.goto(reverse("crm:pipeline-board"))
    return page


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("link", name=name, exact=True))


def test_a_manager_inspects_what_changed_since_last_week(
    manager: Person, open_page: OpenPage, sign_in: SignIn
) -> None:
    page = sign_in(open_page(), manager)
    page.goto(reverse("crm:pipeline-changes"))
    expect(page.get_by_role("heading", name="The pipeline shrank by 13")).to_be_visible()

    page.get_by_role("link", name="Close date pushed out 1").click()
    expect(page.get_by_role("row", name="Order 4")).to_contain_text("Close date pushed out")
    expect(page.get_by_role("row", name="Order 5")).to_have_count(0)

    page.get_by_role("link", name="Won 1", exact=True).click()
    expect(page.get_by_role("row", name="Order 5")).to_contain_text("Contract → Won")
    page.get_by_role("link", name="Order 5").click()
    expect(page.get_by_role("heading", name="Order 5", level=1)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_deal_moves_by_its_menu_with_the_keyboard_alone(
    manager: Person, open_page: OpenPage, sign_in: SignIn, scripts: bool
) -> None:
    page = board(sign_in(open_page(scripts=scripts), manager))

    card(page, "Order 14").get_by_text("Move").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Order 14 is moved.")).to_be_visible()
    expect(column(page, "Prospecting")).to_contain_text("Order 14")
    assert deal("d14").stage.code == "prospect"


def test_a_card_is_dragged_to_another_stage(manager: Person, open_page: OpenPage, sign_in: SignIn) -> None:
    page = board(sign_in(open_page(), manager))

    card(page, "Order 12").drag_to(column(page, "Contract"))

    expect(page.get_by_text("Order 12 is moved.")).to_be_visible()
    assert deal("d12").stage.code == "contract"


def test_a_lost_deal_asks_why_before_it_moves(manager: Person, open_page: OpenPage, sign_in: SignIn) -> None:
    page = board(sign_in(open_page(), manager))
    card(page, "Order 13").get_by_text("Move").click()
    card(page, "Order 13").get_by_role("button", name="Lost").click()
    expect(page.get_by_text("Say in a few words why the deal was lost.").first).to_be_visible()
    assert violations(page) == []

    page.get_by_label("Why it was lost").fill("They bought elsewhere")
    page.get_by_role("button", name="Move the deal").click()

    expect(page.get_by_text("Order 13 is moved.")).to_be_visible()
    expect(page.get_by_role("heading", name="Board", level=1)).to_be_visible()
    assert deal("d13").lost_reason == "They bought elsewhere"


def test_the_last_cards_menu_is_seen_whole(manager: Person, open_page: OpenPage, sign_in: SignIn) -> None:
    page = board(sign_in(open_page(), manager))
    last = column(page, "Contract").get_by_role("listitem").last
    last.get_by_text("Move").click()

    last.get_by_role("button", name="Lost").click()  # a button out of sight could not be clicked

    expect(page.get_by_label("Why it was lost")).to_be_visible()


@pytest.mark.parametrize("page_name", PAGES)
def test_the_pages_are_accessible_and_fit_a_phone(
    manager: Person, open_page: OpenPage, sign_in: SignIn, page_name: str
) -> None:
    for dark, viewport in ((False, None), (True, None), (False, PHONE)):
        sight = {"dark": dark} | ({"viewport": viewport} if viewport else {})
        page = sign_in(open_page(**sight), manager)
        page.goto(reverse(f"crm:pipeline-{page_name}"))
        page.wait_for_load_state("networkidle")

        assert violations(page) == [], (page_name, dark, viewport)
        assert sideways(page) <= 0, (page_name, viewport)
