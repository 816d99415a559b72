"""Draws in runs: what is advanced, kept back, owed and forgiven, from one closed month to the next."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from compensation.models import PlanAssignment, Position, Statement
from tests.compensation.company import FLAT, deal, plan_of, rep_on
from tests.compensation.paying import (
    APRIL,
    FEBRUARY,
    JANUARY,
    MARCH,
    _today,  # noqa: F401 - a fixture
    closed,
    sheet,
)

pytestmark = pytest.mark.django_db


def drawing(**draw: Any) -> dict[str, Any]:
    return {**FLAT, "draw": {"amount": 1000, "kind": "guarantee", "recoverable": True} | draw}


def ledger(row: Statement) -> tuple[Decimal, ...]:
    """Earned, advanced, kept back, owed, pay."""
    return (row.earned, row.advanced, row.kept_back, row.owed, row.pay)


def test_a_guarantee_tops_up_and_is_kept_back_from_later_pay() -> None:
    ann = rep_on(plan_of(drawing()))
    deal(ann, 8_000, JANUARY)
    deal(ann, 28_000, FEBRUARY)
    deal(ann, 60_000, MARCH)
    assert ledger(sheet(closed(JANUARY), ann)) == (400, 600, 0, 600, 1000)
    assert ledger(sheet(closed(FEBRUARY), ann)) == (1400, 0, 400, 200, 1000)
    assert ledger(sheet(closed(MARCH), ann)) == (3000, 0, 200, 0, 2800)


def test_the_statement_keeps_the_terms_of_the_draw() -> None:
    ann = rep_on(plan_of(drawing()))
    said = sheet(closed(JANUARY), ann).draw_step
    assert (said["draws"], said["drawn"], said["plan"], said["terms"]["money"]) == (
        True,
        1,
        "Plan ae",
        "1000",
    )


def test_a_draw_of_some_months_ends_and_what_is_owed_is_kept_back() -> None:
    ann = rep_on(plan_of(drawing(months=1)))
    deal(ann, 10_000, FEBRUARY)
    closed(JANUARY)
    assert ledger(sheet(closed(FEBRUARY), ann)) == (500, 0, 500, 500, 0)


def test_only_a_share_of_the_pay_is_kept_back_at_once_to_the_cent() -> None:
    ann = rep_on(plan_of(drawing(months=1, most_back="33%")))
    deal(ann, Decimal("1234.60"), FEBRUARY)
    closed(JANUARY)
    row = sheet(closed(FEBRUARY), ann)
    assert ledger(row) == (Decimal("61.73"), 0, Decimal("20.37"), Decimal("979.63"), Decimal("41.36"))


def test_a_late_change_counts_for_the_draw_of_the_open_month() -> None:
    ann = rep_on(plan_of(drawing()))
    closed(JANUARY)
    deal(ann, 6_000, JANUARY)
    row = sheet(closed(FEBRUARY), ann)
    assert (row.deltas, row.advanced, row.owed, row.pay) == (300, 700, 1700, 1000)


def test_what_is_owed_is_forgiven_at_the_end_of_the_plans_year() -> None:
    ann = rep_on(plan_of(drawing(forgiven=True) | {"year_begins": 3}))
    closed(JANUARY)
    row = sheet(closed(FEBRUARY), ann)
    assert (row.advanced, row.forgiven, row.owed) == (1000, 2000, 0)


def test_what_is_owed_and_not_forgiven_crosses_the_end_of_the_year() -> None:
    ann = rep_on(plan_of(drawing() | {"year_begins": 3}))
    closed(JANUARY), closed(FEBRUARY)
    deal(ann, 60_000, MARCH)
    assert ledger(sheet(closed(MARCH), ann)) == (3000, 0, 2000, 0, 1000)


def test_who_left_the_plan_still_owes_and_later_pay_is_kept_back() -> None:
    version = plan_of(drawing())
    ann = rep_on(version)
    closed(JANUARY)
    Position.objects.filter(rep=ann).update(days=DateRange(JANUARY, FEBRUARY))
    other = plan_of(FLAT, "other", starts=FEBRUARY)
    PlanAssignment.objects.create(plan=other.plan, rep=ann, days=DateRange(FEBRUARY, None), reason="Moved")
    deal(ann, 12_000, dt.date(2026, 2, 3))
    assert ledger(sheet(closed(FEBRUARY), ann)) == (600, 0, 600, 400, 0)


def test_draws_conserve_balances_over_the_months() -> None:
    ann = rep_on(plan_of(drawing(most_back="50%")))
    for month, amount in ((JANUARY, 3_000), (FEBRUARY, 41_111), (MARCH, 0), (APRIL, 99_999)):
        deal(ann, amount, month)
    rows = [sheet(closed(month), ann) for month in (JANUARY, FEBRUARY, MARCH, APRIL)]
    owed = sum(row.advanced - row.kept_back - row.forgiven for row in rows)
    assert owed == rows[-1].owed
    assert sum(row.pay for row in rows) == sum(row.earned for row in rows) + owed
