"""What selling costs: pay against bookings and revenue, effective rates, the mix of pay."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import Currency, MonthRate
from compensation.models import Adjustment, PayRun, Statement, StatementAdjustment
from compensation.selectors.selling_costs import SellingCosts, selling_costs
from core.models import Person
from crm.models import Team, TeamMembership
from tests.compensation.company import FLAT, credit, euro, line, plan_of, rep_on, run_of

pytestmark = pytest.mark.django_db
JAN, FEB = dt.date(2026, 1, 1), dt.date(2026, 2, 1)
PAGE = "/pay/costs/"
SignedIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
Pinned = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def costs(manager: Person) -> SellingCosts:
    """Ann was paid 500 for 10,000 in January; Bob, of the other plan and the team East, 300 for 2,000.
    February is not approved."""
    ae, se = plan_of(FLAT), plan_of(FLAT, code="se")
    ann, bob = rep_on(ae, "ann"), rep_on(se, "bob")
    east = Team.objects.create(code="east", name="East")
    TeamMembership.objects.create(team=east, rep=bob, days=DateRange(JAN, None))
    ours, theirs = credit(ann, 10_000, JAN), credit(bob, 2000, JAN)
    run_of(JAN, {ann: [line(ours)]}, ae, state="locked")
    run_of(dt.date(2025, 12, 1), {bob: [line(theirs, rate="0.15")]}, se)
    run_of(FEB, {ann: [line(credit(ann, 4000, FEB))]}, ae, state="calculated")
    found = selling_costs(manager, dt.date(2025, 12, 1), FEB)
    assert found is not None
    return found


def shares(rows: list) -> dict[str, tuple]:
    return {one.label: (one.pay, one.bookings) for one in rows}


def test_pay_of_a_month_stands_beside_its_bookings(costs: SellingCosts) -> None:
    assert shares(costs.months) == {"2025-12": (300, 0), "2026-01": (500, 12_000), "2026-02": (0, 4000)}
    assert costs.months[1].of_bookings == Decimal(500) / 12_000
    assert costs.months[2].of_bookings is None
    assert (costs.total.pay, costs.total.bookings) == (800, 12_000)  # February is not approved


def test_plans_teams_and_roles_are_measured_by_their_own_bookings(costs: SellingCosts) -> None:
    assert shares(costs.by_plan) == {"Plan ae": (500, 10_000), "Plan se": (300, None)}
    assert shares(costs.by_role)["AE"] == (500, 10_000)
    assert shares(costs.by_team) == {"Without": (800, 10_000)}  # Bob joined after December


def test_each_component_has_its_effective_rate_and_share(costs: SellingCosts) -> None:
    rates = {one.plan: (one.rate, one.share) for one in costs.components}
    assert rates == {
        "Plan ae": (Decimal("0.05"), Decimal("0.625")),
        "Plan se": (Decimal("0.15"), Decimal("0.375")),
    }


def test_fixed_and_variable_pay_by_role(costs: SellingCosts) -> None:
    mix = {one.role: (one.fixed, one.variable) for one in costs.mix}
    assert mix["AE"] == (5000, 500)
    assert costs.mix[0].variable_share == Decimal(500) / 5500


def test_adjustments_cost_too(manager: Person) -> None:
    version = plan_of(FLAT)
    ann = rep_on(version, "ann")
    run_of(JAN, {ann: [line(credit(ann, 1000, JAN))]}, version, state="calculating")
    row = Adjustment.objects.create(rep=ann, month=JAN, currency=euro(), amount=70, label="x", reason="x")
    sheet = Statement.objects.get()
    StatementAdjustment.objects.create(statement=sheet, adjustment=row, amount=70)
    for state in ("preview", "calculated", "reviewed", "approved"):
        PayRun.objects.update(state=state)
    found = selling_costs(manager, JAN, JAN)
    assert found is not None
    assert shares(found.by_plan) == {"Plan ae": (50, 1000), "Adjustments": (70, None)}


def test_other_currencies_are_told_at_the_months_rate_or_named(manager: Person) -> None:
    version = plan_of(FLAT)
    ann = rep_on(version, "ann")
    dollar = Currency.objects.create(code="USD", name="Dollar")
    run = PayRun.objects.create(month=JAN, version=1, state="calculating")
    sheet = Statement.objects.create(run=run, rep=ann, currency=dollar, earned=100, pay=100)
    sheet.parts.create(version=version, component="own", name="Own", earned=100)
    for state in ("preview", "calculated", "reviewed", "approved"):
        PayRun.objects.update(state=state)
    found = selling_costs(manager, JAN, JAN)
    assert found is not None
    assert (found.total.pay, found.no_rate) == (0, ["USD in January 2026"])
    MonthRate.objects.create(currency=dollar, month=JAN, rate=Decimal("0.9"))
    found = selling_costs(manager, JAN, JAN)
    assert found is not None
    assert (found.total.pay, found.no_rate) == (90, [])


def test_the_page_its_file_and_the_api(
    costs: SellingCosts, manager: Person, signed_in: SignedIn, api: Api, pinned_queries: Pinned
) -> None:
    client = signed_in(manager)
    with pinned_queries():
        page = client.get(f"{PAGE}?first=2025-12&last=2026-02")
    assert "Selling costs" in page.text
    assert "Effective rate" in page.text
    assert page.context["charts"][0]["data"]["x"] == ["Dec 25", "Jan 26", "Feb 26"]
    assert b"2026-01-01,500" in client.get(f"{PAGE}?first=2026-01&last=2026-02&export=csv").getvalue()
    assert client.get(f"{PAGE}?first=2026-05&last=2026-01").status_code == 200
    body = api(manager).get("/api/v1/cost-of-selling/?first=2025-12-01&last=2026-02-01").json()
    assert body["total"]["pay"] == "800.0000"
    assert {one["effective_rate"] for one in body["components"]} == {"0.05000000", "0.15000000"}


def test_no_approved_pay_is_said(manager: Person, signed_in: SignedIn) -> None:
    assert "No approved pay in these months" in signed_in(manager).get(PAGE).text


def test_only_who_sees_costs_sees_them(
    costs: SellingCosts,
    sales_rep: Person,
    sales_manager: Person,
    advisor: Person,
    signed_in: SignedIn,
    api: Api,
) -> None:
    for person in (sales_rep, sales_manager, advisor):
        assert signed_in(person).get(PAGE).status_code == 403
        assert api(person).get("/api/v1/cost-of-selling/").status_code == 403
        assert selling_costs(person, JAN, FEB) is None
