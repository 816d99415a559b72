"""Every guard of stage 2, and what makes the consensus stale."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Product
from core.models import Person
from planning.models import Cycle, Stream
from planning.selectors.artefacts import colour_of
from planning.services.consensus import freeze_demand
from planning.services.demand import withdraw_input, write_input
from planning.services.demand_events import add_event, change_event
from planning.services.reviews import review_family
from planning.services.streams import submit_stream, waive_stream, weigh_stream
from planning.workflow import GUARDS
from tests.planning.conftest import FIRST, Company
from tests.planning.demand_world import demand_cycle

__all__ = ["demand_cycle"]
pytestmark = pytest.mark.django_db


def codes(cycle: Cycle, guard: str) -> list[str]:
    return [reason.code for reason in GUARDS[guard](Cycle.objects.get(pk=cycle.pk))]


def test_the_forecast_must_still_be_of_the_frozen_data(demand_cycle: Cycle, firm: Company) -> None:
    assert codes(demand_cycle, "forecast_fresh") == []
    firm.world.new_run("stock")  # only supply reads it
    assert codes(demand_cycle, "forecast_fresh") == []
    firm.world.new_run("sales")
    assert codes(demand_cycle, "forecast_fresh") == ["freeze_stale"]


def test_a_cycle_without_a_freeze_is_not_fresh(cycle: Cycle, at_stage: Callable[[Cycle, str], Cycle]) -> None:
    assert codes(at_stage(cycle, "demand"), "forecast_fresh") == ["not_frozen"]


def test_every_speaking_stream_must_be_settled(demand_cycle: Cycle, manager: Person) -> None:
    assert codes(demand_cycle, "streams_settled") == ["stream_open"] * 4
    submit_stream(actor=manager, cycle=demand_cycle, stream="sales")
    for stream in ("marketing", "finance", "pipeline"):
        waive_stream(actor=manager, cycle=demand_cycle, stream=stream, reason="Nothing new")
    assert codes(demand_cycle, "streams_settled") == []


def test_every_planned_family_must_be_reviewed(demand_cycle: Cycle, firm: Company, analyst: Person) -> None:
    assert codes(demand_cycle, "families_reviewed") == ["family_open"] * 2
    said: dict[str, Any] = {"actor": analyst, "cycle": demand_cycle}
    review_family(**said, family=firm.world.skis, state="reviewed")
    review_family(**said, family=firm.world.touring, state="attention", note="Too high")
    assert codes(demand_cycle, "families_reviewed") == ["family_open"]
    review_family(**said, family=firm.world.touring, state="reviewed")
    assert codes(demand_cycle, "families_reviewed") == []


def test_a_large_change_needs_a_reason_and_a_note(demand_cycle: Cycle, analyst: Person) -> None:
    said: dict[str, Any] = {"actor": analyst, "cycle": demand_cycle, "stream": "sales"}
    said |= {"month": FIRST, "kind": "percent"}
    row = write_input(**said, value=9)
    assert codes(demand_cycle, "inputs_have_reasons") == []
    row = write_input(**said, value=-10, revision=row.revision)
    (reason,) = GUARDS["inputs_have_reasons"](demand_cycle)
    assert "-10 %" in reason.text
    assert reason.url == f"/cycles/{demand_cycle.pk}/demand/inputs/{row.pk}/"
    row = write_input(**said, value=-10, reason_code="market", revision=row.revision)
    assert codes(demand_cycle, "inputs_have_reasons") == ["input_without_reason"]  # the note is missing
    row = write_input(**said, value=-10, reason_code="market", note="Shrinking", revision=row.revision)
    assert codes(demand_cycle, "inputs_have_reasons") == []


def test_a_withdrawn_change_needs_no_reason(demand_cycle: Cycle, analyst: Person) -> None:
    row = write_input(
        actor=analyst, cycle=demand_cycle, stream="sales", month=FIRST, kind="percent", value=80
    )
    withdraw_input(actor=analyst, row=row, revision=row.revision)
    assert codes(demand_cycle, "inputs_have_reasons") == []


@pytest.mark.parametrize(("life", "day"), [("launch", "launched_on"), ("phase_out", "discontinued_on")])
def test_a_product_that_comes_or_goes_has_a_date(
    demand_cycle: Cycle, firm: Company, analyst: Person, life: str, day: str
) -> None:
    slope = Product.objects.filter(pk=firm.world.slope.pk)
    slope.update(life_cycle=life)
    (reason,) = GUARDS["events_dated"](demand_cycle)
    assert reason.code == "event_missing"
    assert reason.url.endswith(f"/demand/events/add/?product=SLOPE&kind={life}")
    slope.update(**{day: FIRST})
    assert codes(demand_cycle, "events_dated") == []
    slope.update(**{day: None})
    add_event(
        actor=analyst, cycle=demand_cycle, kind=life, title="Dated", product=firm.world.slope,
        first=FIRST, last=FIRST, units_a_month=5,
    )  # fmt: skip
    assert codes(demand_cycle, "events_dated") == []


@pytest.mark.parametrize("day", [dt.date(2025, 12, 31), dt.date(2027, 7, 1)])
def test_an_event_outside_the_horizon_says_why(
    demand_cycle: Cycle, firm: Company, analyst: Person, day: dt.date
) -> None:
    event = add_event(
        actor=analyst, cycle=demand_cycle, kind="promotion", title="Far", product=firm.world.slope,
        first=day, last=day, units_a_month=5,
    )  # fmt: skip
    assert codes(demand_cycle, "events_dated") == ["event_outside"]
    change_event(actor=analyst, event=event, revision=1, changes={"note": "For the record"})
    assert codes(demand_cycle, "events_dated") == []


@pytest.mark.parametrize("day", [dt.date(2026, 1, 1), dt.date(2027, 6, 30)])
def test_the_first_and_the_last_day_of_the_horizon_lie_inside(
    demand_cycle: Cycle, firm: Company, analyst: Person, day: dt.date
) -> None:
    add_event(
        actor=analyst, cycle=demand_cycle, kind="promotion", title="Edge", product=firm.world.slope,
        first=day, last=day, units_a_month=5,
    )  # fmt: skip
    assert codes(demand_cycle, "events_dated") == []


def test_the_consensus_must_be_frozen(demand_cycle: Cycle, manager: Person) -> None:
    assert codes(demand_cycle, "demand_frozen") == ["not_frozen"]
    assert colour_of(demand_cycle, "demand").colour == "red"
    freeze_demand(actor=manager, cycle=demand_cycle)
    assert codes(demand_cycle, "demand_frozen") == []
    assert colour_of(demand_cycle, "demand").colour == "green"


def _says(cycle: Cycle, firm: Company, manager: Person) -> None:
    write_input(actor=manager, cycle=cycle, stream="sales", month=FIRST, kind="add", value=1)


def _dates(cycle: Cycle, firm: Company, manager: Person) -> None:
    add_event(
        actor=manager, cycle=cycle, kind="promotion", title="Fair", product=firm.world.slope, first=FIRST,
        last=FIRST, units_a_month=5,
    )  # fmt: skip


def _submits(cycle: Cycle, firm: Company, manager: Person) -> None:
    submit_stream(actor=manager, cycle=cycle, stream="sales")


def _weighs(cycle: Cycle, firm: Company, manager: Person) -> None:
    stream = Stream.objects.get(cycle=cycle, name="sales")
    weigh_stream(actor=manager, stream=stream, revision=stream.revision, weight=Decimal("0.9"))


@pytest.mark.parametrize(
    ("change", "word"),
    [(_says, "inputs changed"), (_dates, "events changed"), (_submits, "streams"), (_weighs, "weights")],
)
def test_every_change_upstream_makes_the_frozen_consensus_stale(
    demand_cycle: Cycle, firm: Company, manager: Person, change: Callable, word: str
) -> None:
    freeze_demand(actor=manager, cycle=demand_cycle)
    change(demand_cycle, firm, manager)
    (reason,) = GUARDS["demand_frozen"](demand_cycle)
    assert word in reason.text
    assert colour_of(demand_cycle, "demand").colour == "yellow"
    freeze_demand(actor=manager, cycle=demand_cycle)
    assert codes(demand_cycle, "demand_frozen") == []
