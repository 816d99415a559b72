"""The released plan: complete, hashed, told, and never changed."""

import hashlib
import zlib

import pytest
from django.db import DatabaseError, connection, transaction

from core.errors import Refused
from core.models import Event, Notification, Person
from planning.models import (
    ApprovalRequest,
    Cycle,
    DemandVersion,
    Release,
    ReleasedTotal,
    ReleasedValue,
    SupplyValue,
)
from planning.pipeline.plan_rows import plan_rows
from planning.services.moves import make_move
from tests.planning.conftest import Company
from tests.planning.release import ready

VALUES = "baseline, consensus, supplied, price, cost"
TOTALS = "baseline, consensus, supplied, demand_revenue, revenue, cost"


def test_the_release_holds_every_demand_unit_and_month(release: Release) -> None:
    values = ReleasedValue.objects.filter(release=release)
    assert values.count() == 3 * 18
    totals = ReleasedTotal.objects.filter(release=release)
    assert sum(row.consensus for row in totals) == pytest.approx(3 * 18 * 100)
    assert sum(row.supplied for row in totals) == pytest.approx(3 * 18 * 100 - ready.SHORT)
    assert sum(row.revenue for row in totals) == pytest.approx((3 * 18 * 100 - ready.SHORT) * 100)


def test_what_is_short_is_shared_by_the_products_demand_units(release: Release, firm: Company) -> None:
    first = ReleasedValue.objects.filter(release=release, month=ready.months(1)[0])
    by_unit = {row.demand_unit_id: row.supplied for row in first}
    tyrol, north, slope = (unit.pk for unit in firm.units)
    assert by_unit == {tyrol: 85.0, north: 85.0, slope: 100.0}


def test_the_hash_is_the_sha_256_of_the_canonical_text(release: Release) -> None:
    text = zlib.decompress(bytes(release.content))
    assert hashlib.sha256(text).hexdigest() == release.content_hash


def test_everybody_concerned_is_told(release: Release, executives: list[Person], manager: Person) -> None:
    for person in [*executives, manager]:
        assert Notification.objects.filter(person=person, url=f"/releases/{release.pk}/").count() == 1
    assert Event.objects.filter(verb="plan released").count() == 1
    assert not ApprovalRequest.objects.filter(closed=None).exists()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE planning_releasedvalue SET supplied = supplied + 1",
        "DELETE FROM planning_releasedvalue",
        "UPDATE planning_releasedtotal SET revenue = 0",
        "DELETE FROM planning_releasedtotal",
        "UPDATE planning_release SET content_hash = repeat('0', 64)",
        "DELETE FROM planning_release",
        "UPDATE planning_approval SET verdict = 'reject', to_stage = 'data', text = 'no'",
        "DELETE FROM planning_approval",
        "UPDATE planning_demandvalue SET quantity = 0",
        "UPDATE planning_supplyvalue SET make = 0",
        "UPDATE planning_cycle SET month = month + interval '1 month'",
        "UPDATE planning_cycle SET stage = 'release'",
        "DELETE FROM planning_cycle",
        "UPDATE planning_stage SET signed = NULL, signed_by_id = NULL",
        f"INSERT INTO planning_releasedvalue (release_id, demand_unit_id, month, {VALUES})"
        " SELECT release_id, demand_unit_id + 1000, month, 1, 1, 1, 1, 1 FROM planning_releasedvalue",
        f"INSERT INTO planning_releasedtotal (release_id, family_id, market_id, month, {TOTALS})"
        " SELECT release_id, family_id + 9, market_id, month, 1, 1, 1, 1, 1, 1 FROM planning_releasedtotal",
    ],
)  # fmt: skip
def test_direct_sql_cannot_change_a_released_plan(release: Release, sql: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert ReleasedValue.objects.filter(release=release).count() == 3 * 18


def test_a_release_that_fails_half_way_leaves_nothing(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], vp: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ready.approved(ready_cycle, coordinator, executives)

    def fail(release: Release) -> int:
        raise RuntimeError("the machine went away")

    monkeypatch.setattr("planning.services.releases.queue_dispatches", fail)
    with pytest.raises(RuntimeError):
        make_move(actor=vp, cycle=ready_cycle, name="release")
    ready_cycle.refresh_from_db()
    assert ready_cycle.stage == "release"
    assert not Release.objects.exists()
    assert not ReleasedValue.objects.exists()
    assert not Event.objects.filter(verb__in=["plan released", "release the plan"]).exists()


def test_values_that_are_not_those_signed_are_not_released(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], vp: Person
) -> None:
    request = ready.approved(ready_cycle, coordinator, executives)
    request.asked["values"] = "0" * 64
    request.save()
    with pytest.raises(Refused, match="not those that were signed"):
        make_move(actor=vp, cycle=ready_cycle, name="release")
    assert not Release.objects.exists()


def test_backlog_is_supplied_in_the_month_that_delivers_it(firm: Company, cycle: Cycle) -> None:
    run = ready.solve(firm, ready.freeze(firm, cycle), short=0)
    first, second = ready.months(2)
    late = SupplyValue(
        run=run, product=firm.world.ridge, site=firm.world.site, month=first, demand=0, make=0, buy=0,
        stock=0, target=0, backlog=40, lost=0,
    )  # fmt: skip
    late.site_id = firm.world.site.pk + 1  # a second site owes 40 at the end of the first month
    late.save()
    supplied = {
        when: sum(row.supplied for row in plan_rows(run) if row.product == "RIDGE" and row.month == when)
        for when in (first, second)
    }
    assert supplied == {first: 160.0, second: 240.0}
    assert DemandVersion.objects.count() == 1
