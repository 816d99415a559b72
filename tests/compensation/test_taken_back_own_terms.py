"""Own terms that change within a version: a cancelled deal takes back what the terms of its month paid."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from compensation.models import PlanAssignment, PlanVersion
from compensation.pipeline.run_sheets import month_pay
from crm.models import Rep
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
from tests.compensation.test_taken_back_as_paid import cancel, flat, taken

pytestmark = pytest.mark.django_db


def own_terms(version: PlanVersion, rep: Rep, first: dt.date, last: dt.date | None, rate: str) -> None:
    """The rep's own rate between two days, the last not included."""
    changes: dict[str, Any] = {"components": {"own": {"rate": rate}}}
    days = DateRange(first, last)
    PlanAssignment.objects.create(plan=version.plan, rep=rep, days=days, changes=changes, reason="Agreed")


@pytest.mark.parametrize("close", [True, False])
def test_a_deal_is_taken_back_at_the_rate_of_its_own_month(close: bool) -> None:
    version = plan_of(flat("5%"))
    ann, ben = rep_on(version), rep_on(version, "ben")
    own_terms(version, ann, MARCH, None, "9%")
    old, new, other = deal(ann, 10_000, JANUARY), deal(ann, 2_000, MARCH), deal(ben, 4_000, JANUARY)
    for month in (JANUARY, FEBRUARY, MARCH) if close else ():
        closed(month)
    for one in (old, new, other):
        cancel(one, dt.date(2026, 4, 5))
    april = calculated(APRIL)
    assert taken(april, ann) == [(old, -500), (new, -180)]
    assert taken(april, ben) == [(other, -200)]


def test_terms_that_end_take_back_what_they_paid() -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    own_terms(version, ann, JANUARY, MARCH, "9%")
    old = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    cancel(old, dt.date(2026, 3, 5), percent=50)
    assert taken(calculated(MARCH), ann) == [(old, -450)]


def test_terms_that_come_twice_take_back_what_was_paid_between() -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    own_terms(version, ann, FEBRUARY, MARCH, "9%")
    first, between = deal(ann, 10_000, JANUARY), deal(ann, 10_000, FEBRUARY)
    cancel(first, dt.date(2026, 2, 20)), cancel(between, dt.date(2026, 3, 20))
    assert pay(closed(JANUARY), ann) == 500
    assert pay(closed(FEBRUARY), ann) == 900 - 500
    assert pay(closed(MARCH), ann) == -900


def test_an_earlier_version_and_own_terms_together_are_each_as_paid() -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    oldest = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    version.days = DateRange(JANUARY, FEBRUARY)
    version.save()
    PlanVersion.objects.create(
        plan=version.plan,
        number=2,
        starts=FEBRUARY,
        terms=flat("7%"),
        state="approved",
        days=DateRange(FEBRUARY, None),
    )
    own_terms(version, ann, MARCH, None, "9%")
    old = deal(ann, 10_000, FEBRUARY)
    closed(FEBRUARY)
    cancel(oldest, dt.date(2026, 3, 5)), cancel(old, dt.date(2026, 3, 6))
    assert taken(closed(MARCH), ann) == [(oldest, -500), (old, -700)]
    assert sheet(closed(APRIL), ann).deltas == 0


def test_one_person_alone_is_paid_as_in_the_run() -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    own_terms(version, ann, MARCH, None, "9%")
    old = deal(ann, Decimal("1333.37"), JANUARY)
    cancel(old, dt.date(2026, 3, 5))
    run = calculated(MARCH)
    alone = month_pay(MARCH, [ann.pk]).sheets[(ann.pk, "EUR")]
    assert alone.pay == pay(run, ann) == Decimal("-66.67")
