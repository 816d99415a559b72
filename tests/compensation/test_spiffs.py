"""A SPIFF through runs of months: its days, its budget over the whole time, and one statement beside the main
plan."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from compensation.models import Cancellation, PayLine, PlanAssignment, Statement
from compensation.pipeline.run_sheets import month_pay
from tests.compensation.company import FLAT, JANUARY, credit, deal, plan_of, rep_on
from tests.compensation.paying import (
    APRIL,
    FEBRUARY,
    MARCH,
    _today,  # noqa: F401 - a fixture
    calculated,
    closed,
    lines,
    pay,
    sheet,
)

pytestmark = pytest.mark.django_db


def spiff(**said: Any) -> dict[str, Any]:
    """10 % on bookings from 15 January to 20 March."""
    one = {**FLAT["components"][0], "code": "spiff", "name": "Spring push", "rate": "10%"}
    return {**FLAT, "components": [{**one, "starts": "2026-01-15", "ends": "2026-03-20", **said}]}


def day(month: int, number: int) -> dt.date:
    return dt.date(2026, month, number)


def test_only_deals_between_its_days_count_the_first_and_last_included() -> None:
    ann = rep_on(plan_of(spiff()))
    for number, (month, of) in enumerate([(1, 14), (1, 15), (3, 20), (3, 21)]):
        deal(ann, 1_000 * 2**number, day(month, of))
    assert [pay(closed(month), ann) for month in (JANUARY, FEBRUARY, MARCH, APRIL)] == [200, 0, 400, 0]


def test_a_budget_is_used_up_over_months_first_come_first_served() -> None:
    version = plan_of(spiff(budget=1_000))
    ann, ben = rep_on(version), rep_on(version, "ben")
    deal(ann, 6_000, day(1, 20))
    deal(ben, 3_000, day(2, 3)), deal(ann, 2_500, day(2, 4))
    deal(ben, 9_000, day(3, 1))
    found = [closed(month) for month in (JANUARY, FEBRUARY, MARCH)]
    assert [(pay(run, ann), pay(run, ben)) for run in found] == [(600, 0), (100, 300), (0, 0)]
    assert [Decimal(run.totals["currencies"]["EUR"]["deltas"]) for run in found] == [0, 0, 0]
    over = PayLine.objects.filter(statement__run=found[1], kind="budget").get()
    assert (over.deal and over.deal.rep, over.pay) == (ann, -150)


def test_an_earlier_deal_that_comes_late_takes_budget_from_later_ones() -> None:
    version = plan_of(spiff(budget=1_000))
    ann, ben = rep_on(version), rep_on(version, "ben")
    deal(ann, 10_000, day(1, 20))
    closed(JANUARY)
    deal(ben, 4_000, day(1, 16))
    run = closed(FEBRUARY)
    assert (sheet(run, ann).deltas, sheet(run, ben).deltas) == (-400, 400)
    assert sum(one.pay for one in Statement.objects.filter(run__state="locked")) == 1_000


def test_one_person_alone_shares_the_budget_with_everybody() -> None:
    version = plan_of(spiff(budget=1_000))
    ann, ben = rep_on(version), rep_on(version, "ben")
    credit(ben, 8_000, day(1, 16)), credit(ann, 5_000, day(1, 17))
    assert [one.pay for one in month_pay(JANUARY, [ann.pk]).sheets.values()] == [200]


def test_a_deal_that_is_cancelled_after_the_last_day_is_taken_back() -> None:
    ann = rep_on(plan_of(spiff()))
    of = deal(ann, 10_000, day(1, 20))
    assert pay(closed(JANUARY), ann) == 1_000
    closed(FEBRUARY), closed(MARCH)
    Cancellation.objects.create(deal=of, kind="cancelled", day=day(4, 9), reason="Bankrupt")
    assert pay(closed(APRIL), ann) == -1_000


def test_the_spiff_takes_nothing_back_for_a_deal_before_its_first_day() -> None:
    ann = rep_on(plan_of(spiff()))
    of, new = deal(ann, 10_000, day(1, 5)), deal(ann, 2_000, day(1, 25))
    Cancellation.objects.create(deal=of, kind="cancelled", day=day(1, 20), reason="Bankrupt")
    run = closed(JANUARY)
    assert [(row.deal, row.pay) for row in PayLine.objects.filter(statement__run=run)] == [(new, 200)]


def test_main_plan_and_spiff_are_on_one_statement_of_the_month() -> None:
    main = plan_of(FLAT)
    beside = plan_of(spiff(), "push", name="Spring push")
    ann = rep_on(main)
    PlanAssignment.objects.create(plan=beside.plan, rep=ann, days=beside.days)
    deal(ann, 10_000, day(1, 20))
    run = calculated(JANUARY)
    statement = Statement.objects.get(run=run, rep=ann)
    parts = statement.parts.order_by("version__plan__code").values_list("version", "component", "earned")
    assert list(parts) == [(main.pk, "own", 500), (beside.pk, "spiff", 1_000)]
    assert (statement.earned, statement.pay) == (1_500, 1_500)
    assert {line[1] for line in lines(run)} == {"own", "spiff"}
