"""Late changes: closed months never change; what they would pay today comes with the open month."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation.engine.exact import from_ticks
from compensation.models import Cancellation, PayLine, PayRun, PlanVersion, Position, Statement, StatementPart
from compensation.pipeline.run_deltas import deltas
from compensation.pipeline.run_lines import COLUMNS, KEY, sums_by
from compensation.pipeline.run_sheets import month_pay
from core.models import CompanySetting
from crm.models import Deal, Rep
from tests.compensation.company import FLAT, TERMS, deal, plan_of, rep_on
from tests.compensation.paying import (
    APRIL,
    FEBRUARY,
    JANUARY,
    MARCH,
    _today,  # noqa: F401 - a fixture
    calculated,
    closed,
    lines,
    pay,
    sheet,
)

pytestmark = pytest.mark.django_db
ROWS = st.lists(
    st.tuples(
        st.integers(1, 3),  # rep
        st.sampled_from(["own", "team"]),
        st.sampled_from([24_312, 24_313]),  # month
        st.integers(0, 4),  # credit
        st.sampled_from([0, 1, 2]),  # kind
        st.integers(-1, 2),  # tier
        st.integers(-500, 500),  # pay
    ),
    max_size=12,
)


def table(rows: list[tuple[int, str, int, int, int, int, int]]) -> pd.DataFrame:
    found = [
        (rep, "EUR", 1, component, month, credit, kind, tier, pay * 10, pay, 5_000_000)
        for rep, component, month, credit, kind, tier, pay in rows
    ]
    return pd.DataFrame(found, columns=COLUMNS)


def summed(lines: pd.DataFrame) -> dict[tuple[object, ...], int]:
    return {key: ticks for key, ticks in sums_by(lines, KEY).items() if ticks}


@settings(deadline=None, max_examples=60)
@given(ROWS, ROWS)
def test_what_was_paid_and_the_deltas_are_what_is_paid_now(before: list, now: list) -> None:
    late = deltas(table(before), table(now))
    assert summed(pd.concat([table(before), late])) == summed(table(now))
    assert (late["pay"] != 0).all()


@settings(deadline=None, max_examples=40)
@given(ROWS, st.lists(ROWS, min_size=1, max_size=4))
def test_closing_after_every_change_adds_up_to_a_straight_calculation(first: list, later: list) -> None:
    paid = table(first)
    for rows in later:
        paid = pd.concat([paid, deltas(paid, table(rows))], ignore_index=True)
    assert summed(paid) == summed(table(later[-1]))
    assert deltas(paid, table(later[-1])).empty


def later_amount(of: Deal, amount: int) -> None:
    Deal.objects.filter(pk=of.pk).update(amount=amount, base_amount=amount)


def told(run: PayRun, rep: Rep) -> list[tuple[Deal | None, dt.date, Decimal]]:
    rows = PayLine.objects.filter(statement__run=run, statement__rep=rep, is_delta=True)
    return [(row.deal, row.month, row.pay) for row in rows.order_by("month", "deal")]


def test_a_deal_that_comes_late_is_paid_with_the_open_month_and_named() -> None:
    ann = rep_on(plan_of(FLAT))
    deal(ann, 10_000, JANUARY)
    january = closed(JANUARY)
    before = lines(january)
    late = deal(ann, 6_000, dt.date(2026, 1, 30))
    deal(ann, 1_000, FEBRUARY)

    february = closed(FEBRUARY)

    statement = sheet(february, ann)
    assert (statement.earned, statement.deltas, statement.pay) == (50, 300, 350)
    assert told(february, ann) == [(late, JANUARY, Decimal(300))]
    assert february.months_again == 1
    assert lines(january) == before
    assert sheet(closed(MARCH), ann).deltas == 0


def test_a_changed_deal_is_paid_by_its_difference() -> None:
    ann = rep_on(plan_of(FLAT))
    of = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    later_amount(of, 8_000)
    assert told(closed(FEBRUARY), ann) == [(of, JANUARY, Decimal(-100))]
    later_amount(of, 12_000)
    assert told(closed(MARCH), ann) == [(of, JANUARY, Decimal(200))]


def test_a_late_deal_moves_the_tiers_of_closed_months_after_it() -> None:
    ann = rep_on(plan_of(TERMS), quota=20_000)
    deal(ann, 10_000, JANUARY)
    second = deal(ann, 20_000, FEBRUARY)
    closed(JANUARY), closed(FEBRUARY)
    late = deal(ann, 10_000, dt.date(2026, 1, 15))
    found = told(closed(MARCH), ann)
    # 10,000 more at 5 % in January; of February's 20,000 the first half moves from 5 % to 8 %.
    assert sum(pay for of, _, pay in found if of == late) == 500
    assert sum(pay for of, _, pay in found if of == second) == 300


def test_a_deal_of_another_rep_goes_from_one_to_the_other() -> None:
    version = plan_of(FLAT)
    ann, ben = rep_on(version), rep_on(version, "ben")
    of = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    Deal.objects.filter(pk=of.pk).update(rep=ben)
    run = closed(FEBRUARY)
    assert (sheet(run, ann).deltas, sheet(run, ben).deltas) == (-500, 500)


def test_a_cancelled_deal_is_taken_back_in_the_month_of_the_cancellation() -> None:
    ann = rep_on(plan_of(FLAT))
    of = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    Cancellation.objects.create(deal=of, kind="cancelled", day=dt.date(2026, 2, 10), reason="Bankrupt")
    run = closed(FEBRUARY)
    assert (sheet(run, ann).earned, sheet(run, ann).deltas) == (-500, 0)
    (line,) = PayLine.objects.filter(statement__run=run)
    assert (line.kind, line.deal, line.pay) == ("taken_back", of, -500)


def test_a_cancellation_crosses_the_border_of_the_plans_year() -> None:
    terms = {**FLAT, "year_begins": 2}
    ann = rep_on(plan_of(terms))
    of = deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    Cancellation.objects.create(deal=of, kind="cancelled", day=dt.date(2026, 2, 10), reason="Bankrupt")
    assert pay(closed(FEBRUARY), ann) == -500


def test_late_changes_cross_the_border_of_the_plans_year() -> None:
    ann = rep_on(plan_of({**TERMS, "year_begins": 2}), quota=120_000)
    deal(ann, 1_000, JANUARY)
    closed(JANUARY)
    late = deal(ann, 2_000, JANUARY)
    assert told(closed(FEBRUARY), ann) == [(late, JANUARY, Decimal(100))]


def test_a_company_that_pays_no_late_changes_gets_none() -> None:
    CompanySetting.objects.create(key="pay_retro_months", value=0, valid=DateRange(None, None))
    ann = rep_on(plan_of(FLAT))
    deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    deal(ann, 6_000, JANUARY)
    run = closed(FEBRUARY)
    assert (pay(run, ann), run.months_again) == (0, 0)


def test_only_so_many_months_back_are_looked_at() -> None:
    CompanySetting.objects.create(key="pay_retro_months", value=1, valid=DateRange(None, None))
    ann = rep_on(plan_of(FLAT))
    closed(JANUARY), closed(FEBRUARY)
    deal(ann, 6_000, JANUARY)
    recent = deal(ann, 2_000, FEBRUARY)
    assert told(closed(MARCH), ann) == [(recent, FEBRUARY, Decimal(100))]


def test_a_new_version_pays_its_own_months_and_leaves_the_closed_ones() -> None:
    version = plan_of(FLAT)
    ann = rep_on(version)
    for month in (JANUARY, FEBRUARY, MARCH):
        deal(ann, 10_000, month)
    closed(JANUARY), closed(FEBRUARY)
    PlanVersion.objects.filter(pk=version.pk).update(days=DateRange(JANUARY, MARCH))
    richer = {**FLAT, "components": [{**FLAT["components"][0], "rate": "9%"}]}
    PlanVersion.objects.create(
        plan=version.plan,
        number=2,
        follows=version,
        starts=MARCH,
        terms=richer,
        state="approved",
        days=DateRange(MARCH, None),
    )
    run = closed(MARCH)
    assert (sheet(run, ann).earned, sheet(run, ann).deltas) == (900, 0)
    late = deal(ann, 1_000, dt.date(2026, 2, 20))
    april = closed(APRIL)
    assert told(april, ann) == [(late, FEBRUARY, Decimal(50))]
    part = StatementPart.objects.get(statement__run=april, deltas__gt=0)
    assert (part.version, part.name) == (version, "Own bookings (Plan ae, version 1)")


def test_somebody_who_left_the_plan_still_gets_late_changes() -> None:
    version = plan_of(FLAT)
    ann = rep_on(version)
    deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    Position.objects.filter(rep=ann).update(days=DateRange(JANUARY, FEBRUARY))
    late = deal(ann, 4_000, dt.date(2026, 1, 31))
    run = closed(FEBRUARY)
    assert told(run, ann) == [(late, JANUARY, Decimal(200))]
    assert pay(run, ann) == 200


def test_closed_months_and_their_deltas_add_up_to_a_straight_calculation() -> None:
    """Six deals come, change and go while months are closed; in the end everybody has what a calculation of
    the whole time gives."""
    version = plan_of(TERMS)
    ann, ben = rep_on(version, quota=60_000), rep_on(version, "ben", quota=40_000)
    first = deal(ann, 13_337, JANUARY)
    deal(ben, 9_999, JANUARY)
    closed(JANUARY)
    later_amount(first, 21_001)
    deal(ann, 30_303, dt.date(2026, 1, 9))
    deal(ben, 31_000, FEBRUARY)
    closed(FEBRUARY)
    Deal.objects.filter(pk=first.pk).update(rep=ben)
    deal(ann, 12_345, dt.date(2026, 2, 7))
    closed(MARCH)
    later_amount(first, 1_111)
    closed(APRIL)

    sums = Statement.objects.filter(run__state="locked").order_by().values_list("rep")
    paid = dict(sums.annotate(total=Sum(F("earned") + F("deltas"))))
    straight = {rep.pk: Decimal(0) for rep in (ann, ben)}
    for month in (JANUARY, FEBRUARY, MARCH, APRIL):
        found = month_pay(month)
        own = found.lines[~found.lines["is_delta"].astype(bool)]
        for (rep, _), ticks in sums_by(own, ["rep", "currency"]).items():
            straight[rep] += from_ticks(ticks)
    assert paid == straight


def test_a_preview_changes_nothing_and_pays_the_same_deltas_again() -> None:
    ann = rep_on(plan_of(FLAT))
    deal(ann, 10_000, JANUARY)
    closed(JANUARY)
    deal(ann, 6_000, JANUARY)
    assert pay(calculated(FEBRUARY), ann) == pay(calculated(FEBRUARY), ann) == 300
