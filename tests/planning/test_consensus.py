"""The consensus of a cycle: what baseline, inputs, events and weights make of it, and its totals."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Currency, DemandUnit, MonthRate, Price
from core.errors import Refused
from core.models import Person
from planning.models import ConsensusCell, ConsensusTotal, Cycle, DemandTotal, DemandValue
from planning.pipeline.consensus import recompute
from planning.services.consensus import freeze_demand, recompute_demand
from planning.services.data import compute_accuracy, freeze_data, pin_forecast
from planning.services.demand import write_input
from planning.services.demand_events import add_event
from planning.services.moves import make_move
from tests.gathering.world import FOREVER
from tests.planning.conftest import FIRST, Company
from tests.planning.demand_world import demand_cycle, forecast_of

__all__ = ["demand_cycle"]
pytestmark = pytest.mark.django_db


def cell(cycle: Cycle, unit: DemandUnit, month: dt.date = FIRST) -> ConsensusCell:
    return ConsensusCell.objects.get(cycle=cycle, demand_unit=unit, month=month)


def test_without_any_input_the_consensus_is_the_baseline(demand_cycle: Cycle, firm: Company) -> None:
    cells = list(ConsensusCell.objects.filter(cycle=demand_cycle))
    assert len(cells) == 3 * 18
    assert all(one.sales is None for one in cells)
    assert [one.quantity for one in cells] == pytest.approx([one.baseline for one in cells])
    assert cell(demand_cycle, firm.units[0]).price == 100
    assert cell(demand_cycle, firm.units[0]).cost == 60


def test_a_stream_counts_by_its_weight_against_the_baseline(
    demand_cycle: Cycle, firm: Company, analyst: Person
) -> None:
    unit = firm.units[0]
    before = cell(demand_cycle, unit)
    write_input(
        actor=analyst, cycle=demand_cycle, stream="sales", month=FIRST, kind="replace", value=500,
        product=unit.product, market=unit.market, reason_code="promotion", note="Fair in January",
    )  # fmt: skip
    after = cell(demand_cycle, unit)
    assert after.sales == 500
    assert after.quantity == pytest.approx((before.baseline * 40 + 500 * 25) / 65)


def test_an_input_for_everything_adds_up_to_what_was_said(demand_cycle: Cycle, analyst: Person) -> None:
    write_input(
        actor=analyst, cycle=demand_cycle, stream="finance", month=FIRST, kind="replace",
        value=Decimal("1000.0001"), reason_code="market", note="Budget round",
    )  # fmt: skip
    said = ConsensusCell.objects.filter(cycle=demand_cycle, month=FIRST).values_list("finance", flat=True)
    assert sum(Decimal(str(value)) for value in said) == Decimal("1000.0001")


def test_an_event_is_added_in_each_month_that_it_touches(
    demand_cycle: Cycle, firm: Company, analyst: Person
) -> None:
    unit = firm.units[2]
    add_event(
        actor=analyst, cycle=demand_cycle, kind="promotion", title="Winter sale", product=unit.product,
        first=dt.date(2026, 1, 20), last=dt.date(2026, 2, 10), units_a_month=50,
    )  # fmt: skip
    assert [cell(demand_cycle, unit, dt.date(2026, m, 1)).events for m in (1, 2, 3)] == [50, 50, 0]
    first = cell(demand_cycle, unit)
    assert first.quantity == pytest.approx(first.baseline + 50)


def test_an_event_takes_off_no_more_than_there_is(
    demand_cycle: Cycle, firm: Company, analyst: Person
) -> None:
    unit = firm.units[2]
    add_event(
        actor=analyst, cycle=demand_cycle, kind="phase_out", title="Out", product=unit.product,
        first=FIRST, last=dt.date(2027, 6, 30), units_a_month=-10_000,
    )  # fmt: skip
    assert cell(demand_cycle, unit).quantity == 0


def test_totals_are_the_sums_of_the_cells(demand_cycle: Cycle, analyst: Person) -> None:
    write_input(
        actor=analyst, cycle=demand_cycle, stream="sales", month=FIRST, kind="percent", value=30,
        reason_code="market", note="Strong season",
    )  # fmt: skip
    cells = ConsensusCell.objects.filter(cycle=demand_cycle)
    totals = ConsensusTotal.objects.filter(cycle=demand_cycle)
    assert sum(t.quantity for t in totals) == pytest.approx(sum(c.quantity for c in cells))
    assert sum(t.revenue for t in totals) == pytest.approx(sum(c.quantity * c.price for c in cells))
    assert sum(t.baseline_revenue for t in totals) == pytest.approx(sum(c.baseline * c.price for c in cells))
    assert sum(t.cost for t in totals) == pytest.approx(sum(c.quantity * c.cost for c in cells))


def test_a_price_of_the_market_above_in_another_currency_is_exchanged_at_the_latest_rate(
    demand_cycle: Cycle, firm: Company, analyst: Person
) -> None:
    world = firm.world
    dollar = Currency.objects.create(code="USD", name="Dollar")
    for month, rate in ((dt.date(2025, 12, 1), "0.8"), (dt.date(2026, 3, 1), "0.9")):
        MonthRate.objects.create(currency=dollar, month=month, rate=Decimal(rate))
    Price.objects.create(product=world.ridge, market=world.alps, currency=dollar, amount=200, valid=FOREVER)
    recompute_demand(actor=analyst, cycle=demand_cycle)
    prices = [cell(demand_cycle, firm.units[0], dt.date(2026, m, 1)).price for m in (1, 3, 12)]
    assert prices == pytest.approx([160, 180, 180])
    assert cell(demand_cycle, firm.units[1]).price == 100  # North lies outside the Alps


def test_a_currency_without_any_rate_is_refused(demand_cycle: Cycle, firm: Company, analyst: Person) -> None:
    pound = Currency.objects.create(code="GBP", name="Pound")
    Price.objects.create(
        product=firm.world.slope, market=firm.world.north, currency=pound, amount=1, valid=FOREVER
    )
    with pytest.raises(Refused, match="GBP has no month rate"):
        recompute_demand(actor=analyst, cycle=demand_cycle)


def test_without_a_price_the_sales_of_the_last_year_say_it(
    demand_cycle: Cycle, firm: Company, analyst: Person
) -> None:
    Price.objects.all().delete()
    recompute_demand(actor=analyst, cycle=demand_cycle)
    assert cell(demand_cycle, firm.units[0]).price == pytest.approx(100)


def test_without_a_finished_forecast_there_is_no_consensus(cycle: Cycle) -> None:
    with pytest.raises(Refused, match="no finished forecast"):
        recompute(cycle)


def test_a_frozen_consensus_holds_every_cell_and_total(demand_cycle: Cycle, manager: Person) -> None:
    version = freeze_demand(actor=manager, cycle=demand_cycle)
    cells = ConsensusCell.objects.filter(cycle=demand_cycle)
    assert DemandValue.objects.filter(version=version).count() == cells.count()
    assert version.number == 1
    assert version.units == pytest.approx(sum(c.quantity for c in cells))
    frozen = DemandTotal.objects.filter(version=version)
    assert sum(t.revenue for t in frozen) == pytest.approx(float(version.revenue), rel=1e-6)


def test_freezing_the_same_again_gives_the_same_version(demand_cycle: Cycle, manager: Person) -> None:
    first = freeze_demand(actor=manager, cycle=demand_cycle)
    assert freeze_demand(actor=manager, cycle=demand_cycle) == first


def test_freezing_after_an_input_gives_the_next_version(demand_cycle: Cycle, manager: Person) -> None:
    first = freeze_demand(actor=manager, cycle=demand_cycle)
    write_input(actor=manager, cycle=demand_cycle, stream="sales", month=FIRST, kind="add", value=10, note="")
    second = freeze_demand(actor=manager, cycle=demand_cycle)
    assert (second.number, second.fingerprint == first.fingerprint) == (2, False)


def test_signing_the_data_off_works_the_consensus_out(cycle: Cycle, manager: Person) -> None:
    freeze_data(actor=manager, cycle=cycle)
    pin_forecast(actor=manager, cycle=cycle, run=forecast_of(cycle))
    compute_accuracy(actor=manager, cycle=cycle)
    ConsensusCell.objects.filter(cycle=cycle).delete()  # as if the run had been done after it was pinned
    cycle.stages.get(name="data").checklist.update(done=timezone.now(), done_by=manager)
    assert make_move(actor=manager, cycle=cycle, name="sign-data").stage == "demand"
    assert ConsensusCell.objects.filter(cycle=cycle).count() == 54
