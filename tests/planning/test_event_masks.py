"""Events that planners date mask their months in the forecasts' history, until they are called off."""

import datetime as dt

import pytest

from core.models import Person
from forecasting.models import MaskedPeriod
from planning.models import Cycle, DemandEvent
from planning.services.demand_events import add_event, change_event, drop_event
from planning.services.moves import make_move
from tests.gathering.world import World
from tests.planning.demand_world import demand_cycle

__all__ = ["demand_cycle"]


@pytest.fixture
def fair(demand_cycle: Cycle, world: World, manager: Person) -> DemandEvent:
    return add_event(
        actor=manager,
        cycle=demand_cycle,
        kind="promotion",
        title="Spring fair",
        product=world.ridge,
        market=world.alps,
        first=dt.date(2026, 3, 9),
        last=dt.date(2026, 4, 2),
        units_a_month=40,
    )


def masked() -> list[tuple[str, dt.date, dt.date]]:
    rows = MaskedPeriod.objects.filter(is_over=False)
    return list(rows.values_list("title", "first_month", "last_month"))


def test_a_promotion_masks_the_months_it_touches(fair: DemandEvent) -> None:
    row = MaskedPeriod.objects.get()

    assert masked() == [("Spring fair", dt.date(2026, 3, 1), dt.date(2026, 4, 1))]
    assert (row.product, row.market) == (fair.product, fair.market)


def test_another_day_moves_the_mask_and_no_units_end_it(fair: DemandEvent, manager: Person) -> None:
    moved = change_event(actor=manager, event=fair, revision=1, changes={"last": dt.date(2026, 3, 31)})
    assert masked() == [("Spring fair", dt.date(2026, 3, 1), dt.date(2026, 3, 1))]

    drop_event(actor=manager, event=moved, revision=moved.revision)
    assert masked() == []


def test_a_launch_masks_nothing(fair: DemandEvent, manager: Person) -> None:
    change_event(actor=manager, event=fair, revision=1, changes={"kind": "launch"})

    assert masked() == []


def test_the_events_of_a_cycle_that_is_given_up_mask_nothing(fair: DemandEvent, manager: Person) -> None:
    make_move(actor=manager, cycle=fair.cycle, name="abandon", reason="Begun by mistake")

    assert masked() == []
