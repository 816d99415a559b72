"""Every part and the frame of a page: accessible, narrow, by keyboard, without JavaScript."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.models import Person
from tests.browser.conftest import DESKTOP, PHONE, OpenPage, SignIn
from tests.browser.sight import sideways, violations

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.browser.gallery"), pytest.mark.django_db]

SIGHTS = [(False, DESKTOP), (True, DESKTOP), (False, PHONE), (True, PHONE)]
NAMES = ["light", "dark", "phone", "dark phone"]


@pytest.fixture(autouse=True)
def _gallery_templates(settings: Any) -> None:
    engine = dict(settings.TEMPLATES[0])
    engine["DIRS"] = [*engine["DIRS"], Path(__file__).parent / "templates"]
    settings.TEMPLATES = [engine]


def drawn(page: Page) -> None:
    """Waits until the charts and the grid are there."""
    expect(page.locator("[data-chart]:has(canvas)")).to_have_count(7)
    expect(page.locator(".tabulator-row").first).to_be_visible()


@pytest.mark.parametrize(("dark", "viewport"), SIGHTS, ids=NAMES)
def test_every_part_is_accessible_and_never_scrolls_the_page_sideways(
    open_page: OpenPage, sign_in: SignIn, analyst: Person, dark: bool, viewport: Any
) -> None:
    page = sign_in(open_page(dark=dark, viewport=viewport), analyst)
    page.goto("/gallery/?bad=1&search=espresso&state=ok&page=2")
    drawn(page)

    assert violations(page) == []
    assert sideways(page) == 0


@pytest.mark.parametrize(("dark", "viewport"), SIGHTS, ids=NAMES)
def test_the_sign_in_page_is_accessible(open_page: OpenPage, dark: bool, viewport: Any) -> None:
    page = open_page(dark=dark, viewport=viewport)
    page.goto("/account/login/")

    assert violations(page) == []
    assert sideways(page) == 0


def test_a_person_signs_in_with_the_form(visit: Page, analyst: Person) -> None:
    visit.goto("/account/login/")
    visit.get_by_label("E-mail").or_(visit.get_by_label("Email")).fill(analyst.email)
    visit.get_by_label("Password").fill("a long test password")
    visit.get_by_role("button", name="Sign in", exact=True).click()

    expect(visit.get_by_role("heading", level=1)).to_be_visible()
    expect(visit.locator(".topbar")).to_be_visible()


def test_a_wrong_password_is_refused_with_a_sentence_and_keeps_the_address(
    visit: Page, analyst: Person
) -> None:
    visit.goto("/account/login/")
    visit.locator("#id_login").fill(analyst.email)
    visit.locator("#id_password").fill("wrong")
    visit.get_by_role("button", name="Sign in", exact=True).click()

    expect(visit.get_by_role("alert")).to_contain_text("You are not signed in")
    expect(visit.locator("#id_login")).to_have_value(analyst.email)


def test_an_unknown_address_says_so_in_our_look(visit: Page) -> None:
    visit.goto("/nowhere/at/all/")

    expect(visit.get_by_role("heading", level=1)).to_have_text("There is nothing at this address")
    assert violations(visit) == []


def test_without_javascript_menus_open_and_charts_are_tables(
    open_page: OpenPage, sign_in: SignIn, analyst: Person
) -> None:
    page = sign_in(open_page(scripts=False, viewport=PHONE), analyst)
    page.goto("/gallery/")

    page.locator(".menu-places > summary").click()
    expect(page.locator(".menu-drawer nav a").first).to_be_visible()
    expect(page.locator("#chart-line table")).to_be_visible()
    expect(page.locator("#chart-line .chart-canvas")).to_be_hidden()
    expect(page.locator("[data-theme-switch]")).to_be_hidden()


def test_without_javascript_a_filter_is_applied_and_taken_off_again(
    open_page: OpenPage, sign_in: SignIn, analyst: Person
) -> None:
    page = sign_in(open_page(scripts=False), analyst)
    page.goto("/gallery/?size=100")
    page.get_by_label("Search", exact=True).fill("beans")
    page.get_by_role("button", name="Apply filters").click()

    expect(page.locator(".chip")).to_contain_text("Search: beans")
    page.locator(".chip").click()
    expect(page.locator(".chip")).to_have_count(0)


def test_the_keyboard_reaches_content_search_help_and_places(
    visit: Page, sign_in: SignIn, analyst: Person
) -> None:
    page = sign_in(visit, analyst)
    page.goto("/gallery/")

    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keyboard-help")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#keyboard-help")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page).to_have_url(re.compile(r"^http://[^/]+/$"))


def test_slash_goes_to_the_search_box(visit: Page, sign_in: SignIn, analyst: Person) -> None:
    page = sign_in(visit, analyst)
    page.goto("/gallery/")
    page.keyboard.press("/")

    expect(page.locator("#search")).to_be_focused()


def test_arrows_move_between_rows_and_enter_opens(visit: Page, sign_in: SignIn, analyst: Person) -> None:
    page = sign_in(visit, analyst)
    page.goto("/gallery/")
    page.locator("#list tbody a").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url("**/gallery/#unit-2")


def test_escape_closes_the_panel_and_gives_the_focus_back(
    visit: Page, sign_in: SignIn, analyst: Person
) -> None:
    page = sign_in(visit, analyst)
    page.goto("/gallery/")
    page.get_by_role("link", name="Open the panel").click()
    expect(page.locator("#panel h2")).to_have_text("Espresso 1 kg · Nordics")
    assert violations(page) == []

    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.get_by_role("link", name="Open the panel")).to_be_focused()


def test_the_chosen_colours_stay_and_charts_follow_them(
    visit: Page, sign_in: SignIn, analyst: Person
) -> None:
    page = sign_in(visit, analyst)
    page.goto("/gallery/")
    drawn(page)
    canvas = "document.querySelector('#chart-line canvas').toDataURL()"
    light = page.evaluate(canvas)

    for _ in range(2):
        page.locator("[data-theme-switch]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert page.evaluate(canvas) != light
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_table_behind_a_chart_is_shown_and_exported(
    visit: Page, sign_in: SignIn, analyst: Person
) -> None:
    page = sign_in(visit, analyst)
    page.goto("/gallery/")
    drawn(page)
    menu = page.locator("#chart-line summary")

    menu.click()
    with page.expect_download() as download:
        page.locator("#chart-line").get_by_role("button", name="Export CSV").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith(",Sales,Baseline,Consensus,Budget,Last cycle,95% interval low,")
    assert lines[1].startswith("Jan 25,9000,,,9600,8700")
    menu.click()
    with page.expect_download() as picture:
        page.locator("#chart-line").get_by_role("button", name="Export PNG").click()
    assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")
    menu.click()
    page.locator("#chart-line").get_by_role("button", name="Show the table").click()
    expect(page.locator("#chart-line table")).to_be_visible()


def test_a_block_pasted_into_the_grid_leaves_fixed_rows_alone(
    visit: Page, sign_in: SignIn, analyst: Person
) -> None:
    page = sign_in(visit, analyst)
    page.goto("/gallery/")
    drawn(page)
    result = page.evaluate(
        """async () => {
            const { pasteInto, parseBlock } = await import("/static/js/grid.js");
            const rows = [{ fixed: true, m0: 1 }, { m0: 2 }].map((data) => ({
                getData: () => data,
                getCell: (field) => ({ setValue: (value) => { data[field] = value; } }),
            }));
            const columns = [{ getField: () => "m0" }];
            const table = {
                getRanges: () => [{ getRows: () => rows, getColumns: () => columns }],
                getRows: () => rows,
                getColumns: () => columns,
            };
            const told = pasteInto(table, parseBlock("1,234.5\\r\\n7\\r\\n"), new Set(["m0"]));
            return { told, values: rows.map((row) => row.getData().m0) };
        }"""
    )

    assert result == {"told": {"done": 1, "skipped": 1}, "values": [1, 7]}
