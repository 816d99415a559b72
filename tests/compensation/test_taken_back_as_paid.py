"""A cancelled deal takes back what it was really paid, whichever version or year of the plan paid it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from compensation.engine.exact import from_ticks
from compensation.models import Cancellation, PayLine, PayRun, PlanVersion, Statement
from compensation.pipeline.run_lines import sums_by
from compensation.pipeline.run_sheets import month_pay
from core.models import CompanySetting
from crm.models import Deal, Rep
from tests.compensation.company import FLAT, deal, plan_of, rep_on
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

pytestmark = pytest.mark.django_db


def flat(rate: str, code: str = "own", **said: Any) -> dict[str, Any]:
    return {**FLAT, "components": [{**FLAT["components"][0], "code": code, "rate": rate}], **said}


def next_version(version: PlanVersion, starts: dt.date, terms: dict[str, Any]) -> PlanVersion:
    """Another version of the plan, in force from a month on."""
    version.days = DateRange(version.starts, starts)
    PlanVersion.objects.filter(pk=version.pk).update(days=version.days)
    return PlanVersion.objects.create(
        plan=version.plan,
        number=version.number + 1,
        follows=version,
        starts=starts,
        terms=terms,
        state="approved",
        days=DateRange(starts, None),
    )


def cancel(of: Deal, day: dt.date, **values: Any) -> None:
    Cancellation.objects.create(deal=of, kind="cancelled", day=day, reason="Bankrupt", **values)


def taken(run: PayRun, rep: Rep) -> list[tuple[Deal | None, Decimal]]:
    rows = PayLine.objects.filter(statement__run=run, statement__rep=rep, kind="taken_back")
    return [(row.deal, row.pay) for row in rows.order_by("pk")]


def test_a_new_version_takes_back_what_the_old_one_paid() -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    old, new = deal(ann, 10_000, JANUARY), deal(ann, 2_000, MARCH)
    closed(JANUARY), closed(FEBRUARY)
    next_version(version, MARCH, flat("9%"))
    assert pay(closed(MARCH), ann) == 180
    cancel(old, dt.date(2026, 4, 5)), cancel(new, dt.date(2026, 4, 6))
    april = closed(APRIL)
    assert taken(april, ann) == [(old, -500), (new, -180)]
    assert sheet(april, ann).deltas == 0


def test_the_window_and_share_of_the_clawback_still_hold() -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    old, older = deal(ann, 10_000, FEBRUARY), deal(ann, 10_000, JANUARY)
    closed(JANUARY), closed(FEBRUARY)
    next_version(version, MARCH, flat("9%", clawback={"share": "50%", "window": 3}))
    closed(MARCH)
    cancel(old, dt.date(2026, 4, 5)), cancel(older, dt.date(2026, 4, 5))
    assert taken(closed(APRIL), ann) == [(old, -250)]


def test_a_part_that_is_returned_takes_its_part_back() -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    old = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    next_version(version, FEBRUARY, flat("9%"))
    cancel(old, dt.date(2026, 2, 5), percent=25)
    assert taken(closed(FEBRUARY), ann) == [(old, -125)]


def test_late_changes_that_were_paid_are_taken_back_too() -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    old = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    next_version(version, FEBRUARY, flat("9%"))
    Deal.objects.filter(pk=old.pk).update(amount=12_000, base_amount=12_000)
    assert sheet(closed(FEBRUARY), ann).deltas == 100
    cancel(old, dt.date(2026, 3, 5))
    assert taken(closed(MARCH), ann) == [(old, -600)]


def test_a_late_change_of_a_cancelled_deal_changes_what_was_taken_back_in_the_same_run() -> None:
    """The deltas of both months come together, and then nothing is left to pay."""
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    old = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    next_version(version, FEBRUARY, flat("9%"))
    cancel(old, dt.date(2026, 2, 5))
    assert pay(closed(FEBRUARY), ann) == -500
    Deal.objects.filter(pk=old.pk).update(amount=12_000, base_amount=12_000)
    march = closed(MARCH)
    late = PayLine.objects.filter(statement__run=march, is_delta=True).order_by("month")
    assert [(line.month, line.pay) for line in late] == [(JANUARY, 100), (FEBRUARY, -100)]
    assert sheet(closed(APRIL), ann).deltas == 0


def test_months_that_are_looked_back_on_no_longer_count_as_they_were_paid() -> None:
    CompanySetting.objects.create(key="pay_retro_months", value=1, valid=DateRange(None, None))
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    old = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    next_version(version, FEBRUARY, flat("9%"))
    closed(FEBRUARY), closed(MARCH)
    Deal.objects.filter(pk=old.pk).update(amount=20_000, base_amount=20_000)
    cancel(old, dt.date(2026, 4, 5))
    assert taken(closed(APRIL), ann) == [(old, -500)]


def test_what_the_old_version_did_not_pay_is_not_taken_back() -> None:
    version = plan_of(flat("0%"))
    ann = rep_on(version)
    old = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    next_version(version, FEBRUARY, flat("9%"))
    cancel(old, dt.date(2026, 2, 5))
    assert pay(closed(FEBRUARY), ann) == 0


def test_a_component_that_is_no_longer_there_is_taken_back_by_another() -> None:
    version = plan_of(flat("5%", code="hardware"))
    ann = rep_on(version)
    old = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    two = flat("9%", code="all")
    two["components"].append({**two["components"][0], "code": "more", "name": "More"})
    next_version(version, FEBRUARY, two)
    cancel(old, dt.date(2026, 2, 5))
    assert taken(closed(FEBRUARY), ann) == [(old, -500)]


def test_an_earlier_years_version_is_taken_back_as_it_paid() -> None:
    version = plan_of(flat("5%", year_begins=3))
    ann = rep_on(version)
    old = deal(ann, 10_000, JANUARY)
    closed(JANUARY), closed(FEBRUARY)
    next_version(version, MARCH, flat("9%", year_begins=3))
    cancel(old, dt.date(2026, 3, 5))
    assert taken(closed(MARCH), ann) == [(old, -500)]


def test_a_deal_of_two_years_ago_is_taken_back() -> None:
    version = plan_of(flat("5%"), starts=dt.date(2023, 1, 1))
    ann = rep_on(version, begin=dt.date(2023, 1, 1))
    old = deal(ann, 10_000, dt.date(2023, 12, 1))
    cancel(old, dt.date(2026, 1, 5))
    assert taken(calculated(JANUARY), ann) == [(old, -500)]


def test_months_before_the_first_run_are_taken_back_as_the_plan_would_have_paid() -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    old = deal(ann, 10_000, JANUARY)
    next_version(version, FEBRUARY, flat("9%"))
    cancel(old, dt.date(2026, 2, 5))
    assert taken(closed(FEBRUARY), ann) == [(old, -900)]


def test_one_person_alone_is_paid_as_in_the_run_of_everybody() -> None:
    version = plan_of(flat("5%"))
    ann, ben = rep_on(version), rep_on(version, "ben")
    old, other = deal(ann, 10_000, JANUARY), deal(ben, 8_000, JANUARY)
    closed(JANUARY)
    next_version(version, FEBRUARY, flat("9%"))
    cancel(old, dt.date(2026, 2, 5)), cancel(other, dt.date(2026, 2, 5))
    run = calculated(FEBRUARY)
    alone = month_pay(FEBRUARY, [ann.pk])
    assert [sheet.pay for sheet in alone.sheets.values()] == [pay(run, ann)] == [-500]


def test_closed_months_of_two_versions_add_up_to_a_straight_calculation() -> None:
    version = plan_of(flat("5%"))
    ann = rep_on(version)
    first, second = deal(ann, 13_337, JANUARY), deal(ann, 7_771, dt.date(2026, 1, 9))
    closed(JANUARY)
    next_version(version, FEBRUARY, flat("7%"))
    cancel(first, dt.date(2026, 2, 5), percent=Decimal("33.33"))
    closed(FEBRUARY)
    Deal.objects.filter(pk=second.pk).update(amount=9_001, base_amount=9_001)
    cancel(second, dt.date(2026, 3, 5))
    closed(MARCH)
    Deal.objects.filter(pk=first.pk).update(amount=10_001, base_amount=10_001)
    closed(APRIL)
    paid = sum(one.earned + one.deltas for one in Statement.objects.filter(rep=ann, run__state="locked"))
    straight = Decimal(0)
    for month in (JANUARY, FEBRUARY, MARCH, APRIL):
        found = month_pay(month).lines
        own = found[~found["is_delta"].astype(bool)]
        sums = sums_by(own, ["rep", "currency"]).values()
        straight += sum((from_ticks(ticks) for ticks in sums), Decimal(0))
    assert paid == straight
