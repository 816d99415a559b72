"""Two people at one cell of the plan, and a stage signed off by somebody without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from core.models import Person
from planning.models import Cycle, DemandInput
from tests.browser import cycle_walk
from tests.browser.conftest import OpenPage, SignIn
from tests.browser.sight import violations
from tests.gathering.world import world
from tests.planning.conftest import at_stage, cycle, firm, planners
from tests.planning.demand_world import demand_cycle
from tests.planning.release import whole_cycle

__all__ = ["at_stage", "cycle", "demand_cycle", "firm", "planners", "world"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("kept", ["yours", "theirs"])
def test_the_second_person_at_a_cell_sees_both_numbers_and_decides(
    open_page: OpenPage, sign_in: SignIn, demand_cycle: Cycle, analyst: Person, colleague: Person, kept: str
) -> None:
    hers, his = sign_in(open_page(), analyst), sign_in(open_page(), colleague)
    for page in (hers, his):
        cycle_walk.first_cell(page, demand_cycle)

    cycle_walk.say(hers, "120", "A dealer said so.")
    expect(hers.get_by_text("Sales is kept; the consensus follows it.")).to_be_visible()
    with his.expect_response(lambda answer: answer.request.method == "POST") as answered:
        cycle_walk.say(his, "150", "The fair went well.")

    assert answered.value.status == 409
    conflict = his.get_by_role("alert", name="Ada Analyst changed")
    expect(conflict.get_by_role("row", name="Number")).to_contain_text("150")
    expect(conflict.get_by_role("row", name="Number")).to_contain_text("120")
    expect(conflict.get_by_role("row", name="Note")).to_contain_text("A dealer said so.")
    assert violations(his) == []
    assert _number() == (120, "Ada Analyst")

    if kept == "yours":
        conflict.get_by_role("button", name="Keep yours").click()
        expect(his.get_by_text("Sales is kept; the consensus follows it.")).to_be_visible()
        assert _number() == (150, "Carl Colleague")
    else:
        conflict.get_by_role("link", name="Keep theirs").click()
        expect(his.get_by_label("Number")).to_have_value("120")
        assert _number() == (120, "Ada Analyst")


def _number() -> tuple[float, str]:
    row = DemandInput.objects.select_related("author").get()
    return float(row.value), row.author.name


def test_a_stage_is_signed_off_without_javascript(
    open_page: OpenPage, sign_in: SignIn, cycle: Cycle, planners: dict[str, Person], coordinator: Person
) -> None:
    whole_cycle.data(cycle, planners)
    page: Page = sign_in(open_page(scripts=False), coordinator)

    cycle_walk.tick_and_sign(page, cycle, "Sign data gathering off")

    expect(page.locator("#stages tr", has_text="Data gathering")).to_contain_text("Cora Coordinator")
    cycle.refresh_from_db()
    assert cycle.stage == "demand"
