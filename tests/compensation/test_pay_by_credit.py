"""What a line for a whole period was made of is kept with its run, and stays as it was paid."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from compensation.models import Cancellation, ContractMonth, CountedCredits, Credit, PayLine, PayRun
from compensation.selectors.line_shares import credits_of_line, shares_of_line
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

pytestmark = pytest.mark.django_db
CURVE: dict[str, Any] = {
    "plan": "Curve",
    "currency": "EUR",
    "target_incentive": 12_000,
    "components": [
        {
            "code": "own",
            "name": "Own bookings",
            "form": "curve",
            "measure": {"of": "bookings"},
            "period": "month",
            "over": "year",
            "points": [[0, 0], [100_000, 10_000], [200_000, 30_000]],
            "gives": "money",
        }
    ],
}


def terms(**changed: Any) -> dict[str, Any]:
    return {**CURVE, "components": [{**CURVE["components"][0], **changed}]}


def by_deal(run: PayRun, rep: Rep, **chosen: Any) -> dict[Deal, Decimal]:
    """The shares of a rep's lines for whole periods, by deal."""
    found: Counter[Deal] = Counter()
    for line in PayLine.objects.filter(statement__run=run, statement__rep=rep, credit=None, **chosen):
        for credit in credits_of_line(None, line):
            found[credit.deal] += credit.share
    return dict(found)


def line_of(run: PayRun, rep: Rep) -> PayLine:
    return PayLine.objects.get(statement__run=run, statement__rep=rep, credit=None)


def test_a_curve_pays_a_line_whose_shares_by_deal_add_up_to_it() -> None:
    ann = rep_on(plan_of(CURVE))
    one, two, three = (deal(ann, amount, JANUARY) for amount in (10_000, 20_000, 3_333))
    run = calculated(JANUARY)
    assert by_deal(run, ann) == {one: 1000, two: 2000, three: Decimal("333.3")}
    assert sum(by_deal(run, ann).values()) == sheet(run, ann).pay


def test_a_month_is_shared_by_the_deals_of_the_month() -> None:
    ann = rep_on(plan_of(CURVE))
    first, second = deal(ann, 100_000, JANUARY), deal(ann, 50_000, FEBRUARY)
    assert by_deal(closed(JANUARY), ann) == {first: 10_000}
    assert by_deal(calculated(FEBRUARY), ann) == {second: 10_000}


def test_a_team_shares_what_counted_and_it_is_kept_once() -> None:
    version = plan_of(terms(measure={"of": "bookings", "whose": "team"}))
    ann, ben = rep_on(version), rep_on(version, "ben")
    team = Team.objects.create(code="north", name="North")
    for rep in (ann, ben):
        TeamMembership.objects.create(team=team, rep=rep, days=DateRange(JANUARY, None))
    one, two = deal(ann, 10_000, JANUARY), deal(ben, 20_000, JANUARY)
    run = calculated(JANUARY)
    assert by_deal(run, ann) == by_deal(run, ben) == {one: 1000, two: 2000}
    counted = CountedCredits.objects.get(run=run)
    assert sum(counted.pay) == sum(line.pay for line in counted.lines.all()) == 6000


def test_a_deal_that_is_taken_back_has_a_negative_share() -> None:
    ann = rep_on(plan_of(CURVE))
    one, two = deal(ann, 100_000, JANUARY), deal(ann, 30_000, FEBRUARY)
    closed(JANUARY)
    Cancellation.objects.create(deal=one, kind="cancelled", day=FEBRUARY, percent=50, reason="Bankrupt")
    run = calculated(FEBRUARY)
    assert sheet(run, ann).pay == -2000
    assert by_deal(run, ann) == {one: -5000, two: 3000}


