"""A cancelled deal that no version in force takes back is taken back by the one that paid it."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from catalog.models import Currency, MonthRate
from compensation.models import PayLine, PlanVersion, Position
from compensation.pipeline.run_sheets import month_pay
from core.explain import address
from core.models import Person
from tests.compensation.company import deal, plan_of, rep_on
from tests.compensation.paying import (
    APRIL,
    FEBRUARY,
    JANUARY,
    MARCH,
    _today,  # noqa: F401 - a fixture
    calculated,
    closed,
    pay,
    sheet,
)
from tests.compensation.test_taken_back_as_paid import cancel, flat, next_version, taken

pytestmark = pytest.mark.django_db
SignedIn = Callable[[Person], Client]


def ended(version: PlanVersion, day: dt.date) -> None:
    """The version is in force until the day, and none after it."""
    PlanVersion.objects.filter(pk=version.pk).update(days=DateRange(version.starts, day))


def test_a_plan_without_a_version_in_the_month_takes_back_what_it_paid(
    signed_in: SignedIn, manager: Person
) -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    old = deal(ann, Decimal("1333.37"), JANUARY)
    closed(JANUARY), closed(FEBRUARY)
    ended(version, MARCH)
    cancel(old, dt.date(2026, 3, 5))
    march = closed(MARCH)
    assert taken(march, ann) == [(old, Decimal("-66.67"))]
    assert pay(march, ann) == Decimal("-66.67")
    assert not closed(APRIL).statements.exclude(deltas=0).exists()
    line = PayLine.objects.get(statement__run=march)
    assert line.part.name == f"Own bookings ({version})"
    assert "the version that paid it" in signed_in(manager).get(address("pay_line", line.pk)).content.decode()


def test_the_clawback_of_the_version_that_paid_holds() -> None:
    version = plan_of(flat("5%", clawback={"share": "50%", "window": 2}))
    ann = rep_on(version)
    old, older = deal(ann, 10_001, FEBRUARY), deal(ann, 10_000, JANUARY)
    closed(JANUARY), closed(FEBRUARY)
    ended(version, MARCH)
    cancel(old, dt.date(2026, 3, 5)), cancel(older, dt.date(2026, 3, 5))
    assert taken(closed(MARCH), ann) == [(old, Decimal("-250.02"))]


def test_two_parts_of_a_deal_go_back_as_the_whole_of_it() -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    old = deal(ann, Decimal("1333.40"), JANUARY)
    closed(JANUARY)
    cancel(old, dt.date(2026, 2, 5), percent=25)
    closed(FEBRUARY)
    ended(version, MARCH)
    cancel(old, dt.date(2026, 3, 5), percent=75)
    march = closed(MARCH)
    assert taken(march, ann) == [(old, Decimal("-50.00"))]


def test_a_version_in_another_currency_leaves_it_to_the_one_that_paid() -> None:
    version = plan_of(flat("5%"))
    dollar = Currency.objects.create(code="USD", name="Dollar")
    for month in (JANUARY, FEBRUARY, MARCH, APRIL):
        MonthRate.objects.create(currency=dollar, month=month, rate=Decimal("0.5"))
    ann = rep_on(version)
    old = deal(ann, 10_000, JANUARY)
    closed(JANUARY), closed(FEBRUARY)
    next_version(version, MARCH, flat("9%", currency="USD"))
    new = deal(ann, 1_000, MARCH)
    cancel(old, dt.date(2026, 3, 5)), cancel(new, dt.date(2026, 4, 6))
    march = closed(MARCH)
    assert {one.currency_id: one.pay for one in march.statements.all()} == {"EUR": -500, "USD": 180}
    april = closed(APRIL)
    assert {one.currency_id: one.pay for one in april.statements.all() if one.pay} == {"USD": -180}


def test_who_left_the_plan_in_an_earlier_year_gives_back_what_it_paid() -> None:
    december = dt.date(2025, 12, 1)
    version = plan_of(flat("5%"), starts=dt.date(2025, 1, 1))
    ann = rep_on(version, begin=dt.date(2025, 1, 1))
    old = deal(ann, 10_000, december)
    closed(december)
    Position.objects.filter(rep=ann).update(days=DateRange(dt.date(2025, 1, 1), JANUARY))
    cancel(old, dt.date(2026, 2, 5))
    closed(JANUARY)
    february = closed(FEBRUARY)
    assert taken(february, ann) == [(old, -500)]
    alone = month_pay(FEBRUARY, [ann.pk])
    assert [one.pay for one in alone.sheets.values()] == [-500]


def test_a_cancellation_that_is_taken_away_again_is_paid_back() -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    old = deal(ann, 10_000, JANUARY)
    closed(JANUARY), closed(FEBRUARY)
    ended(version, MARCH)
    cancel(old, dt.date(2026, 3, 5))
    closed(MARCH)
    old.cancellations.all().delete()
    april = calculated(APRIL)
    assert (sheet(april, ann).deltas, pay(april, ann)) == (500, 500)
