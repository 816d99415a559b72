"""A cycle from data to release in a real browser, each step by the person whose desk it is on."""

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from core.models import Person
from core.services.company import change_setting
from gathering.workflow import perform
from planning.models import Cycle, DemandInput, Release
from planning.selectors.releases import verify
from tests.browser import cycle_walk
from tests.browser.conftest import OpenPage, SignIn
from tests.gathering.world import world
from tests.planning.conftest import Company, at_stage, cycle, firm, planners
from tests.planning.release import ready
from tests.worker import Worker

__all__ = ["at_stage", "cycle", "firm", "planners", "world"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def sent_source(firm: Company, cycle: Cycle, coordinator: Person) -> None:
    """The ERP's sales of the month came in and wait for a signature."""
    source, run = firm.world.source(coordinator), firm.world.new_run()
    perform(source=source, month=cycle.month, name="receive", actor=None, changes={"run": run})


@pytest.fixture
def pack_at_once(vp: Person) -> None:
    """The company releases on the day on which the pack is sent."""
    change_setting(actor=vp, key="pack_days", value=0, reason="A small company.")


@pytest.fixture
def executives(executive: Person) -> list[Person]:
    return [executive, ready.second_executive()]


def test_one_cycle_from_its_data_to_the_released_plan(
    open_page: OpenPage, sign_in: SignIn, worker: Worker, cycle: Cycle, sent_source: None,
    pack_at_once: None, planners: dict[str, Person], executives: list[Person],
) -> None:  # fmt: skip
    desk = {role: sign_in(open_page(), person) for role, person in planners.items()}

    cycle_walk.gather_data(desk["coordinator"], cycle)
    cycle_walk.tick_and_sign(desk["coordinator"], cycle, "Sign data gathering off")

    cycle_walk.first_cell(desk["analyst"], cycle)
    cycle_walk.say(desk["analyst"], "900", "The spring sale is booked.")
    expect(desk["analyst"].get_by_text("Sales is kept; the consensus follows it.")).to_be_visible()
    cycle_walk.settle_demand(desk["manager"], cycle)
    cycle_walk.tick_and_sign(desk["manager"], cycle, "Sign demand off")

    cycle_walk.solve_supply(desk["analyst"], cycle)
    cycle_walk.tick_and_sign(desk["manager"], cycle, "Sign supply off")

    cycle_walk.compare_scenarios(desk["manager"], cycle)
    cycle_walk.decide_contradictions(desk["manager"], cycle)
    cycle_walk.tick_and_sign(desk["manager"], cycle, "Sign reconciliation off")

    cycle_walk.ask_for_approval(desk["coordinator"], cycle)
    for person in executives:
        theirs = sign_in(open_page(), person)
        cycle_walk.open_stage(theirs, cycle, "release")
        cycle_walk.sign_plan(theirs)
    _release(desk["vp"], cycle)

    said = DemandInput.objects.get()
    assert (said.value, said.note, said.author) == (
        Decimal(900), "The spring sale is booked.", planners["analyst"],
    )  # fmt: skip
    assert verify(Release.objects.get(cycle=cycle)).ok


def _release(page: Page, cycle: Cycle) -> None:
    """The VP releases, opens the plan, and has its hash taken again."""
    cycle_walk.tick_and_sign(page, cycle, "Release the plan")
    page.goto(f"/cycles/{cycle.pk}/release/")
    page.get_by_role("link", name="Open the released plan").click()
    page.get_by_role("link", name="Verify").click()
    expect(page.get_by_text("This is the plan that was signed and released.")).to_be_visible()
