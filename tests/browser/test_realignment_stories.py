"""A realignment in a real browser: solved, locked, solved again, compared, approved by a second person,
published, and undone before its day."""

import pytest
from playwright.sync_api import Page, expect

from core.models import Person
from territories.models import Assignment, Placement, Scenario, ScenarioAccount
from tests.browser import territory_walk as walk
from tests.browser.conftest import OpenPage, SignIn
from tests.territories.realigning import PUBLISH, Realigned, a_realigned_world, goes_to
from tests.worker import Worker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]
LOCKED = ("a08", "a09", "a10")


@pytest.fixture
def company(db: None) -> Realigned:
    return a_realigned_world()


def _plan(page: Page, name: str, code: str) -> None:
    """A realignment whose accounts are balanced within 10 %."""
    page.goto("/territories/realignments/")
    page.get_by_role("link", name="Plan a realignment").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Short name").fill(code)
    page.get_by_label("From day").fill(PUBLISH.isoformat())
    page.get_by_label("Accounts within").fill("10")
    page.get_by_label("Penalty for a move").fill("1")
    page.get_by_label("Time limit").fill("20")
    walk.press(page, "Make the scenario")
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(page.get_by_text("Nothing moves", exact=True)).to_be_visible()


def _open(page: Page, name: str) -> None:
    page.goto("/territories/realignments/")
    page.get_by_role("link", name=name, exact=True).click()


def _solve(page: Page, button: str = "Solve") -> None:
    """The worker solves; the page shows how far it is, and then what came of it."""
    walk.press(page, button)
    job = page.locator(".job")
    expect(job.get_by_role("link", name="See the result")).to_be_visible()
    job.get_by_role("link", name="See the result").click()
    expect(page.get_by_text("nothing cheaper exists")).to_be_visible()
    expect(page.locator("[data-chart] canvas").first).to_be_visible()


def _tick(page: Page, *codes: str) -> None:
    """By keyboard, in the table of accounts."""
    for code in codes:
        box = page.get_by_role("checkbox", name=code, exact=True)
        box.focus()
        page.keyboard.press("Space")
        expect(box).to_be_checked()


def _lock_and_move(page: Page, name: str) -> None:
    """Three accounts that the plan moves are locked there, and one goes south by hand."""
    _open(page, name)
    page.get_by_role("link", name="Move accounts").click()
    _tick(page, *LOCKED)
    walk.press(page, "Lock")
    expect(page.get_by_text("3 accounts are locked.")).to_be_visible()
    _tick(page, "a01")
    page.get_by_label("Territory", exact=True).select_option(label="south")
    walk.press(page, "Move there")
    expect(page.get_by_text("1 account is moved and locked there.")).to_be_visible()
    expect(page.get_by_role("row", name="a01")).to_contain_text("Moves, by hand")
    page.get_by_role("link", name="Back to the scenario").click()


def _ask(page: Page, move: str, text: str) -> None:
    """A move that takes a note: opened, written, pressed."""
    way = page.locator(".ways details", has=page.locator("summary", has_text=move))
    way.locator("summary").click()
    way.get_by_role("textbox").fill(text)
    way.get_by_role("button", name=move).click()


def _compare(page: Page, *names: str) -> None:
    """Side by side, the best of each row marked."""
    page.goto("/territories/realignments/")
    page.get_by_role("link", name="Compare").click()
    for name in names:
        page.get_by_role("checkbox", name=name).check()
    walk.press(page, "Compare")
    for name in names:
        expect(page.get_by_role("columnheader", name=name)).to_be_visible()
    moved = page.get_by_role("row", name="Accounts that move").get_by_role("cell")
    expect(moved).to_have_text(["5", "0 (best)"])  # by short name


def _owner(code: str) -> str:
    row = Assignment.objects.get(account__code=code, role__kind="owner", days__contains=PUBLISH)
    return row.rep.code


def _history() -> list[tuple[object, ...]]:
    placed = Placement.objects.values_list("account", "territory", "days")
    owned = Assignment.objects.values_list("account", "rep", "days")
    return sorted([*placed, *owned], key=str)


def test_solved_locked_solved_again_compared_approved_by_another_published_and_undone(
    open_page: OpenPage, sign_in: SignIn, worker: Worker, company: Realigned,
    analyst: Person, manager: Person,
) -> None:  # fmt: skip
    page, second = sign_in(open_page(), analyst), sign_in(open_page(), manager)
    before = _history()
    _plan(page, "As it is", "same")
    _plan(page, "By distance", "near")
    _solve(page)
    scenario = Scenario.objects.get(code="near")
    solved = goes_to(scenario)
    assert {code for code, where in solved.items() if where == "south"} == {f"a{n:02}" for n in range(6, 12)}

    _lock_and_move(page, "By distance")
    _solve(page, "Solve again")
    after = goes_to(scenario)
    assert {code: after[code] for code in (*LOCKED, "a01")} == dict.fromkeys((*LOCKED, "a01"), "south")
    assert sum(where == "south" for where in after.values()) == 6
    locked = ScenarioAccount.objects.filter(scenario=scenario, locked=True)
    assert set(locked.values_list("account__code", flat=True)) == {*LOCKED, "a01"}
    _compare(page, "As it is", "By distance")

    _open(page, "By distance")
    _ask(page, "Submit for approval", "South is thin.")
    expect(page.get_by_text("waits for approval")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    _open(second, "By distance")
    expect(walk.fact(second, "Note")).to_have_text("South is thin.")
    _ask(second, "Approve", "Fair.")
    assert _history() == before, "an approval changes nothing yet"
    walk.press(second, "Publish")
    expect(second.get_by_text("the new owners count from its day on")).to_be_visible()
    short = {"north": "nora", "south": "sid"}
    assert {code: _owner(code) for code in after} == {code: short[where] for code, where in after.items()}
    scenario.refresh_from_db()
    assert (scenario.submitted_by, scenario.approved_by) == (analyst, manager)

    _ask(second, "Undo the publication", "The budget changed.")
    expect(second.get_by_text("everything is as it was before")).to_be_visible()
    assert _history() == before


def test_who_submitted_a_realignment_does_not_approve_it(
    visit: Page, sign_in: SignIn, company: Realigned, manager: Person
) -> None:
    company.scenario(manager, code="mine")
    page = sign_in(visit, manager)
    _open(page, "mine")
    page.get_by_role("link", name="Move accounts").click()
    _tick(page, "a10")
    page.get_by_label("Territory", exact=True).select_option(label="south")
    walk.press(page, "Move there")
    page.get_by_role("link", name="Back to the scenario").click()
    _ask(page, "Submit for approval", "")

    page.locator("summary", has_text="Approve: 1 thing before that").click()

    against = page.get_by_role("group", name="Approve")
    expect(against).to_contain_text("You submitted this realignment yourself. A colleague decides.")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert Scenario.objects.get().state == "submitted"
