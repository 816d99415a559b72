"""What the demo's people do about pay by hand: shares, a cancellation, a hold, an adjustment, a dispute."""

import datetime as dt
from decimal import Decimal

import pytest

from compensation.models import Adjustment, Cancellation, CreditHold, DealSplit, Dispute
from core.models import Person
from core.roles import Role
from crm.models import Rep
from demo.loading.pay_by_hand import dispute_a_statement, enter_by_hand
from demo.loading.people import People
from tests.compensation.company import FLAT, deal, plan_of, rep_on
from tests.compensation.paying import FEBRUARY, JANUARY, MARCH, calculated, closed, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(analyst: Person, manager: Person, sales_rep: Person) -> People:
    version = plan_of(FLAT)
    reps = {code: rep_on(version, code) for code in ("R05", "R06", "R11")}
    reps["R04"] = rep_on(version, "R04", person=sales_rep)
    for code, amount, day in (("R04", 9000, JANUARY), ("R05", 4000, FEBRUARY), ("R06", 7000, MARCH)):
        deal(reps[code], amount, day)
    return {Role.ANALYST: analyst, Role.MANAGER: manager, Role.SALES_REP: sales_rep}


def test_all_of_it_is_in_the_month_that_is_paid_last(people: People) -> None:
    enter_by_hand(people, JANUARY, MARCH)
    run = calculated(MARCH)

    assert [row.percent for row in DealSplit.objects.order_by("-percent")] == [
        Decimal("66.67"),
        Decimal("33.33"),
    ]
    assert Cancellation.objects.get().day == dt.date(2026, 3, 15)
    reps = {row.rep.code: row for row in run.statements.select_related("rep")}
    assert (reps["R05"].earned, reps["R06"].held) == (-200, 350)
    assert (reps["R11"].adjustments, reps["R11"].pay) == (250, 250)


def test_it_is_entered_once(people: People) -> None:
    for _ in range(2):
        enter_by_hand(people, JANUARY, MARCH)
    found = [model.objects.count() for model in (DealSplit, Cancellation, CreditHold, Adjustment)]
    assert found == [2, 1, 1, 1]


def test_a_month_without_deals_leaves_out_what_needs_them(people: People) -> None:
    enter_by_hand(people, JANUARY, JANUARY)
    assert Adjustment.objects.get().state == "approved"
    assert not DealSplit.objects.exists() and not CreditHold.objects.exists()


def test_the_rep_disputes_a_statement_of_a_closed_month_once(people: People) -> None:
    dispute_a_statement(people, JANUARY)
    assert not Dispute.objects.exists()
    run = closed(JANUARY)
    for _ in range(2):
        dispute_a_statement(people, JANUARY)
    assert Dispute.objects.get().statement == sheet(run, Rep.objects.get(code="R04"))
