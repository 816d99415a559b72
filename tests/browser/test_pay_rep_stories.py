"""A rep's own pay in a real browser: the plan is accepted, a line is disputed and mended, a deal is tried."""

from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from compensation.models import Adjustment, Credit, Dispute, PayLine, PlanAcceptance, PlanVersion, Statement
from core.models import Person
from crm.models import Rep
from tests.browser import territory_walk as walk
from tests.browser.conftest import PHONE, OpenPage, SignIn
from tests.browser.sight import sideways, violations
from tests.compensation.company import TERMS, deal, plan_of, rep_on
from tests.compensation.paying import (
    APRIL,
    MARCH,
    _today,  # noqa: F401 - a fixture
    closed,
    sheet,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def version(manager: Person) -> PlanVersion:
    """5 % up to the year's quota, 8 % above it; the manager owns the plan."""
    made = plan_of(TERMS, name="Account executives")
    made.plan.owner = manager
    made.plan.save()
    return made


@pytest.fixture
def rita(version: PlanVersion, sales_rep: Person) -> Rep:
    return rep_on(version, "rita", name="Rita Rep", person=sales_rep, quota=120_000)


@pytest.fixture
def paul(version: PlanVersion) -> Rep:
    """A colleague on the same plan, without a sign-in."""
    return rep_on(version, "paul", name="Paul Pitch", quota=120_000)


def _money(place: Locator, amount: str) -> None:
    """The place shows this amount; thousands are apart by a thin space."""
    expect(place).to_contain_text(amount.replace(" ", "\u202f"))


def _not_for(page: Page, *addresses: str) -> None:
    """Each address of a colleague's pay answers that there is nothing, or nothing for this person."""
    for address in addresses:
        assert page.request.get(address).status in {403, 404}, address


def test_a_rep_reads_what_is_earned_for_what_and_accepts_it_by_the_own_name(
    open_page: OpenPage, sign_in: SignIn, rita: Rep, sales_rep: Person
) -> None:
    page = sign_in(open_page(viewport=PHONE, dark=True), sales_rep)
    page.goto("/pay/mine/")
    page.get_by_role("link", name="What you earn for what").click()
    expect(page.get_by_role("heading", level=1, name="What you earn for what")).to_be_visible()
    expect(page.get_by_text("From your quota on, every EUR above it pays 8\u202f%")).to_be_visible()
    _money(page.locator("#goal-1 ~ .block-note"), "120 000 EUR")
    assert walk.colours(page, "[data-chart]") > walk.DRAWN
    assert sideways(page) == 0

    page.get_by_label("Type your name").fill("Rita")
    walk.press(page, "Accept")
    wrong = page.locator("#id_typed_name_error")
    expect(wrong).to_be_visible()
    expect(wrong).to_contain_text("Rita Rep")
    expect(page.get_by_label("Type your name")).to_have_attribute("aria-describedby", "id_typed_name_error")
    expect(page.get_by_label("Type your name")).to_have_value("Rita")
    assert violations(page) == []
    assert not PlanAcceptance.objects.exists()

    page.get_by_label("Type your name").fill("Rita Rep")
    walk.press(page, "Accept")
    expect(page.get_by_text("You accepted your plan.")).to_be_visible()
    expect(page.get_by_text("Accepted by Rita Rep")).to_be_visible()
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    page.get_by_role("link", name="The document as it was accepted").click()
    expect(page.get_by_text("It is kept as it was shown:")).to_be_visible()
    accepted = PlanAcceptance.objects.get()
    assert (accepted.rep, accepted.typed_name, accepted.accepted_by) == (rita, "Rita Rep", sales_rep)


def _dispute_the_line(page: Page) -> None:
    """From the own pay by the month and the line to a raised dispute."""
    page.goto("/pay/mine/")
    page.get_by_role("link", name="March 2026").click()
    page.get_by_role("link", name="Deal of Acme").first.click()
    page.get_by_role("link", name="Dispute this line").click()
    _money(page.locator("#line-title ~ .facts"), "500.00 EUR")
    page.get_by_label("In your words").fill("The contract is over 30,000, not 10,000.")
    page.get_by_label("What it should be").fill("1500")
    walk.press(page, "Raise the dispute")
    expect(page.get_by_text("Your dispute is raised.")).to_be_visible()


def _answer_and_agree(page: Page) -> None:
    """The owner answers in the thread and agrees with 1,000 more."""
    page.goto("/pay/disputes/")
    page.get_by_role("link", name="Deal of Acme").first.click()
    page.get_by_label("Comment", exact=True).fill("I have the contract now: you are right.")
    walk.press(page, "Add comment")
    expect(page.locator("#comments li")).to_contain_text("you are right")
    page.get_by_label("Agree", exact=True).check()
    page.get_by_label("Why", exact=True).fill("The contract is over 30,000.")
    page.get_by_label("Pay this adjustment").fill("1000")
    walk.press(page, "Decide")
    expect(page.get_by_text("The dispute is decided")).to_be_visible()
    _money(page.locator("#said-title ~ p").last, "1 000.00 EUR")


def test_a_disputed_line_is_answered_agreed_to_approved_by_another_and_paid(
    open_page: OpenPage, sign_in: SignIn, rita: Rep, sales_rep: Person, manager: Person, vp: Person
) -> None:
    deal(rita, 10_000, MARCH, name="Deal of Acme")
    closed(MARCH)
    rep = sign_in(open_page(), sales_rep)
    _dispute_the_line(rep)
    dispute = Dispute.objects.get()
    assert (dispute.line, dispute.owner) == (PayLine.objects.get(), manager)

    owner = sign_in(open_page(), manager)
    _answer_and_agree(owner)
    adjustment = Adjustment.objects.get()
    address = reverse("compensation:adjustment", args=[adjustment.pk])
    owner.goto(address)
    expect(owner.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    expect(owner.get_by_text("Approve: 1 thing before that")).to_be_visible()

    second = sign_in(open_page(), vp)
    second.goto("/pay/adjustments/")
    second.locator("#list tbody a").first.click()
    walk.press(second, "Approve")
    adjustment.refresh_from_db()
    assert (adjustment.state, adjustment.made_by, adjustment.decided_by) == ("approved", manager, vp)

    april = closed(APRIL)
    rep.goto("/pay/disputes/")
    rep.get_by_role("link", name="Deal of Acme").first.click()
    expect(rep.get_by_text("you are right")).to_be_visible()
    expect(rep.get_by_text("Apr 26: paid")).to_be_visible()
    rep.goto("/pay/mine/")
    rep.get_by_role("link", name="April 2026").click()
    _money(rep.locator(".figure", has_text="Payout"), "1 000.00")
    expect(rep.get_by_role("heading", name="Adjustments")).to_be_visible()
    expect(rep.get_by_role("cell", name="The contract is over 30,000.")).to_be_visible()
    assert violations(rep) == []
    assert sheet(april, rita).pay == Decimal(1000)


def test_a_rep_tries_what_an_open_deal_would_add_and_sees_nothing_of_a_colleague(
    open_page: OpenPage, sign_in: SignIn, rita: Rep, paul: Rep, version: PlanVersion, sales_rep: Person
) -> None:
    deal(rita, 110_000, MARCH, name="Deal of Acme")
    deal(paul, 20_000, MARCH, name="Deal of Bolt")
    closed(MARCH)
    deal(rita, 30_000, None, name="Deal of Crux")
    deal(paul, 30_000, None, name="Deal of Dust")
    page = sign_in(open_page(), sales_rep)
    page.goto("/pay/mine/")
    page.get_by_role("link", name="What if I close a deal").click()
    expect(page.get_by_text("Deal of Dust")).to_have_count(0)
    page.get_by_label("Deal of Crux").check()
    walk.press(page, "Work it out")
    row = page.get_by_role("row", name="Own bookings").first
    for amount in ("5 500.00", "7 600.00", "2 100.00"):  # 10,000 more at 5 %, 20,000 at 8 %
        _money(row, amount)
    expect(row).to_contain_text("1 of 2 → 2 of 2")
    assert walk.colours(page, "[data-chart]") > walk.DRAWN
    assert violations(page) == []
    assert Credit.objects.filter(deal__name="Deal of Crux").count() == 0

    his = Statement.objects.get(rep=paul)
    line = PayLine.objects.get(statement=his)
    assert page.request.get(reverse("compensation:statement", args=[sheet(his.run, rita).pk])).status == 200
    _not_for(
        page,
        reverse("compensation:statement", args=[his.pk]),
        reverse("compensation:statement-lines", args=[his.pk]),
        reverse("compensation:statement-pdf", args=[his.pk]),
        reverse("compensation:rep-pay", args=[paul.pk]),
        reverse("compensation:rep-what-if", args=[paul.pk]),
        reverse("compensation:goals-rep", args=[version.pk, paul.pk]),
        f"/explain/pay_line/{line.pk}/",
        f"/pay/disputes/add/?line={line.pk}",
    )
