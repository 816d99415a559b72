"""Late changes across the end of a year, and of people who left."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from compensation.models import PayLine, PlanQuota, Position
from core.models import CompanySetting
from tests.compensation.company import FLAT, TERMS, deal, plan_of, rep_on
from tests.compensation.paying import closed, pay, sheet

pytestmark = pytest.mark.django_db
NOVEMBER, DECEMBER = dt.date(2025, 11, 1), dt.date(2025, 12, 1)
JANUARY, FEBRUARY = dt.date(2026, 1, 1), dt.date(2026, 2, 1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2026, 3, 10))


def retro(months: int) -> None:
    CompanySetting.objects.create(key="pay_retro_months", value=months, valid=DateRange(None, None))


def test_the_setting_looks_back_over_new_year_and_each_year_has_its_own_tiers() -> None:
    retro(2)
    version = plan_of(TERMS, starts=dt.date(2025, 1, 1))
    ann = rep_on(version, begin=dt.date(2025, 1, 1), quota=20_000)
    PlanQuota.objects.create(plan=version.plan, rep=ann, first_month=JANUARY, amount=20_000)
    deal(ann, 18_000, NOVEMBER)
    for month in (NOVEMBER, DECEMBER):
        closed(month)
    late = deal(ann, 4_000, dt.date(2025, 12, 30))
    deal(ann, 1_000, JANUARY)
    run = closed(JANUARY)
    # 2,000 up to the quota of 2025 at 5 %, 2,000 above it at 8 %; January begins at 5 % again.
    assert (sheet(run, ann).earned, sheet(run, ann).deltas) == (50, 260)
    assert set(PayLine.objects.filter(statement__run=run, is_delta=True).values_list("deal", "month")) == {
        (late.pk, DECEMBER)
    }


def test_a_month_of_last_year_beyond_the_setting_stays_as_it_was_paid() -> None:
    retro(1)
    ann = rep_on(plan_of(FLAT, starts=NOVEMBER), begin=NOVEMBER)
    for month in (NOVEMBER, DECEMBER):
        closed(month)
    deal(ann, 4_000, NOVEMBER)
    recent = deal(ann, 2_000, DECEMBER)
    run = closed(JANUARY)
    assert list(PayLine.objects.filter(statement__run=run, is_delta=True).values_list("deal", "pay")) == [
        (recent.pk, Decimal(100))
    ]


def test_who_left_the_company_at_new_year_still_gets_late_changes() -> None:
    retro(3)
    ann = rep_on(plan_of(FLAT, starts=NOVEMBER), begin=NOVEMBER)
    deal(ann, 3_000, DECEMBER)
    closed(NOVEMBER), closed(DECEMBER)
    Position.objects.filter(rep=ann).update(days=DateRange(NOVEMBER, JANUARY))
    type(ann).objects.filter(pk=ann.pk).update(is_active=False)
    closed(JANUARY)
    deal(ann, 4_000, dt.date(2025, 12, 12))
    run = closed(FEBRUARY)
    assert (sheet(run, ann).earned, sheet(run, ann).deltas, pay(run, ann)) == (0, 200, 200)
