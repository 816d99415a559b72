"""An executive with a phone sends a plan back to demand planning, gets it again, and approves it."""

import pytest
from playwright.sync_api import Page, expect

from core.models import Event, Person
from planning.models import Approval, Cycle
from planning.services.approvals import request_approval
from planning.services.demand import write_input
from planning.services.streams import reopen_stream
from tests.browser import cycle_walk
from tests.browser.conftest import PHONE, OpenPage, SignIn
from tests.browser.sight import sideways, violations
from tests.gathering.world import world
from tests.planning.conftest import Company, at_stage, cycle, firm, planners
from tests.planning.release import ready, whole_cycle

__all__ = ["at_stage", "cycle", "firm", "planners", "world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "Ridge is too low in the north."


def test_an_executive_on_a_phone_rejects_to_demand_then_approves(
    open_page: OpenPage, sign_in: SignIn, cycle: Cycle, firm: Company, planners: dict[str, Person],
    executive: Person,
) -> None:  # fmt: skip
    ready.second_executive()
    _asked(cycle, planners)
    phone = sign_in(open_page(viewport=PHONE), executive)

    _to_the_plan(phone)
    cycle_walk.sign_plan(phone, "Reject", "Demand planning", TEXT)
    expect(phone.get_by_text("The plan went back: the cycle is in demand planning.")).to_be_visible()
    expect(phone.locator("#signatures")).to_contain_text(TEXT)
    assert _fits(phone)
    assert Event.objects.get(verb="reopen").reason == f"Rejected by Eve Executive: {TEXT}"

    _more_of_ridge(cycle, firm, planners)
    _asked(cycle, planners)
    _to_the_plan(phone)
    cycle_walk.sign_plan(phone)
    expect(phone.get_by_role("heading", name="Signatures: 1 of 2")).to_be_visible()
    assert _fits(phone)
    verdicts = Approval.objects.filter(approver=executive).order_by("pk").values_list("verdict", flat=True)
    assert list(verdicts) == ["reject", "approve"]


def _asked(cycle: Cycle, people: dict[str, Person]) -> None:
    """The team brings the plan through every guard, and the coordinator asks for the signatures."""
    cycle.refresh_from_db()
    request_approval(actor=people["coordinator"], cycle=whole_cycle.to_release(cycle, people))


def _more_of_ridge(cycle: Cycle, firm: Company, people: dict[str, Person]) -> None:
    cycle.refresh_from_db()
    reopen_stream(actor=people["manager"], cycle=cycle, stream="sales")
    write_input(
        actor=people["analyst"], cycle=cycle, stream="sales", month=cycle.month, kind="add", value=40,
        product=firm.world.ridge, market=firm.world.north, reason_code="market", note="As the CEO says.",
    )  # fmt: skip


def _to_the_plan(phone: Page) -> None:
    """From the home page to the plan; both fit the phone."""
    phone.goto("/")
    assert _fits(phone)
    phone.get_by_role("link", name="Read and sign the plan").click()
    expect(phone.get_by_role("heading", name="Your signature is asked for")).to_be_visible()
    assert _fits(phone)
    assert violations(phone) == []


def _fits(page: Page) -> bool:
    return sideways(page) == 0
