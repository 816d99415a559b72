"""Holds in runs: pay that waits is calculated and shown, and paid when it is released, never more."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from compensation.models import Cancellation, CreditHold, HeldPay, PayRun, Position
from crm.models import Rep
from tests.compensation.company import FLAT, TERMS, deal, plan_of, rep_on
from tests.compensation.paying import (
    FEBRUARY,
    JANUARY,
    MARCH,
    _today,  # noqa: F401 - a fixture
    closed,
    sheet,
)

pytestmark = pytest.mark.django_db


def hold(**values: Any) -> CreditHold:
    return CreditHold.objects.create(**({"since": JANUARY, "reason": "Not paid yet"} | values))


def release(row: CreditHold, day: dt.date) -> None:
    CreditHold.objects.filter(pk=row.pk).update(released=day, revision=row.revision + 1)


def money(run: PayRun, rep: Rep) -> tuple[Decimal, ...]:
    """Earned, held, released, pay."""
    row = sheet(run, rep)
    return (row.earned, row.held, row.released, row.pay)


def test_the_pay_of_a_held_deal_waits_and_comes_with_the_month_of_its_release() -> None:
    ann = rep_on(plan_of(FLAT))
    of = deal(ann, 10_000, JANUARY)
    deal(ann, 2_000, JANUARY)
    row = hold(deal=of)
    assert money(closed(JANUARY), ann) == (600, 500, 0, 100)
    assert money(closed(FEBRUARY), ann) == (0, 0, 0, 0)
    release(row, dt.date(2026, 3, 9))
    assert money(closed(MARCH), ann) == (0, 0, 500, 500)
    assert {one.deal for one in HeldPay.objects.all()} == {of}


def test_what_was_released_is_not_paid_twice() -> None:
    ann = rep_on(plan_of(FLAT))
    row = hold(deal=deal(ann, 10_000, JANUARY))
    closed(JANUARY)
    release(row, FEBRUARY)
    assert money(closed(FEBRUARY), ann) == (0, 0, 500, 500)
    assert money(closed(MARCH), ann) == (0, 0, 0, 0)


def test_a_percentage_of_a_deal_is_held() -> None:
    ann = rep_on(plan_of(FLAT))
    hold(deal=deal(ann, 10_000, JANUARY), percent=Decimal("33.333333"))
    assert money(closed(JANUARY), ann) == (500, Decimal("166.67"), 0, Decimal("333.33"))


def test_two_holds_never_hold_more_than_there_is() -> None:
    ann = rep_on(plan_of(FLAT))
    of = deal(ann, 10_000, JANUARY)
    hold(deal=of, percent=60)
    hold(rep=ann, since=dt.date(2026, 1, 2))
    assert money(closed(JANUARY), ann) == (500, 500, 0, 0)
    assert [one.amount for one in HeldPay.objects.order_by("pk")] == [300, 200]


def test_a_hold_of_a_component_leaves_the_others_alone() -> None:
    extra = {**FLAT["components"][0], "code": "extra", "name": "Extra", "rate": "1%"}
    ann = rep_on(plan_of({**FLAT, "components": [FLAT["components"][0], extra]}))
    deal(ann, 10_000, JANUARY)
    hold(rep=ann, component="extra")
    assert money(closed(JANUARY), ann) == (600, 100, 0, 500)


def test_a_hold_that_begins_later_leaves_this_month_alone() -> None:
    ann = rep_on(plan_of(FLAT))
    hold(deal=deal(ann, 10_000, JANUARY), since=FEBRUARY)
    assert money(closed(JANUARY), ann) == (500, 0, 0, 500)


def test_a_held_deal_that_is_cancelled_takes_nothing_from_other_pay() -> None:
    ann = rep_on(plan_of(FLAT))
    of = deal(ann, 10_000, JANUARY)
    row = hold(deal=of)
    closed(JANUARY)
    Cancellation.objects.create(deal=of, kind="cancelled", day=FEBRUARY, reason="Bankrupt")
    deal(ann, 3_000, FEBRUARY)
    assert money(closed(FEBRUARY), ann) == (-350, 0, 500, 150)
    release(row, MARCH)
    assert money(closed(MARCH), ann) == (0, 0, 0, 0)


def test_a_hold_lets_nothing_go_that_was_paid_before_it_began() -> None:
    ann = rep_on(plan_of(FLAT))
    of = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    hold(deal=of, since=FEBRUARY)
    Cancellation.objects.create(deal=of, kind="cancelled", day=FEBRUARY, reason="Bankrupt")
    deal(ann, 20_000, FEBRUARY)
    assert money(closed(FEBRUARY), ann) == (500, 0, 0, 500)


def test_of_what_a_draw_keeps_back_nothing_is_held_again() -> None:
    terms = {**FLAT, "draw": {"amount": 1000, "kind": "guarantee", "recoverable": True, "months": 1}}
    ann = rep_on(plan_of(terms))
    closed(JANUARY)
    deal(ann, 30_000, FEBRUARY)
    hold(rep=ann, since=FEBRUARY)
    row = sheet(closed(FEBRUARY), ann)
    assert (row.earned, row.kept_back, row.held, row.pay) == (1500, 1000, 500, 0)


def test_a_late_change_of_a_held_deal_is_held_too() -> None:
    ann = rep_on(plan_of(TERMS), quota=1_000_000)
    of = deal(ann, 10_000, JANUARY)
    hold(deal=of)
    closed(JANUARY)
    type(of).objects.filter(pk=of.pk).update(amount=14_000, base_amount=14_000)
    row = sheet(closed(FEBRUARY), ann)
    assert (row.deltas, row.held, row.pay) == (200, 200, 0)


def test_somebody_who_is_on_no_plan_any_more_gets_what_is_released() -> None:
    ann = rep_on(plan_of(FLAT))
    row = hold(deal=deal(ann, 10_000, JANUARY))
    closed(JANUARY)
    Position.objects.filter(rep=ann).delete()
    type(ann).objects.filter(pk=ann.pk).update(is_active=False)
    release(row, FEBRUARY)
    run = closed(FEBRUARY)
    assert sheet(run, ann).released == 500
