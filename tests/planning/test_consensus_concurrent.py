"""Many people write at once: no cell is lost, and the consensus is that of all their numbers."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core.models import Person
from planning.models import ConsensusCell, Cycle, DemandInput
from planning.pipeline.consensus import recompute
from planning.services.demand import write_input
from tests.planning.conftest import FIRST, Company
from tests.planning.demand_world import demand_cycle

__all__ = ["demand_cycle"]


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_never_interleave(
    demand_cycle: Cycle, firm: Company, analyst: Person
) -> None:
    streams = ("sales", "marketing", "finance", "pipeline")
    work = [(stream, month) for stream in streams for month in (FIRST, dt.date(2026, 2, 1))]

    def write(task: tuple[str, dt.date]) -> None:
        stream, month = task
        try:
            write_input(
                actor=analyst, cycle=demand_cycle, stream=stream, month=month, kind="percent", value=20
            )
        finally:
            connection.close()

    _at_once(write, work)
    assert DemandInput.objects.count() == len(work)
    kept = _quantities(demand_cycle)
    recompute(demand_cycle)
    assert kept == _quantities(demand_cycle)


def _at_once(write: Callable[[tuple[str, dt.date]], None], work: list[tuple[str, dt.date]]) -> None:
    with ThreadPoolExecutor(len(work)) as pool:
        list(pool.map(write, work))


def _quantities(cycle: Cycle) -> dict[tuple[int, dt.date], float]:
    rows = ConsensusCell.objects.filter(cycle=cycle).values_list("demand_unit", "month", "quantity")
    return {(unit, month): quantity for unit, month, quantity in rows}
