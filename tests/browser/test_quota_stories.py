"""Quotas in a real browser: from the year's target down to a sheet that a rep reads and accepts."""

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from core.models import Person
from territories.models import QuotaAcceptance, QuotaPlan
from tests.browser import territory_walk as walk
from tests.browser.conftest import OpenPage, SignIn
from tests.territories.quotas_world import a_company, amounts

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company(sales_rep: Person, sales_manager: Person) -> None:
    """North (Alpha: ann, Beta: bob) and South (cid), who sold 300, 100 and 200 in each month of 2025."""
    a_company(sales_rep, sales_manager)


def _make_plan(page: Page) -> None:
    """12,000 by history and evenly, with 5 % hedge on top."""
    page.goto("/territories/quotas/")
    page.get_by_role("link", name="Make a quota plan").click()
    page.get_by_label("Name", exact=True).fill("The year 2026")
    page.get_by_label("First month of the fiscal year").fill("2026-01")
    page.get_by_label("Target of the year").fill("12000")
    page.get_by_label("Why this target").fill("Board of December")
    for label, share in (("History, %", "100"), ("Potential, %", "0"), ("Pipeline, %", "0")):
        page.get_by_label(label).fill(share)
    page.get_by_label("Hedge by level, %").fill("5")
    page.get_by_label("Months", exact=True).select_option(value="even")
    walk.press(page, "Make the plan")
    expect(page.get_by_text("Not allocated yet")).to_be_visible()


def _quota(page: Page, label: str, column: int = 5) -> str:
    """What the plan's table says of a territory or rep; thousands are apart by a thin space."""
    row = page.locator("#tree-title ~ .table-box tbody tr", has_text=label).first
    return row.locator(":scope > *").nth(column).inner_text().replace("\u202f", "")


def _open(page: Page, name: str = "The year 2026") -> None:
    page.goto("/territories/quotas/")
    page.get_by_role("link", name=name).first.click()


def _set_by_hand(page: Page, label: str, amount: str, reason: str) -> None:
    """Another amount for a territory or rep; its siblings bear the difference."""
    page.get_by_role("link", name=label).first.click()
    page.get_by_label("Quota of the year").fill(amount)
    page.get_by_label("Why it differs").fill(reason)
    walk.press(page, "Set the quota")
    expect(page.get_by_text("The quota is set.")).to_be_visible()


def test_quotas_go_from_the_target_to_the_sheet_that_a_rep_accepts(
    open_page: OpenPage, sign_in: SignIn, company: None, manager: Person, vp: Person, sales_rep: Person
) -> None:
    page = sign_in(open_page(), manager)
    _make_plan(page)
    walk.press(page, "Allocate")
    expect(page.get_by_text("The target is allocated.")).to_be_visible()
    assert (_quota(page, "north"), _quota(page, "south")) == ("8400", "4200")
    assert walk.colours(page, "[data-chart]") > walk.DRAWN

    _set_by_hand(page, "alpha", "6000", "A shop closes.")
    _open(page)
    assert (_quota(page, "alpha"), _quota(page, "beta")) == ("6000", "2400")
    walk.press(page, "Submit for approval")
    expect(page.get_by_text("You submitted these quotas yourself")).to_have_count(1)
    second = sign_in(open_page(), vp)
    _open(second)
    walk.press(second, "Approve")
    expect(second.get_by_text("is approved; the reps are told")).to_be_visible()

    rep = sign_in(open_page(), sales_rep)
    rep.goto("/")
    rep.goto("/territories/quotas/mine/")
    expect(rep.get_by_role("heading", level=1, name="Your quota")).to_be_visible()
    expect(rep.locator(".figure", has_text="Year")).to_contain_text("6\u202f000")
    expect(rep.get_by_role("heading", name="How it was made: alpha")).to_be_visible()
    assert walk.colours(rep, "[data-chart]") > walk.DRAWN
    walk.press(rep, "Accept this quota")
    expect(rep.get_by_text("Accepted by Rita Rep")).to_be_visible()
    expect(rep.get_by_role("button", name="Accept this quota")).to_have_count(0)

    plan = QuotaPlan.objects.get()
    assert (plan.state, plan.submitted_by, plan.approved_by) == ("approved", manager, vp)
    accepted = QuotaAcceptance.objects.get()
    assert (accepted.plan, accepted.rep.code, accepted.accepted_by) == (plan, "ann", sales_rep)
    assert amounts(plan)["ann"] == Decimal(6000)
