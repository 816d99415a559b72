"""Territories in a real browser: rules that fill the gaps, why an account is where it is, the map."""

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from playwright.sync_api import Page, expect

from core.models import Person
from crm.models import Account
from territories.models import AccountWork, Pin, Placement, Rule, RuleRun, TerritoryModel
from tests.browser import territory_walk as walk
from tests.browser.conftest import SignIn
from tests.territories import world

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ALL = {"Alm", "Berg", "Tal", "See", "Wald", "Nebel"}


@pytest.fixture
def accounts(db: None) -> None:
    """Three in Austria, two in Germany, and one of which nobody knows the place."""
    for code, country, postcode in (
        ("alm", "AT", "6020"),
        ("berg", "AT", "6900"),
        ("tal", "AT", "1010"),
        ("see", "DE", "80331"),
        ("wald", "DE", "20095"),
        ("nebel", "", ""),
    ):
        world.an_account(code, name=code.title(), country=country, postcode=postcode)


def _plan_model(page: Page) -> None:
    page.goto("/territories/models/")
    page.get_by_role("link", name="Plan a model").first.click()
    page.get_by_label("Code").fill("fy27")
    page.get_by_label("Name").fill("Next year")
    page.get_by_role("button", name="Plan this model").click()
    expect(page.get_by_text("No territories yet")).to_be_visible()


def _add_territory(page: Page, code: str, name: str) -> None:
    _open_model(page)
    page.get_by_role("link", name="Add a territory").click()
    page.get_by_label("Code").fill(code)
    page.get_by_label("Name").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def _open_model(page: Page) -> None:
    page.goto("/territories/models/")
    page.get_by_role("link", name="Next year").click()


def _add_rule(page: Page, name: str, tests: list[tuple[str, str, str]], meet: str) -> None:
    """On the page of a territory: a rule of these tests, counted before it is added."""
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_label("Name", exact=True).fill(name)
    for place, (field, comparison, value) in enumerate(tests, 1):
        page.get_by_label(f"Field {place}", exact=True).select_option(label=field)
        page.get_by_label(f"Comparison {place}", exact=True).select_option(label=comparison)
        page.get_by_label(f"Value {place}", exact=True).fill(value)
        page.keyboard.press("Tab")
    expect(page.locator("#matches")).to_contain_text(meet)
    page.get_by_role("button", name="Add this rule").click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def _run(page: Page, moves: str) -> None:
    """Through the dry run, which stores nothing, to the run."""
    _open_model(page)
    page.get_by_role("link", name="Run the rules").first.click()
    expect(page.get_by_text("A dry run: nothing is stored")).to_be_visible()
    expect(page.locator(".figure", has_text="Move").first).to_contain_text(moves)
    runs = RuleRun.objects.count()
    walk.press(page, "Run the rules")
    expect(page.get_by_role("heading", level=1, name="Next year")).to_be_visible()
    assert RuleRun.objects.count() == runs + 1


def _open(page: Page, territory: str) -> None:
    _open_model(page)
    page.get_by_role("link", name=territory, exact=True).click()


def _pin(page: Page, account: str, reason: str) -> None:
    page.get_by_role("link", name="Pin or exclude an account").click()
    page.get_by_role("textbox", name="Account").fill(account)
    page.get_by_label("Why").fill(reason)
    walk.press(page, "Save")
    expect(page.get_by_text(reason)).to_be_visible()


def _where() -> dict[str, str]:
    rows = Placement.objects.filter(days__upper_inf=True)
    return dict(rows.values_list("account__code", "territory__code"))


