"""Quotas follow accounts that move: pro-rated by days, as a version that two people signed."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from core.errors import Denied, Refused
from core.models import Person
from territories.models import QuotaMeasure, QuotaPlan, QuotaState
from territories.selectors.quota_carrying import AccountMove, approved_together, plans_on
from territories.services.quota_moves import follow_assignments, take_back
from territories.services.quota_plans import new_version
from tests.territories.quotas_world import a_company, amounts, approved, quota_of

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 16)  # half of November is left


def beta_to_south(world: dict[str, Any]) -> list[AccountMove]:
    account = world["bob"].accounts.get()
    return [AccountMove(account.pk, world["beta"].pk, world["bob"].pk, world["south"].pk, world["cid"].pk)]


def carried(plan: QuotaPlan, world: dict[str, Any]) -> Decimal:
    """By hand: half of Bob's November and all of his December."""
    months = dict(quota_of(plan, world["bob"]).months.values_list("month", "amount"))
    return (months[dt.date(2026, 11, 1)] / 2 + months[dt.date(2026, 12, 1)]).quantize(Decimal("0.01"))


def followed(world: dict[str, Any], manager: Person, vp: Person) -> list[QuotaPlan]:
    return follow_assignments(
        moves=beta_to_south(world), day=DAY, submitted_by=manager, approved_by=vp, reason="Realignment"
    )


def test_quotas_follow_as_a_version_that_is_approved(manager: Person, vp: Person) -> None:
    world = a_company()
    plan = approved(manager, vp)
    (version,) = followed(world, manager, vp)
    assert (version.state, version.submitted_by, version.approved_by) == (QuotaState.APPROVED, manager, vp)
    moved = carried(plan, world)
    was, now = amounts(plan), amounts(version)
    assert now["bob"] == was["bob"] - moved
    assert now["cid"] == was["cid"] + moved
    assert now["ann"] == was["ann"]
    assert sum(now[rep] for rep in ("ann", "bob", "cid")) == 12_000
    assert now["north"] == was["north"] - moved
    assert version.approved is not None
    assert QuotaPlan.objects.get(pk=plan.pk).state == QuotaState.SUPERSEDED


def test_an_undone_realignment_gives_everybody_back_what_they_had(manager: Person, vp: Person) -> None:
    world = a_company()
    plan = approved(manager, vp)
    (version,) = followed(world, manager, vp)
    restored = take_back(version=version, actor=vp, reason="Undone")
    assert amounts(restored) == amounts(plan)
    with pytest.raises(Refused, match="not in force any more"):
        take_back(version=QuotaPlan.objects.get(pk=version.pk), actor=vp, reason="Again")


def test_the_quotas_of_both_measures_follow_each_by_its_own_amounts(manager: Person, vp: Person) -> None:
    world = a_company()
    plans = {
        measure: approved(manager, vp, measure=measure, target=Decimal(target))
        for measure, target in ((QuotaMeasure.BOOKINGS, 12_000), (QuotaMeasure.SALES, 6_000))
    }

    versions = {version.measure: version for version in followed(world, manager, vp)}

    assert set(versions) == set(plans)
    for measure, plan in plans.items():
        was, now, moved = amounts(plan), amounts(versions[measure]), carried(plan, world)
        assert moved > 0
        assert (was["bob"] - now["bob"], now["cid"] - was["cid"]) == (moved, moved)
    assert approved_together(versions[QuotaMeasure.SALES]) == [versions[one] for one in sorted(versions)]


def test_quotas_do_not_follow_past_an_open_version_of_either_measure(manager: Person, vp: Person) -> None:
    world = a_company()
    approved(manager, vp)
    sales = approved(manager, vp, measure=QuotaMeasure.SALES)
    new_version(actor=manager, plan=sales, from_month=dt.date(2026, 12, 1))

    with pytest.raises(Refused, match="Approve or delete it first"):
        followed(world, manager, vp)

    assert not QuotaPlan.objects.filter(state=QuotaState.SUPERSEDED).exists()


@pytest.mark.parametrize(
    ("day", "measures"),
    [
        (dt.date(2025, 12, 31), []),
        (dt.date(2026, 1, 1), ["bookings", "sales"]),
        (dt.date(2026, 12, 31), ["bookings", "sales"]),
        (dt.date(2027, 1, 1), []),
    ],
)
def test_the_plans_of_a_day_are_those_of_its_year(
    manager: Person, vp: Person, day: dt.date, measures: list[str]
) -> None:
    a_company()
    approved(manager, vp, measure=QuotaMeasure.SALES)
    approved(manager, vp)

    assert [plan.measure for plan in plans_on(day)] == measures


def test_without_a_plan_nothing_follows(manager: Person, vp: Person) -> None:
    world = a_company()
    asked = {"moves": beta_to_south(world), "day": DAY, "submitted_by": manager, "reason": "x"}
    assert follow_assignments(approved_by=vp, **asked) == []


def test_only_who_may_approve_realignments_lets_quotas_follow(
    manager: Person, vp: Person, analyst: Person
) -> None:
    world = a_company()
    approved(manager, vp)
    with pytest.raises(Denied, match="may not approve realignments"):
        follow_assignments(
            moves=beta_to_south(world), day=DAY, submitted_by=manager, approved_by=analyst, reason="x"
        )
