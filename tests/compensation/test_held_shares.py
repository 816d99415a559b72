"""A held deal holds its share of pay for a whole period: curves, caps, teams, late changes, releases."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Sum
from django.test import Client
from rest_framework.test import APIClient

from compensation.models import Cancellation, HeldPay, PayRun, Statement
from compensation.pipeline.run_sheets import one_person
from compensation.selectors.contract_costs import roll_forwards
from compensation.selectors.statements import statement_url
from core.explain import address
from core.models import Person
from crm.models import Deal, Rep, Team, TeamMembership
from tests.compensation.company import FLAT, deal, plan_of, rep_on
from tests.compensation.paying import (
    APRIL,
    FEBRUARY,
    JANUARY,
    MARCH,
    _today,  # noqa: F401 - a fixture
    calculated,
    closed,
    sheet,
)
from tests.compensation.test_held_pay import hold, money, release
from tests.compensation.test_pay_by_credit import CURVE, by_deal, terms

pytestmark = pytest.mark.django_db
SignedIn = Callable[[Person], Client]


def held(run: PayRun, rep: Rep) -> dict[Deal | None, Decimal]:
    """What holds keep back (above 0) or let go, by deal."""
    return {row.deal: row.amount for row in HeldPay.objects.filter(statement__run=run, statement__rep=rep)}


def later_amount(of: Deal, amount: int) -> None:
    Deal.objects.filter(pk=of.pk).update(amount=amount, base_amount=amount)


def test_a_held_deal_holds_its_share_of_a_curve_until_it_is_released() -> None:
    ann = rep_on(plan_of(CURVE))
    of = deal(ann, 10_000, JANUARY)
    deal(ann, 3_333, JANUARY)
    row = hold(deal=of)
    january = closed(JANUARY)
    share = by_deal(january, ann)[of]
    assert share == 1000
    assert money(january, ann) == (Decimal("1333.30"), 1000, 0, Decimal("333.30"))
    assert money(closed(FEBRUARY), ann) == (0, 0, 0, 0)
    release(row, dt.date(2026, 3, 9))
    assert money(closed(MARCH), ann) == (0, 0, 1000, 1000)
    assert money(closed(APRIL), ann) == (0, 0, 0, 0)


def test_half_a_hold_holds_half_of_the_line_and_of_the_share() -> None:
    both = {**CURVE, "components": [*CURVE["components"], {**FLAT["components"][0], "code": "flat"}]}
    ann = rep_on(plan_of(both))
    of = deal(ann, 10_000, JANUARY)
    deal(ann, 20_000, JANUARY)
    hold(deal=of, percent=50)
    assert money(closed(JANUARY), ann) == (4500, 750, 0, 3750)


def test_what_a_cap_takes_of_a_held_deal_is_not_held() -> None:
    ann = rep_on(plan_of(terms(cap={"per": "month", "amount": 1500})))
    of = deal(ann, 30_000, JANUARY)
    deal(ann, 10_000, JANUARY)
    hold(deal=of)
    run = closed(JANUARY)
    assert money(run, ann) == (1500, 1125, 0, 375)
    assert held(run, ann) == {of: by_deal(run, ann)[of]}


def test_a_deal_of_a_team_is_held_for_everybody_whom_it_pays_or_for_one() -> None:
    version = plan_of(terms(measure={"of": "bookings", "whose": "team"}))
    ann, ben = rep_on(version), rep_on(version, "ben")
    team = Team.objects.create(code="north", name="North")
    for rep in (ann, ben):
        TeamMembership.objects.create(team=team, rep=rep, days=DateRange(JANUARY, None))
    of, other = deal(ann, 10_000, JANUARY), deal(ben, 20_000, JANUARY)
    hold(deal=of)
    hold(deal=other, rep=ben)
    run = closed(JANUARY)
    assert held(run, ann) == {of: 1000}
    assert held(run, ben) == {of: 1000, other: 2000}


def test_a_deal_that_is_taken_back_takes_from_what_of_it_waits() -> None:
    ann = rep_on(plan_of(CURVE))
    of = deal(ann, 100_000, JANUARY)
    deal(ann, 30_000, FEBRUARY)
    row = hold(deal=of)
    assert money(closed(JANUARY), ann) == (10_000, 10_000, 0, 0)
    Cancellation.objects.create(deal=of, kind="cancelled", day=FEBRUARY, percent=50, reason="Bankrupt")
    assert money(closed(FEBRUARY), ann) == (-2000, 0, 5000, 3000)
    release(row, MARCH)
    assert money(closed(MARCH), ann) == (0, 0, 5000, 5000)


def test_a_late_change_moves_what_waits_by_the_difference_of_the_share() -> None:
    ann = rep_on(plan_of(CURVE))
    of, other = deal(ann, 60_000, JANUARY), deal(ann, 60_000, JANUARY)
    row = hold(deal=of)
    assert money(closed(JANUARY), ann) == (14_000, 7000, 0, 7000)
    later_amount(other, 20_000)
    february = closed(FEBRUARY)
    assert held(february, ann) == {of: -1000}
    assert (sheet(february, ann).deltas, sheet(february, ann).pay) == (-6000, -5000)
    later_amount(of, 70_000)
    march = closed(MARCH)
    assert held(march, ann) == {of: 1000}
    assert sheet(march, ann).pay == 0
    release(row, APRIL)
    assert sheet(closed(APRIL), ann).released == 7000
    paid = Statement.objects.filter(rep=ann).aggregate(pay=Sum("pay"), earned=Sum("earned") + Sum("deltas"))
    assert paid["pay"] == paid["earned"] == 9000


def test_what_waits_follows_a_share_that_moves_though_the_line_stays() -> None:
    ann = rep_on(plan_of(CURVE))
    of, other = deal(ann, 10_000, JANUARY), deal(ann, 30_000, JANUARY)
    hold(deal=of)
    closed(JANUARY)
    later_amount(of, 20_000)
    later_amount(other, 20_000)
    deal(ann, 40_000, FEBRUARY)
    february = closed(FEBRUARY)
    assert held(february, ann) == {of: 1000}
    assert money(february, ann) == (4000, 1000, 0, 3000)


@pytest.mark.parametrize("percent", [100, Decimal("33.333333")])
def test_whatever_changes_while_it_waits_everything_earned_is_paid_once(percent: Any) -> None:
    """What is held at the end of each month is the percentage of what the deal has come to."""
    ann = rep_on(plan_of(CURVE), begin=JANUARY)
    of, other = deal(ann, 33_333, JANUARY), deal(ann, 77_777, JANUARY)
    row = hold(deal=of, percent=percent)
    shares = Decimal(0)
    for month, amount in ((JANUARY, 77_777), (FEBRUARY, 70_001), (MARCH, 90_009)):
        later_amount(other, amount)
        deal(ann, 40_000, month.replace(day=20))
        run = closed(month)
        shares += by_deal(run, ann).get(of, Decimal(0))
        waits = HeldPay.objects.aggregate(total=Sum("amount"))["total"]
        assert abs(waits - shares * percent / 100) <= Decimal("0.02")
    release(row, APRIL)
    closed(APRIL)
    sums = Statement.objects.filter(rep=ann).aggregate(
        pay=Sum("pay"), earned=Sum("earned") + Sum("deltas"), held=Sum("held"), released=Sum("released")
    )
    assert sums["pay"] == sums["earned"]
    assert sums["held"] == sums["released"] > 0


def test_one_person_alone_waits_for_as_much_as_in_the_run_of_everybody() -> None:
    ann = rep_on(plan_of(CURVE))
    of, other = deal(ann, 60_000, JANUARY), deal(ann, 60_000, JANUARY)
    hold(deal=of)
    closed(JANUARY)
    later_amount(other, 20_000)
    deal(ann, 15_000, FEBRUARY)
    row = sheet(calculated(FEBRUARY), ann)
    alone = one_person(ann, FEBRUARY).sheets[(ann.pk, "EUR")]
    assert (alone.held, alone.released, alone.pay) == (row.held, row.released, row.pay)
    assert row.released == 1000


def test_pay_that_waits_is_a_cost_of_its_contract_all_the_same() -> None:
    ann = rep_on(plan_of(CURVE))
    hold(deal=deal(ann, 10_000, JANUARY))
    closed(JANUARY)
    (euros,) = roll_forwards(None, JANUARY, 1)
    assert euros.rows[0].movement.added + euros.rows[0].movement.expensed == 1000


@pytest.fixture
def waiting(sales_rep: Person) -> tuple[PayRun, PayRun]:
    """Half of a deal of Rita waits in January, of its own line and of its share; February lets it go."""
    flat = {**FLAT["components"][0], "code": "flat", "name": "Flat"}
    rita = rep_on(plan_of({**CURVE, "components": [*CURVE["components"], flat]}), "rita", person=sales_rep)
    row = hold(deal=deal(rita, 10_000, JANUARY, name="Harbour"), percent=50)
    deal(rita, 20_000, JANUARY)
    january = closed(JANUARY)
    release(row, FEBRUARY)
    return january, closed(FEBRUARY)


def test_what_waits_leads_to_the_lines_and_shares_that_made_it(
    signed_in: SignedIn, sales_rep: Person, waiting: tuple[PayRun, PayRun]
) -> None:
    client = signed_in(sales_rep)
    kept, let_go = (HeldPay.objects.get(statement__run=run) for run in waiting)
    page = client.get(statement_url(kept.statement_id)).text
    assert address("held_pay", kept.pk) in page and "its share of what pays for a whole period" in page
    why = client.get(address("held_pay", kept.pk)).text
    shown = ("50 % of what the deal", "750.00", "Own bookings, earned", "its share", "1\u202f000.00")
    for told in (*shown, "Flat, earned", "500.00"):
        assert told in why, told
    then = client.get(address("held_pay", let_go.pk)).text
    assert "January 2026" in then and address("held_pay", kept.pk) in then


def test_the_api_tells_what_waits_and_what_it_is_made_of(
    api: Callable[[Person], APIClient], sales_rep: Person, waiting: tuple[PayRun, PayRun]
) -> None:
    kept = HeldPay.objects.get(statement__run=waiting[0])
    told = api(sales_rep).get(f"/api/v1/pay-statements/{kept.statement_id}/").json()["holds"]
    assert [(one["deal"], one["amount"], one["reason"]) for one in told] == [
        (kept.deal_id, "750.0000", "Not paid yet")
    ]
    parts = api(sales_rep).get(told[0]["explained"]).json()["parts"]
    assert [Decimal(str(one["value"])) for one in parts] == [1000, 500]


def test_nobody_else_asks_what_waits(
    signed_in: SignedIn, coordinator: Person, waiting: tuple[PayRun, PayRun]
) -> None:
    kept = HeldPay.objects.get(statement__run=waiting[0])
    stranger = Person.objects.create_user(
        "bob@example.com", "a long password", name="Bob", roles=["sales_rep"]
    )
    rep_on(None, "bob", person=stranger)
    for person in (stranger, coordinator):
        assert signed_in(person).get(address("held_pay", kept.pk)).status_code in {403, 404}