def test_rules_are_built_and_the_list_of_gaps_shrinks_to_nothing(
    visit: Page, sign_in: SignIn, accounts: None, manager: Person
) -> None:
    page = sign_in(visit, manager)
    _plan_model(page)
    _add_territory(page, "west", "West")
    _add_territory(page, "rest", "Rest")
    assert walk.gaps(page) == ALL

    _open(page, "West")
    tests = [("country", "is", "at"), ("postcode", "is between", "6000–6999")]
    _add_rule(page, "Western Austria", tests, meet="2 accounts meet it, 2 of them without a territory now")
    assert walk.gaps(page) == ALL, "a rule does nothing before it is run"
    _run(page, moves="2")
    assert walk.gaps(page) == {"Tal", "See", "Wald", "Nebel"}

    _open(page, "Rest")
    tests = [("country", "is one of", "AT, DE")]
    _add_rule(page, "All others", tests, meet="5 accounts meet it, 3 of them without a territory now")
    _run(page, moves="3")
    assert walk.gaps(page) == {"Nebel"}

    _open(page, "Rest")
    _pin(page, "nebel", "The office knows where it is.")
    _run(page, moves="1")
    walk.gaps(page)
    expect(page.get_by_text("No account without a territory")).to_be_visible()
    expect(page.locator("#territories-without-a-rep")).to_contain_text("West")

    assert _where() == {
        "alm": "west", "berg": "west", "tal": "rest", "see": "rest", "wald": "rest", "nebel": "rest",
    }  # fmt: skip
    assert [rule.name for rule in Rule.objects.order_by("pk")] == ["Western Austria", "All others"]
    assert Pin.objects.get().account.code == "nebel"


def test_the_page_says_which_rule_took_an_account_and_which_lost(
    visit: Page, sign_in: SignIn, accounts: None, manager: Person
) -> None:
    model = world.a_model("fy27", name="Next year")
    world.a_territory(model, "west", name="West")
    world.a_territory(model, "rest", name="Rest")
    page = sign_in(visit, manager)
    _open(page, "West")
    _add_rule(page, "Austria", [("country", "is", "AT")], meet="3 accounts")
    _open(page, "Rest")
    _add_rule(page, "Everybody near", [("country", "is one of", "AT, DE")], meet="5 accounts")
    _run(page, moves="5")

    page.goto("/territories/accounts/")
    page.get_by_role("link", name="Alm").click()

    expect(page.get_by_role("heading", name="Owner: West")).to_be_visible()
    expect(page.get_by_text("Rule “Austria” (priority 100)")).to_be_visible()
    expect(page.get_by_role("row", name="Everybody near")).to_be_visible()
    page.goto("/territories/overlaps/")
    assert walk.names(page) == {"Alm", "Berg", "Tal"}


@pytest.fixture
def placed(db: None) -> TerritoryModel:
    """East has two accounts with a place, West one; nobody has a base on the map."""
    model = world.a_model_in_force()
    places = {"east": [("Linz", 48.3, 14.3), ("Wels", 48.2, 14.0)], "west": [("Bregenz", 47.5, 9.7)]}
    for code, found in places.items():
        territory = world.a_territory(model, code, name=code.title())
        for name, latitude, longitude in found:
            account = world.an_account(name.lower(), name=name, country="AT")
            AccountWork.objects.create(account=account, latitude=latitude, longitude=longitude, potential=900)
            _place(model, account, territory)
    return model


def _place(model: TerritoryModel, account: Account, territory: object) -> None:
    days = DateRange(world.BEGIN, None)
    Placement.objects.create(model=model, account=account, territory=territory, days=days, placed_by="hand")


def test_a_click_on_a_point_of_the_map_leads_to_its_row(
    visit: Page, sign_in: SignIn, placed: TerritoryModel, manager: Person
) -> None:
    page = sign_in(visit, manager)
    page.goto("/territories/map/")
    assert walk.colours(page, "[data-map]") > walk.DRAWN

    walk.press_point(page, "West")

    expect(page.locator("tr.map-chosen")).to_contain_text("Bregenz")
    expect(page.get_by_role("link", name="Bregenz")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Bregenz")).to_be_visible()


def test_the_map_is_walked_by_keyboard_and_shows_one_territory_alone(
    visit: Page, sign_in: SignIn, placed: TerritoryModel, manager: Person
) -> None:
    page = sign_in(visit, manager)
    page.goto("/territories/map/")
    assert walk.colours(page, "[data-map]") > walk.DRAWN
    page.locator("[data-map]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("tr.map-chosen")).to_contain_text("Bregenz")

    page.locator(".map-keys").get_by_role("link", name="East").click()

    expect(page.locator("#accounts-title ~ .table-box tbody tr")).to_have_count(2)
    assert walk.colours(page, "[data-map]") > walk.DRAWN
    page.get_by_role("link", name="Show all").click()
    expect(page.locator("#accounts-title ~ .table-box tbody tr")).to_have_count(3)
