"""The released plan as the target of quotas: the numbers that executives signed, and sales before them."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db.models import Sum

from catalog.engine.months import months_from
from catalog.models import Scope
from core.models import Person
from gathering.models import Sales
from planning.models import ReleasedTotal
from planning.selectors.targets import plan_as_target
from territories.selectors.targets import target_parts
from tests.planning.conftest import FIRST, Company
from tests.planning.planned import Plan, plan

__all__ = ["plan"]
YEAR = months_from(FIRST, 12)


def test_the_target_is_the_revenue_of_the_released_plan(plan: Plan, analyst: Person) -> None:
    parts = target_parts(analyst, YEAR)
    signed = ReleasedTotal.objects.filter(release=plan.release, month__in=YEAR)
    by_market = {
        (row["month"], row["market"]): row["total"]
        for row in signed.order_by().values("month", "market").annotate(total=Sum("revenue"))
    }
    assert by_market
    assert {(part.month, part.market): float(part.amount) for part in parts} == pytest.approx(
        by_market, abs=0.006
    )
    assert {part.month for part in parts} == set(YEAR)
    assert {(part.kind, part.key, part.fingerprint) for part in parts} == {
        ("release", plan.release.pk, "c" * 64)
    }


def test_months_before_the_plan_count_with_what_was_sold(plan: Plan, firm: Company, analyst: Person) -> None:
    december = dt.date(2025, 12, 1)
    sold = Sales.objects.filter(month=december).aggregate(
        gross=Sum("revenue"), returned=Sum("returned_revenue")
    )
    parts = plan_as_target(analyst, [december, FIRST])
    assert {part.kind for part in parts if part.month == december} == {"sales"}
    assert {part.kind for part in parts if part.month == FIRST} == {"release"}
    total = sum((part.amount for part in parts if part.month == december), Decimal(0))
    assert total == sold["gross"] - sold["returned"]


def test_who_sees_a_part_of_the_plan_takes_no_target_from_it(
    plan: Plan, firm: Company, analyst: Person
) -> None:
    Scope.objects.create(person=analyst, family=firm.world.touring)
    assert plan_as_target(analyst, YEAR) == []


def test_without_a_release_there_is_no_target(firm: Company, analyst: Person) -> None:
    assert plan_as_target(analyst, YEAR) == []
