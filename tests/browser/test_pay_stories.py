"""Pay in a real browser: a plan is built by forms and approved, a month is calculated, read down to its
deals, approved by a second person, locked and taken to payroll; late changes come with the next month."""

import csv
import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from playwright.sync_api import Page, expect

from compensation.engine.plan_reading import plan_from
from compensation.models import PayRun, PlanQuota, PlanVersion, Position, Statement
from core.models import Event, Person
from crm.models import Deal, Rep
from tests.browser import territory_walk as walk
from tests.browser.conftest import OpenPage, SignIn
from tests.compensation.company import FLAT, JANUARY, deal, euro, plan_of, rep_on, role
from tests.worker import Worker

pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]
OPEN_ENDED = DateRange(JANUARY, None)
Today = Callable[[int, int, int], None]


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Today:
    """`today(2026, 2, 3)`: what day the pages take it for."""
    return lambda *day: monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(*day))


@pytest.fixture
def ann(db: None) -> Rep:
    """Ann and Ben, account executives of Mia's team; Ann wins a deal of 12,000 in January."""
    euro()
    mia = rep_on(None, "mia")
    ann, ben = rep_on(None, "ann", manager=mia), rep_on(None, "ben", manager=mia)
    for rep in (ann, ben):
        Position.objects.create(rep=rep, role=role(), days=OPEN_ENDED)
    deal(ann, 12_000, dt.date(2026, 1, 20), name="Two hundred tents")
    return ann


def _build(page: Page) -> None:
    """From the template; the own part gets another cap."""
    page.goto("/pay/plans/")
    page.get_by_role("link", name="New plan").click()
    expect(page.get_by_role("radio", name="75 % own, 25 % team, with accelerator")).to_be_checked()
    expect(page.get_by_label("First month")).to_have_value("2026-01")
    page.get_by_label("Code").fill("ae-2026")
    page.get_by_label("Name", exact=True).fill("Account executives 2026")
    walk.press(page, "Make the plan")
    own = page.locator(".component-card", has_text="Own bookings")
    expect(own).to_contain_text("250 %")
    own.get_by_role("link", name="Edit").click()
    page.get_by_label("Or share of target pay, row 1").fill("200%")
    walk.press(page, "Save component")
    expect(page.locator("#component-own")).to_contain_text("200 %")
    expect(page.get_by_text("it pays from January 2026 on")).to_be_visible()
    assert walk.colours(page, "#component-own [data-chart]") > walk.DRAWN


def _put_the_role_on_it(page: Page) -> None:
    """Nobody is on the plan yet: the page says so and leads to where that is mended."""
    page.get_by_role("link", name="On to approval").click()
    page.locator("summary", has_text="Submit for approval: 1 thing before that").click()
    nobody = page.get_by_role("group", name="Submit for approval")
    expect(nobody).to_contain_text("Nobody is on this plan from January 2026 on.")
    nobody.get_by_role("link").click()
    page.get_by_role("link", name="Put somebody on it").click()
    expect(page.get_by_label("From", exact=True)).to_have_value("2026-01-01")
    page.get_by_label("Role").select_option(value="ae")
    walk.press(page, "Put on the plan")
    page.get_by_role("link", name="Open version 1, draft").click()


def _calculate(page: Page, month: str) -> None:
    """The worker pays the month; the page shows how far it is, and then its run."""
    page.goto("/pay/runs/")
    page.get_by_role("link", name=f"Go on with {month}").click()
    walk.press(page, "Calculate")
    finished, run = (
        page.get_by_role("link", name="See the result"),
        page.get_by_role("link", name="Open run 1"),
    )
    expect(finished.or_(run)).to_be_visible()  # it may be done before the page is there
    page.reload()
    run.click()
    expect(page.get_by_role("button", name="Take as the month's calculation")).to_be_visible()


def _open_statement(page: Page, name: str) -> None:
    page.get_by_role("link", name="Statements", exact=True).last.click()
    page.get_by_role("link", name=name).first.click()
    expect(page.locator("h1")).to_contain_text(name)


def _figure(page: Page, label: str) -> str:
    """A figure on top of a page; thousands are apart by a thin space."""
    return page.locator(".figure", has_text=label).first.inner_text().replace("\u202f", "")