def test_a_cap_and_a_multiplier_are_shared_too() -> None:
    ann = rep_on(plan_of(terms(cap={"per": "month", "amount": 1500}, multiplier={"fixed": "50%"})))
    one, two = deal(ann, 30_000, JANUARY), deal(ann, 10_000, JANUARY)
    run = calculated(JANUARY)
    assert by_deal(run, ann, kind="multiplier") == {one: -1500, two: -500}
    assert by_deal(run, ann, kind="cap") == {one: -375, two: -125}


def test_a_locked_month_shows_what_it_showed_whatever_becomes_of_its_credits() -> None:
    ann = rep_on(plan_of(CURVE))
    one, two = deal(ann, 10_000, JANUARY), deal(ann, 20_000, JANUARY)
    january = closed(JANUARY)
    Deal.objects.filter(pk=one.pk).update(amount=90_000, base_amount=90_000)
    Deal.objects.filter(pk=two.pk).update(rep=rep_on(None, "zoe"))
    calculated(FEBRUARY)
    assert by_deal(january, ann) == {one: 1000, two: 2000}
    shown = {row.deal: row.counted for row in credits_of_line(None, line_of(january, ann))}
    assert shown == {one: 10_000, two: 20_000}
    assert Credit.objects.get(deal=one).amount == 90_000


def test_a_late_change_has_the_difference_of_each_deals_share() -> None:
    """Also of a deal that counts no longer; together they are what a straight calculation shares."""
    ann = rep_on(plan_of(CURVE))
    one, two = deal(ann, 60_000, JANUARY), deal(ann, 60_000, JANUARY)
    assert by_deal(closed(JANUARY), ann) == {one: 7000, two: 7000}
    Deal.objects.filter(pk=two.pk).update(rep=rep_on(None, "zoe"))
    late = deal(ann, 20_000, dt.date(2026, 1, 20))
    assert by_deal(closed(FEBRUARY), ann) == {one: -1000, two: -7000, late: 2000}
    Deal.objects.filter(pk=two.pk).update(rep=ann)
    found = by_deal(closed(MARCH), ann)
    assert found[late] == Decimal("571.43")
    equal = sorted((found[one], found[two] - 6000))  # a cent too many goes to the credit made first
    assert equal == [Decimal("1714.28"), Decimal("1714.29")]
    assert by_deal(calculated(APRIL), ann) == {}


def test_deals_that_swap_move_their_shares_though_their_line_stays() -> None:
    """As a difference of nothing, once: the next run finds nothing more."""
    ann = rep_on(plan_of(CURVE))
    one, two = deal(ann, 10_000, JANUARY), deal(ann, 30_000, JANUARY)
    closed(JANUARY)
    for row, amount in ((one, 30_000), (two, 10_000)):
        Deal.objects.filter(pk=row.pk).update(amount=amount, base_amount=amount)
    february = closed(FEBRUARY)
    line = line_of(february, ann)
    assert (line.pay, line.month, line.is_delta) == (0, JANUARY, True)
    assert by_deal(february, ann) == {one: 2000, two: -2000}
    assert sheet(february, ann).pay == 0
    left = {row.deal: row.paid for row in ContractMonth.objects.filter(run=february)}
    assert left == {one: 3000, two: 1000}
    assert not PayLine.objects.filter(statement__run=closed(MARCH)).exists()


def test_what_is_kept_never_changes() -> None:
    ann = rep_on(plan_of(CURVE))
    deal(ann, 10_000, JANUARY)
    run = closed(JANUARY)
    with pytest.raises(InternalError), transaction.atomic():
        CountedCredits.objects.filter(run=run).update(pay=[1])
    with pytest.raises(IntegrityError, match="Calculated pay never changes"), transaction.atomic():
        CountedCredits.objects.create(run=run, currency_id="EUR", credits=[1], amounts=[1], pay=[1])


def test_a_line_of_one_deal_keeps_none() -> None:
    ann = rep_on(plan_of(FLAT))
    deal(ann, 10_000, JANUARY)
    run = calculated(JANUARY)
    line = PayLine.objects.get(statement__run=run)
    assert (line.counted, shares_of_line(line), list(credits_of_line(None, line))) == (None, {}, [])
