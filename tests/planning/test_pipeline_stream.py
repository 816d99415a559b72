"""Open deals speak in stage 2: weighted by the chance to win, placed in the plan, traceable deal by deal."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Family, Product, Scope
from core.errors import Denied, Invalid, Refused
from core.models import Event, Person
from crm.models import Deal, DealLine, DealStage, Rep
from planning.engine import pipeline_stream as engine
from planning.engine.pipeline_stream import OpenDeal
from planning.models import ConsensusCell, Cycle, PipelineTake
from planning.services.demand import withdraw_input, write_input
from planning.services.pipeline_inputs import take_pipeline
from planning.services.streams import submit_stream
from tests.planning.conftest import Company
from tests.planning.deals_world import Open, open_deal
from tests.planning.demand_world import demand_cycle

__all__ = ["demand_cycle", "open_deal"]

MARCH = dt.date(2026, 3, 1)


def said(cycle: Cycle) -> list[tuple[Any, ...]]:
    rows = cycle.inputs.filter(stream="pipeline", is_withdrawn=False).order_by("month", "pk")
    return [
        (str(row.product or row.family), str(row.market or "everywhere"), row.month, row.value)
        for row in rows
    ]


def test_an_amount_becomes_units_by_the_price_and_the_chance(
    demand_cycle: Cycle, open_deal: Open, analyst: Person
) -> None:
    open_deal()  # 100 000 at 100 a piece are 1 000 pieces; at 40 % that is 400

    take = take_pipeline(actor=analyst, cycle=demand_cycle)

    assert said(demand_cycle) == [("Ridge 92 (RIDGE)", "Tyrol (TYR)", MARCH, Decimal(400))]
    assert (take.deals, take.units, take.amount, take.left_out) == (1, 400, 40_000, {})
    row = demand_cycle.inputs.get()
    assert (row.kind, row.reason_code, row.author, row.take) == ("add", "deals", analyst, take)
    assert row.note == "1 open deal, weighted by the chance to win."


def test_the_consensus_hears_them_on_top_of_the_baseline_or_instead_of_it(
    demand_cycle: Cycle, open_deal: Open, analyst: Person, firm: Company
) -> None:
    open_deal()
    cells = ConsensusCell.objects.filter(cycle=demand_cycle, month=MARCH, demand_unit=firm.world.ridge_tyrol)

    take_pipeline(actor=analyst, cycle=demand_cycle)
    on_top = cells.get()
    take_pipeline(actor=analyst, cycle=demand_cycle, kind="replace")
    instead = cells.get()

    assert on_top.pipeline == pytest.approx(on_top.baseline + 400)
    assert instead.pipeline == pytest.approx(400)
    assert instead.quantity > instead.baseline


def test_lines_speak_with_their_own_products_and_quantities(
    demand_cycle: Cycle, open_deal: Open, analyst: Person, firm: Company
) -> None:
    deal = open_deal(account=None, rep=Rep.objects.create(code="R", name="R", market=firm.world.north))
    DealLine.objects.create(deal=deal, position=1, product=firm.world.ridge, quantity=50, amount=10)
    DealLine.objects.create(deal=deal, position=2, product=firm.world.slope, quantity=30, amount=10)

    take_pipeline(actor=analyst, cycle=demand_cycle)

    assert {(what, where, value) for what, where, _, value in said(demand_cycle)} == {
        ("Ridge 92 (RIDGE)", "North (NOR)", Decimal(20)),
        ("Slope 70 (SLOPE)", "North (NOR)", Decimal(12)),
    }


def test_the_deals_own_chance_counts_before_that_of_its_stage(
    demand_cycle: Cycle, open_deal: Open, analyst: Person
) -> None:
    open_deal(probability=Decimal("0.9"))

    take_pipeline(actor=analyst, cycle=demand_cycle)

    assert said(demand_cycle)[0][3] == 900


def test_deals_of_one_cell_add_up(demand_cycle: Cycle, open_deal: Open, analyst: Person) -> None:
    open_deal()
    open_deal(amount=50_000)

    take = take_pipeline(actor=analyst, cycle=demand_cycle)

    assert said(demand_cycle)[0][3] == 600
    assert sorted(share.expected for share in take.shares.all()) == [200, 400]


def test_a_product_that_is_not_planned_there_speaks_for_its_family(
    demand_cycle: Cycle, open_deal: Open, analyst: Person, firm: Company
) -> None:
    new = Product.objects.create(code="NEW", name="New", family=firm.world.touring, unit=firm.world.piece)
    open_deal(product=new)

    take_pipeline(actor=analyst, cycle=demand_cycle)

    assert said(demand_cycle) == [("Touring skis (TOUR)", "Tyrol (TYR)", MARCH, Decimal(400))]


def test_a_close_date_that_has_passed_counts_in_the_first_month(
    demand_cycle: Cycle, open_deal: Open, analyst: Person
) -> None:
    open_deal(expected_close=dt.date(2025, 6, 1))

    take = take_pipeline(actor=analyst, cycle=demand_cycle)

    assert (said(demand_cycle)[0][2], take.overdue) == (dt.date(2026, 1, 1), 1)


def test_what_cannot_be_placed_is_counted_by_why(
    demand_cycle: Cycle, open_deal: Open, analyst: Person, firm: Company
) -> None:
    poles = Family.objects.create(code="POLES", name="Poles")
    stray = Product.objects.create(code="STRAY", name="Stray", family=poles, unit=firm.world.piece)
    open_deal()
    open_deal(product=None)
    open_deal(expected_close=None)
    open_deal(expected_close=dt.date(2029, 1, 1))
    open_deal(amount=None)
    open_deal(category="omitted")
    open_deal(product=stray)
    for kept_away in ({"stage": "WON"}, {"stage": "LOST"}, {"is_deleted": True}):
        open_deal(**kept_away)

    take = take_pipeline(actor=analyst, cycle=demand_cycle)

    assert take.deals == 1
    assert {reason: found["deals"] for reason, found in take.left_out.items()} == {
        engine.NO_PRODUCT: 1,
        engine.NO_DATE: 1,
        engine.BEYOND: 1,
        engine.NO_SIZE: 1,
        engine.OMITTED: 1,
        engine.NOT_PLANNED: 1,
    }
    assert take.left_out[engine.NO_PRODUCT]["amount"] == "40000.0000"


def test_the_same_deals_change_nothing(demand_cycle: Cycle, open_deal: Open, analyst: Person) -> None:
    open_deal()
    first = take_pipeline(actor=analyst, cycle=demand_cycle)

    again = take_pipeline(actor=analyst, cycle=demand_cycle)

    assert again == first
    assert demand_cycle.inputs.get().revision == 1
    assert Event.objects.filter(verb="open deals taken").count() == 1


def test_a_later_take_says_only_what_deals_say_then(
    demand_cycle: Cycle, open_deal: Open, analyst: Person
) -> None:
    moves, goes = open_deal(), open_deal(expected_close=dt.date(2026, 5, 5))
    take_pipeline(actor=analyst, cycle=demand_cycle)
    Deal.objects.filter(pk=moves.pk).update(expected_close=dt.date(2026, 4, 2))
    Deal.objects.filter(pk=goes.pk).update(stage=DealStage.objects.get(code="LOST"))

    take_pipeline(actor=analyst, cycle=demand_cycle)

    assert said(demand_cycle) == [("Ridge 92 (RIDGE)", "Tyrol (TYR)", dt.date(2026, 4, 1), Decimal(400))]
    cell = ConsensusCell.objects.get(
        cycle=demand_cycle, month=MARCH, demand_unit__product__code="RIDGE", demand_unit__market__code="TYR"
    )
    assert cell.pipeline is None


def test_when_all_deals_are_gone_the_stream_falls_silent(
    demand_cycle: Cycle, open_deal: Open, analyst: Person
) -> None:
    deal = open_deal()
    take_pipeline(actor=analyst, cycle=demand_cycle)
    Deal.objects.filter(pk=deal.pk).update(is_deleted=True)

    take = take_pipeline(actor=analyst, cycle=demand_cycle)

    assert (take.deals, said(demand_cycle)) == (0, [])


def test_a_persons_own_number_stays(
    demand_cycle: Cycle, open_deal: Open, analyst: Person, colleague: Person, firm: Company
) -> None:
    open_deal()
    take_pipeline(actor=analyst, cycle=demand_cycle)
    row = demand_cycle.inputs.get()
    place = {"product": row.product, "market": row.market, "month": row.month}
    own = write_input(
        actor=colleague, cycle=demand_cycle, stream="pipeline", kind="add", value=7, revision=1, **place
    )
    assert own.take is None
    open_deal(expected_close=dt.date(2026, 3, 2))

    take = take_pipeline(actor=analyst, cycle=demand_cycle)

    assert (take.kept, demand_cycle.inputs.get().value) == (1, 7)
    withdraw_input(actor=colleague, row=own, revision=own.revision)
    Deal.objects.update(probability=Decimal("0.5"))
    take_pipeline(actor=analyst, cycle=demand_cycle)
    assert demand_cycle.inputs.get().value == 1000


def test_only_the_open_stream_of_a_cycle_in_demand_planning_hears_deals(
    demand_cycle: Cycle, open_deal: Open, analyst: Person, manager: Person, at_stage: Callable[..., Cycle]
) -> None:
    open_deal()
    take_pipeline(actor=analyst, cycle=demand_cycle)
    submit_stream(actor=analyst, cycle=demand_cycle, stream="pipeline")
    with pytest.raises(Refused, match="is submitted"):
        take_pipeline(actor=analyst, cycle=demand_cycle)
    with pytest.raises(Refused, match="this belongs to demand planning"):
        take_pipeline(actor=analyst, cycle=at_stage(demand_cycle, "supply"))


def test_nothing_to_place_is_refused_with_a_sentence(demand_cycle: Cycle, analyst: Person) -> None:
    with pytest.raises(Refused, match="No open deal can be placed"):
        take_pipeline(actor=analyst, cycle=demand_cycle)
    with pytest.raises(Invalid, match="Choose “add” or “replace”"):
        take_pipeline(actor=analyst, cycle=demand_cycle, kind="percent")


def test_sellers_and_planners_of_a_part_do_not_take_the_deals_of_all(
    demand_cycle: Cycle,
    open_deal: Open,
    sales_manager: Person,
    executive: Person,
    analyst: Person,
    firm: Company,
) -> None:
    open_deal()
    with pytest.raises(Denied, match="You speak for sales"):
        take_pipeline(actor=sales_manager, cycle=demand_cycle)
    with pytest.raises(Denied, match="may not give demand inputs"):
        take_pipeline(actor=executive, cycle=demand_cycle)
    Scope.objects.create(person=analyst, market=firm.world.tyrol)
    with pytest.raises(Denied, match="you plan only some of them"):
        take_pipeline(actor=analyst, cycle=demand_cycle)


def test_a_take_never_changes(demand_cycle: Cycle, open_deal: Open, analyst: Person) -> None:
    open_deal()
    take = take_pipeline(actor=analyst, cycle=demand_cycle)

    for rows in (PipelineTake.objects.filter(pk=take.pk), take.shares.all()):
        with pytest.raises((InternalError, IntegrityError), match="Cannot update"), transaction.atomic():
            rows.update(amount=1)


DEALS = st.builds(
    OpenDeal,
    deal=st.integers(1, 5),
    product=st.sampled_from([1, 2, None]),
    family=st.just(9),
    market=st.sampled_from([1, None]),
    closes=st.dates(dt.date(2025, 1, 1), dt.date(2028, 1, 1)) | st.none(),
    probability=st.decimals(0, 1, places=4) | st.none(),
    quantity=st.decimals(0, 10_000, places=2) | st.none(),
    amount=st.decimals(0, 1_000_000, places=2) | st.none(),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(DEALS, max_size=12))
def test_cells_add_up_to_the_shares_in_any_order_and_every_deal_is_counted(deals: list[OpenDeal]) -> None:
    def run(found: list[OpenDeal]) -> engine.Taken:
        return engine.take(
            found,
            dt.date(2026, 1, 1),
            dt.date(2027, 6, 1),
            lambda deal: (deal.product, None),
            lambda *_: 10.0,
        )

    taken, shuffled = run(deals), run([*reversed(deals)])

    assert taken.fingerprint == shuffled.fingerprint
    assert sum(taken.cells.values()) == sum(share.expected for share in taken.shares)
    left = set().union(*(one.deals for one in taken.left_out.values())) if taken.left_out else set()
    assert taken.deals | left == {deal.deal for deal in deals}
    assert all(dt.date(2026, 1, 1) <= share.cell.month <= dt.date(2027, 6, 1) for share in taken.shares)
