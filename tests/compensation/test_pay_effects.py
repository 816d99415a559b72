"""What a realignment does to yearly pay: what moved accounts book, at the rate of today's attainment."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from compensation.models import PlanQuota, PlanVersion, Position
from compensation.pipeline.pay_effects import pay_effect
from core.models import Person
from crm.models import Account, Rep
from territories.models import Scenario
from territories.services.scenario_accounts import move_accounts
from territories.services.scenarios import create_scenario
from tests.compensation.company import FLAT, credit, deal, plan_of, role
from tests.territories.quotas_world import a_company, approved
from tests.territories.realigning import rows_of

pytestmark = pytest.mark.django_db
SignedIn = Callable[[Person], Client]
JAN, MARCH = dt.date(2026, 1, 1), dt.date(2026, 3, 10)


@pytest.fixture
def company(manager: Person, vp: Person, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """It is the first of October."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: dt.date(2026, 10, 1))
    made = a_company()
    approved(manager, vp)
    return made


def scenario_of(company: dict[str, Any], analyst: Person) -> Scenario:
    """Beta's account goes from Bob to Cid."""
    day = dt.date(2026, 11, 16)
    found = create_scenario(actor=analyst, model=company["model"], code="q", name="q", publish_on=day)
    move_accounts(actor=analyst, scenario=found, rows=rows_of(found, "at-beta"), territory=company["south"])
    return found


def on(version: PlanVersion, **quotas: int) -> tuple[Rep, Rep]:
    """Bob and Cid on the plan, with quotas of the year."""
    found = []
    for code in ("bob", "cid"):
        rep = Rep.objects.get(code=code)
        Position.objects.create(rep=rep, role=role(version.plan.code), days=DateRange(JAN, None))
        if code in quotas:
            PlanQuota.objects.create(plan=version.plan, rep=rep, first_month=JAN, amount=quotas[code])
        found.append(rep)
    return found[0], found[1]


def sold(rep: Rep, amount: int, day: dt.date, account: str = "at-beta") -> None:
    won = deal(rep, amount, day, account=Account.objects.get(code=account))
    credit(rep, amount, day, deal=won)


def changes(user: Person | None, scenario: Scenario) -> dict[str, float]:
    return {one.rep.code: round(one.change, 2) for one in pay_effect(user, scenario)}


def test_pay_follows_what_the_accounts_booked_in_twelve_months(
    company: dict[str, Any], analyst: Person
) -> None:
    bob, _ = on(plan_of(FLAT))
    sold(bob, 1000, MARCH)
    sold(bob, 500, dt.date(2025, 11, 10))
    sold(bob, 7000, dt.date(2025, 9, 30))  # more than a year ago
    sold(bob, 3000, MARCH, account="at-alpha")
    scenario = scenario_of(company, analyst)
    assert changes(None, scenario) == {"bob": -75, "cid": 75}
    before = {one.rep.code: round(one.before, 2) for one in pay_effect(None, scenario)}
    assert before == {"bob": 240, "cid": 0}  # ten months of 200 in all


def test_the_rate_is_that_of_todays_attainment(company: dict[str, Any], analyst: Person) -> None:
    bob, cid = on(plan_of(), bob=1_000_000, cid=500)
    sold(bob, 1000, MARCH)
    sold(cid, 600, MARCH, account="at-south")
    assert changes(None, scenario_of(company, analyst)) == {"bob": -50, "cid": 80}


def test_without_bookings_this_year_the_twelve_months_are_tried_today(
    company: dict[str, Any], analyst: Person
) -> None:
    bob, _ = on(plan_of(FLAT))
    sold(bob, 500, dt.date(2025, 11, 10))
    assert changes(None, scenario_of(company, analyst)) == {"bob": -25, "cid": 25}


def test_what_does_not_count_in_a_plan_pays_nothing(company: dict[str, Any], analyst: Person) -> None:
    only = {"of": "bookings", "where": {"pipeline": ["renewals"]}}
    terms = FLAT | {"components": [FLAT["components"][0] | {"measure": only}]}
    bob, _ = on(plan_of(terms))
    sold(bob, 1000, MARCH)
    assert changes(None, scenario_of(company, analyst)) == {}


def test_each_sees_the_pay_of_those_below_only(
    company: dict[str, Any],
    analyst: Person,
    sales_manager: Person,
    coordinator: Person,
    signed_in: SignedIn,
) -> None:
    bob, cid = on(plan_of(FLAT))
    sold(bob, 1000, MARCH)
    scenario = scenario_of(company, analyst)
    Rep.objects.filter(code="boss").update(person=sales_manager)
    Rep.objects.filter(pk=bob.pk).update(manager=None)
    Rep.objects.filter(pk=cid.pk).update(manager=company["boss"])
    assert changes(sales_manager, scenario) == {"cid": 50}
    assert changes(coordinator, scenario) == {}
    assert changes(analyst, scenario) == {"bob": -50, "cid": 50}
    page = f"/territories/realignments/{scenario.pk}/"
    assert "Effect on pay" in signed_in(analyst).get(page).text
    assert "Effect on pay" not in signed_in(coordinator).get(page).text
