"""Working out what a change touches gives the same consensus as working everything out again."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from catalog.models import DemandUnit
from core.models import Person
from planning.models import ConsensusCell, ConsensusTotal, Cycle
from planning.pipeline.consensus import recompute
from planning.services.demand import withdraw_input, write_input
from planning.services.demand_events import add_event, change_event
from planning.services.streams import weigh_stream
from tests.planning.conftest import FIRST, Company
from tests.planning.demand_world import to_demand

pytestmark = pytest.mark.django_db

VALUES = ("baseline", "sales", "marketing", "finance", "pipeline", "events", "quantity", "price", "cost")
SUMS = ("baseline", "quantity", "baseline_revenue", "revenue", "cost")
MONTHS = (FIRST, dt.date(2026, 2, 1))
PLACES = some.fixed_dictionaries(
    {
        "what": some.sampled_from(["", "skis", "touring", "ridge", "slope"]),
        "market": some.sampled_from(["", "alps", "tyrol", "north"]),
    }
)
NUMBERS = some.decimals(0, 900, places=2)
STREAMS = some.sampled_from(["sales", "sales", "sales", "finance"])
SAYING = some.tuples(
    some.just("say"), PLACES, STREAMS, some.sampled_from((FIRST, *MONTHS)),
    some.sampled_from(["replace", "add", "percent"]), NUMBERS,
)  # fmt: skip
TAKING_BACK = some.tuples(some.just("withdraw"), some.integers(0, 20))
EVENT = some.tuples(some.just("event"), PLACES, some.integers(-300, 300), some.integers(0, 40))
MOVING = some.tuples(
    some.just("move event"), some.integers(0, 20), some.integers(-300, 300), some.integers(0, 80)
)
WEIGHING = some.tuples(some.just("weigh"), some.sampled_from(["sales", "statistical"]), some.integers(0, 100))
STEPS = some.lists(
    some.one_of(SAYING, SAYING, SAYING, TAKING_BACK, EVENT, MOVING, WEIGHING), min_size=3, max_size=8
)


@pytest.fixture
def player(
    cycle: Cycle, firm: Company, analyst: Person, manager: Person, at_stage: Callable[[Cycle, str], Cycle]
) -> "Player":
    """More demand units than the small company has, so that levels overlap in every way."""
    world = firm.world
    for product, market in ((world.slope, world.tyrol), (world.slope, world.alps), (world.ridge, world.alps)):
        world.unit(product, market)
    return Player(to_demand(cycle, manager, at_stage), firm, analyst)


class Player:
    """Plays random steps through the services."""

    def __init__(self, cycle: Cycle, firm: Company, analyst: Person) -> None:
        self.cycle, self.world, self.analyst = cycle, firm.world, analyst

    def play(self, step: tuple[Any, ...]) -> None:
        name, *rest = step
        getattr(self, f"_{name.replace(' ', '_')}")(*rest)

    def _say(self, place: dict[str, str], stream: str, month: dt.date, kind: str, value: Decimal) -> None:
        level = self._level(place)
        if not self._covers(level):
            return
        there = self.cycle.inputs.filter(stream=stream, month=month, **level).first()
        write_input(
            actor=self.analyst, cycle=self.cycle, stream=stream, month=month, kind=kind, value=value,
            revision=there.revision if there else None, **level,
        )  # fmt: skip

    def _withdraw(self, place: int) -> None:
        said = list(self.cycle.inputs.filter(is_withdrawn=False).order_by("pk"))
        if said:
            row = said[place % len(said)]
            withdraw_input(actor=self.analyst, row=row, revision=row.revision)

    def _event(self, place: dict[str, str], units: int, day: int) -> None:
        level = self._level({**place, "what": "ridge" if place["what"] in ("", "touring") else "slope"})
        first = FIRST + dt.timedelta(days=day)
        add_event(
            actor=self.analyst, cycle=self.cycle, kind="promotion", title="Fair", units_a_month=units,
            product=level["product"], market=level["market"], first=first, last=first + dt.timedelta(days=20),
        )  # fmt: skip

    def _move_event(self, place: int, units: int, day: int) -> None:
        events = list(self.cycle.demand_events.order_by("pk"))
        if events:
            event, first = events[place % len(events)], FIRST + dt.timedelta(days=day)
            changes = {"units_a_month": units, "first": first, "last": first + dt.timedelta(days=9)}
            change_event(actor=self.analyst, event=event, revision=event.revision, changes=changes)

    def _weigh(self, name: str, percent: int) -> None:
        stream = self.cycle.streams.get(name=name)
        weight = Decimal(percent) / 100
        weigh_stream(actor=self.analyst, stream=stream, revision=stream.revision, weight=weight)

    def _level(self, place: dict[str, str]) -> dict[str, Any]:
        what, world = place["what"], self.world
        return {
            "family": getattr(world, what) if what in ("skis", "touring") else None,
            "product": getattr(world, what) if what in ("ridge", "slope") else None,
            "market": getattr(world, place["market"]) if place["market"] else None,
        }

    def _covers(self, level: dict[str, Any]) -> bool:
        """Whether any planned demand unit lies there: an input for nothing is refused."""
        units = DemandUnit.objects.filter(consensus__cycle=self.cycle)
        if level["product"]:
            units = units.filter(product=level["product"])
        if level["family"] == self.world.touring:
            units = units.filter(product__family=self.world.touring)
        below = {self.world.alps: [self.world.alps, self.world.tyrol]}
        if level["market"]:
            units = units.filter(market__in=below.get(level["market"], [level["market"]]))
        return units.exists()


class _Undo(Exception):
    """Ends an example without keeping what it wrote."""


def _undone(work: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            work()
            raise _Undo
    except _Undo:
        return


# All of North first, then Ridge everywhere: what North says of Slope depends on what Ridge is told.
CROSSING = [
    ("say", {"what": "", "market": "north"}, "sales", FIRST, "replace", Decimal(500)),
    ("say", {"what": "ridge", "market": ""}, "sales", FIRST, "replace", Decimal(900)),
]
# Everything first, then more of one demand unit: it builds on its share of everything.
NARROWING = [
    ("say", {"what": "", "market": ""}, "sales", FIRST, "replace", Decimal(900)),
    ("say", {"what": "slope", "market": "north"}, "sales", FIRST, "add", Decimal(50)),
]


@example(steps=NARROWING)
@example(steps=CROSSING)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_changes_touch_is_the_whole_difference(player: Player, steps: list[Any]) -> None:
    def work() -> None:
        for step in steps:
            player.play(step)
        step_by_step = cells(player.cycle), totals(player.cycle)
        recompute(player.cycle)
        at_once = cells(player.cycle), totals(player.cycle)
        assert step_by_step[0] == at_once[0]  # exactly, cell by cell
        assert step_by_step[1].keys() == at_once[1].keys()
        for key, sums in at_once[1].items():  # a sum's last digit depends on the order of adding
            assert step_by_step[1][key] == pytest.approx(sums, rel=1e-9, abs=1e-9)

    _undone(work)


def cells(cycle: Cycle) -> dict[Any, Any]:
    rows = ConsensusCell.objects.filter(cycle=cycle).values_list("demand_unit", "month", *VALUES)
    return {row[:2]: row[2:] for row in rows}


def totals(cycle: Cycle) -> dict[Any, Any]:
    rows = ConsensusTotal.objects.filter(cycle=cycle).values_list("family", "market", "month", *SUMS)
    return {row[:3]: row[3:] for row in rows}
