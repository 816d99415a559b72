"""The clicks that carry a cycle from one stage to the next: what a person of each desk does on the pages."""

from playwright.sync_api import Page, expect

from planning.models import Cycle
from tests.conftest import PASSWORD


def open_stage(page: Page, cycle: Cycle, place: str) -> None:
    page.goto(f"/cycles/{cycle.pk}/{place}/")


def tick_and_sign(page: Page, cycle: Cycle, sign: str) -> None:
    """Ticks off what the checklist requires on the board, and signs the stage with its button."""
    page.goto(f"/cycles/{cycle.pk}/")
    required = page.locator("#checklist li", has_text="Open")
    for _ in range(required.count()):
        left = required.count()
        required.first.get_by_role("button", name="Tick off").click()
        expect(required).to_have_count(left - 1)
    expect(page.get_by_text("Nothing stands against it")).to_be_visible()
    page.get_by_role("link", name=sign).click()
    page.get_by_role("button", name=sign).click()
    expect(page.get_by_role("button", name=sign)).to_have_count(0)


def gather_data(page: Page, cycle: Cycle) -> None:
    """The coordinator signs the source that stands in the way, freezes, forecasts and measures."""
    open_stage(page, cycle, "data")
    page.get_by_role("link", name="ERP sales is neither signed nor waived").click()
    page.get_by_label("Rows").fill("3")
    page.get_by_role("button", name="Compare the totals").click()
    page.get_by_role("button", name="Sign the source").click()
    expect(page.get_by_text("Signed.")).to_be_visible()

    open_stage(page, cycle, "data")
    page.get_by_role("button", name="Freeze the data").click()
    page.get_by_role("button", name="Run the forecast").click()
    expect(page.locator("#forecast .state", has_text="Done")).to_be_visible()
    page.get_by_role("button", name="Compute the accuracy").click()
    expect(page.get_by_text("back-tests of the forecast itself")).to_be_visible()


def say(page: Page, number: str, note: str, reason: str = "Promotion") -> None:
    """A stream's number on the page of a cell."""
    page.get_by_label("Number").fill(number)
    page.get_by_label("Reason").select_option(label=reason)
    page.get_by_label("Note").fill(note)
    page.get_by_role("button", name="Keep the number").click()


def first_cell(page: Page, cycle: Cycle) -> None:
    """From the stage through the workbench to the first planned month of the first demand unit."""
    open_stage(page, cycle, "demand")
    page.get_by_role("link", name="Open the workbench").click()
    page.get_by_role("link", name="Demand units", exact=True).click()
    page.locator("[data-demand-grid] tbody td a").first.click()


def settle_demand(page: Page, cycle: Cycle) -> None:
    """The manager submits what was said, waives the silent streams, reviews each family and freezes."""
    open_stage(page, cycle, "demand")
    submit = page.get_by_role("button", name="Submit Sales")
    if submit.count():
        submit.click()
    waive = page.locator("#streams summary[aria-label^='Waive']")
    for _ in range(waive.count()):
        left = waive.count()
        waive.first.click()
        menu = page.locator("#streams details[open]")
        menu.get_by_label("Why can the cycle do without it?").fill("Nothing to add this month.")
        menu.get_by_role("button", name="Waive", exact=True).click()
        expect(waive).to_have_count(left - 1)
    reviewed = page.get_by_role("button", name="is reviewed")
    for _ in range(reviewed.count()):
        left = reviewed.count()
        reviewed.first.click()
        expect(reviewed).to_have_count(left - 1)
    page.get_by_role("button", name="Freeze the consensus").click()
    expect(page.locator("#version .state", has_text="Up to date")).to_be_visible()


def solve_supply(page: Page, cycle: Cycle) -> None:
    """The plan is solved by the worker, and each gap gets an action."""
    open_stage(page, cycle, "supply")
    page.get_by_role("button", name="Solve").click()
    page.get_by_role("link", name="See the result").click()
    undecided = page.locator("#gaps tbody tr", has_text="No action")
    for _ in range(undecided.count()):
        left = undecided.count()
        undecided.first.get_by_role("link").first.click()
        page.get_by_label("What will be done").fill("Seen, and planned for.")
        page.get_by_role("button", name="Save the action").click()
        expect(undecided).to_have_count(left - 1)


def compare_scenarios(page: Page, cycle: Cycle) -> None:
    """A second scenario is made and solved beside the base, which is chosen with a reason."""
    open_stage(page, cycle, "reconciliation")
    page.get_by_role("link", name="Compare scenarios").click()
    page.get_by_role("link", name="Add a scenario").click()
    page.get_by_label("Name").fill("Ten percent less")
    page.get_by_label("What, row 1").select_option(label="Demand, by %")
    page.get_by_label("Amount, row 1").fill("-10")
    page.get_by_role("button", name="Add the scenario").click()
    solve_scenario(page, "Ten percent less")
    page.locator("[aria-label^='Choose Base']").click()
    page.get_by_label("Why this one").fill("It is what the market asks for.")
    page.get_by_role("button", name="Choose").click()
    expect(page.locator(".scenario-chosen")).to_contain_text("It is what the market asks for.")


def solve_scenario(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Solve {name}").click()
    page.get_by_role("link", name="See the result").click()
    expect(page.get_by_role("button", name=f"Solve {name}")).to_have_count(0)


def decide_contradictions(page: Page, cycle: Cycle) -> None:
    """Each contradiction is decided where it stands."""
    open_stage(page, cycle, "reconciliation")
    undecided = page.locator(".contradictions > li", has=page.locator("summary", has_text="Decide"))
    for _ in range(undecided.count()):
        left = undecided.count()
        line = undecided.first
        line.locator("summary").click()
        line.get_by_label("What is decided").fill("Keep the plan")
        line.get_by_label("Why").fill("The budget is older than the season.")
        line.get_by_role("button", name="Decide").click()
        expect(undecided).to_have_count(left - 1)


def ask_for_approval(page: Page, cycle: Cycle) -> None:
    """The coordinator asks, and sends the pack, which the worker makes."""
    open_stage(page, cycle, "release")
    page.get_by_role("button", name="Ask for approval").click()
    page.get_by_role("button", name="Make the pack and send it").click()
    expect(page.locator("#pack .state", has_text="Sent")).to_be_visible()


def sign_plan(page: Page, verdict: str = "Approve", to_stage: str = "", text: str = "") -> None:
    """An executive's verdict, signed with the password."""
    page.get_by_role("radio", name=verdict, exact=True).check()
    if to_stage:
        page.get_by_label("Back to").select_option(label=to_stage)
        page.get_by_label("What has to change").fill(text)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("button", name="Sign", exact=True)).to_have_count(0)
