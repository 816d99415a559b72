"""What keeps supply planning from being signed, each reason with where it is mended."""

import datetime as dt

import pytest
from django.utils import timezone

from core.errors import Refused
from core.models import Person
from gathering.models import Capacity, SourceMonth, StockLevel
from planning.models import ChecklistItem
from planning.selectors.supply import gaps_of
from planning.services.supply import record_action
from planning.workflow import perform
from planning.workflow.supply import (
    gaps_have_actions,
    stock_and_capacity_current,
    supply_fresh,
    supply_solved,
)
from tests.planning.supply_world import SupplyWorld


def test_stock_of_the_month_before_is_current(supply: SupplyWorld) -> None:
    assert stock_and_capacity_current(supply.cycle) == []


def test_a_site_that_was_not_counted_in_the_month_before_is_named(supply: SupplyWorld) -> None:
    StockLevel.objects.update(day=dt.date(2025, 11, 30))
    reasons = stock_and_capacity_current(supply.cycle)
    assert [reason.code for reason in reasons] == ["stock_missing"]
    assert "Innsbruck" in reasons[0].text


def test_a_site_that_keeps_nothing_any_more_is_not_missed(supply: SupplyWorld) -> None:
    StockLevel.objects.update(day=dt.date(2025, 6, 30))
    assert stock_and_capacity_current(supply.cycle) == []


def test_a_waived_stock_source_settles_it(supply: SupplyWorld, coordinator: Person) -> None:
    StockLevel.objects.update(day=dt.date(2025, 11, 30))
    source = supply.firm.world.source(coordinator, code="stock", name="Stock", dataset="stock")
    row = SourceMonth.objects.create(source=source, month=supply.cycle.month, due=supply.cycle.month)
    settled = {"settled_by": coordinator, "settled_at": timezone.now(), "reason": "The count is late."}
    SourceMonth.objects.filter(pk=row.pk).update(state="waived", **settled)

    assert stock_and_capacity_current(supply.cycle) == []


def test_a_resource_without_capacity_in_the_first_month_is_named(supply: SupplyWorld) -> None:
    Capacity.objects.filter(month=supply.cycle.month).delete()
    reasons = stock_and_capacity_current(supply.cycle)
    assert [reason.code for reason in reasons] == ["capacity_missing"]
    assert "Press line" in reasons[0].text


def test_a_plan_that_is_missing_or_out_of_date_is_named(supply: SupplyWorld) -> None:
    assert supply_solved(supply.cycle)[0].code == "not_solved"
    supply.solve()
    assert supply_solved(supply.cycle) == supply_fresh(supply.cycle) == []

    supply.freeze(310)

    for guard in (supply_solved, supply_fresh):
        assert guard(supply.cycle)[0].code == "stale"
        assert "the demand was frozen again" in guard(supply.cycle)[0].text


def test_every_gap_needs_an_action(supply: SupplyWorld, analyst: Person) -> None:
    supply.freeze(500)
    supply.solve()
    found = gaps_of(supply.cycle)
    assert found
    assert len(gaps_have_actions(supply.cycle)) == len(found)

    for gap in found:
        record_action(
            actor=analyst, cycle=supply.cycle, gap=gap.key, action="accept", note="So be it.",
            owner=analyst, due=dt.date(2026, 1, 20),
        )  # fmt: skip

    assert gaps_have_actions(supply.cycle) == []


def test_many_gaps_are_told_in_few_reasons(supply: SupplyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    StockLevel.objects.filter(product=supply.firm.world.slope).update(quantity=4000)
    supply.freeze(500)
    supply.solve()
    monkeypatch.setattr("planning.workflow.supply.MOST_NAMED", 1)
    reasons = gaps_have_actions(supply.cycle)
    assert len(reasons) == 2
    assert "more gaps have no action" in reasons[1].text


def test_supply_is_signed_once_everything_is_done(supply: SupplyWorld, manager: Person) -> None:
    with pytest.raises(Refused) as refusal:
        perform(cycle=supply.cycle, name="sign-supply", actor=manager)
    assert {"not_solved", "checklist_open"} <= {reason.code for reason in refusal.value.reasons}

    supply.freeze(250)
    supply.solve()
    ChecklistItem.objects.filter(stage__cycle=supply.cycle).update(done=timezone.now(), done_by=manager)
    assert gaps_of(supply.cycle) == []

    assert perform(cycle=supply.cycle, name="sign-supply", actor=manager).stage == "reconciliation"