def test_a_plan_built_by_forms_is_approved_by_another_and_pays(
    open_page: OpenPage, sign_in: SignIn, worker: Worker, today: Today, ann: Rep,
    analyst: Person, vp: Person, manager: Person,
) -> None:  # fmt: skip
    today(2025, 12, 15)
    page = sign_in(open_page(), analyst)
    _build(page)
    _put_the_role_on_it(page)
    walk.press(page, "Submit for approval")
    expect(page.get_by_text("waits for approval.", exact=False).first).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    second = sign_in(open_page(), vp)
    second.goto("/pay/plans/")
    second.get_by_role("link", name="Account executives 2026").click()
    second.get_by_role("link", name="Open version 1, submitted").click()
    walk.press(second, "Approve")
    expect(second.get_by_text("is approved.").first).to_be_visible()
    version = PlanVersion.objects.get()
    assert (version.state, version.submitted_by, version.approved_by) == ("approved", analyst, vp)
    own, team = plan_from(version.terms).components
    assert (own.weight, team.weight) == (Decimal("0.75"), Decimal("0.25"))

    today(2026, 2, 3)
    PlanQuota.objects.create(plan=version.plan, rep=ann, first_month=JANUARY, amount=120_000)
    third = sign_in(open_page(), manager)
    _calculate(third, "January 2026")
    _open_statement(third, "Ann")
    assert "3500.00" in _figure(third, "Payout")  # 120 % of the quota: 140 % of 2,500 a month
    expect(third.locator("#largest-lines")).to_contain_text("Own bookings")


def _follow_the_deal(page: Page, name: str) -> None:
    """From a line of the statement to its credit; beside it stands the deal of the CRM."""
    page.locator("#largest-lines").get_by_role("link", name=name).click()
    page.get_by_role("link", name="Of the credit").click()
    page.wait_for_url("**/explain/credit/**")
    page.go_back()
    expect(page.locator("main a[href*='/crm/deals/']")).to_contain_text(name)


def _payroll(page: Page) -> list[dict[str, str]]:
    """The payroll file as a program reads it."""
    page.locator("summary", has_text="Payroll").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV", exact=True).click()
    with taken.value.path().open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_month_is_followed_to_its_deals_approved_by_another_locked_and_changed_later(
    open_page: OpenPage, sign_in: SignIn, worker: Worker, today: Today, ann: Rep, manager: Person, vp: Person
) -> None:
    plan_of(FLAT)
    today(2026, 2, 3)
    page, second = sign_in(open_page(), manager), sign_in(open_page(), vp)
    _calculate(page, "January 2026")
    run = PayRun.objects.get()
    _open_statement(page, "Ann")
    _follow_the_deal(page, "Two hundred tents")
    page.goto(f"/pay/runs/{run.pk}/")
    walk.press(page, "Take as the month's calculation")
    expect(page.get_by_text("is the month’s calculation.")).to_be_visible()
    walk.press(page, "Reviewed")
    page.locator("summary", has_text="Approve: 2 things before that").click()
    against = page.get_by_role("group", name="Approve")
    expect(against).to_contain_text("You calculated this run yourself. A colleague approves it.")
    expect(against).to_contain_text("You reviewed this run yourself. A colleague approves it.")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.locator("summary", has_text="Payroll")).to_have_count(0)

    second.goto(f"/pay/runs/{run.pk}/")
    walk.press(second, "Approve")
    expect(second.get_by_text("is approved.").first).to_be_visible()
    walk.press(second, "Lock the month")
    expect(second.get_by_text("the reps are told that their statements are ready")).to_be_visible()
    run.refresh_from_db()
    assert (run.state, run.made_by, run.approved_by, run.locked_by) == ("locked", manager, vp, vp)
    paid = {row["Person"]: Decimal(row["Pay"]) for row in _payroll(second)}
    assert paid == {"ann": Decimal(600), "ben": Decimal(0)}
    assert Event.objects.get(verb="pay: taken out for payroll").actor == vp

    Deal.objects.update(amount=15_000, base_amount=15_000)
    today(2026, 3, 3)
    _calculate(page, "February 2026")
    _open_statement(page, "Ann")
    assert "150.00" in _figure(page, "From closed months")
    late = page.locator("#from-closed-months")
    expect(late.get_by_role("row", name="Two hundred tents")).to_contain_text("Jan 26")
    expect(late.get_by_role("row", name="Two hundred tents")).to_contain_text("150.00")
    before = Statement.objects.get(run=run, rep=ann)
    assert (before.pay, before.earned) == (600, 600), "a locked month never changes"
