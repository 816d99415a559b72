"""The consensus itself: work it out again, freeze it as the demand that supply plans for."""

from django.db import connection, transaction

from core.access import require
from core.events import record
from core.models import Person
from planning.models import (
    ConsensusCell,
    ConsensusTotal,
    Cycle,
    DemandTotal,
    DemandValue,
    DemandVersion,
    StageName,
)
from planning.pipeline.consensus import has_consensus, recompute
from planning.selectors import demand
from planning.services.data_stage import locked_in

CELLS, VALUES = ConsensusCell._meta.db_table, DemandValue._meta.db_table
TOTALS, FROZEN_TOTALS = ConsensusTotal._meta.db_table, DemandTotal._meta.db_table
CELL = "demand_unit_id, month, baseline, sales, marketing, finance, pipeline, events, quantity, price, cost"
TOTAL = "family_id, market_id, month, baseline, quantity, baseline_revenue, revenue, cost"
COPY_CELLS = f"""
    INSERT INTO {VALUES} (version_id, {CELL}) SELECT %s, {CELL} FROM {CELLS} WHERE cycle_id = %s
"""  # noqa: S608 - the names are ours
COPY_TOTALS = f"""
    INSERT INTO {FROZEN_TOTALS} (version_id, {TOTAL}) SELECT %s, {TOTAL} FROM {TOTALS} WHERE cycle_id = %s
"""  # noqa: S608 - the names are ours
# One line for each cell: demand unit, month and units to six places, in order.
DIGEST = f"""
    SELECT encode(sha256(convert_to(coalesce(string_agg(
               demand_unit_id || ',' || month || ',' || round(quantity::numeric, 6), E'\\n'
               ORDER BY demand_unit_id, month), ''), 'UTF8')), 'hex'),
           coalesce(sum(quantity), 0), coalesce(sum(quantity * price), 0)
    FROM {CELLS} WHERE cycle_id = %s
"""  # noqa: S608 - the names are ours


@transaction.atomic
def recompute_demand(*, actor: Person | None, cycle: Cycle) -> int:
    """Work every cell of the consensus out again: after prices, costs or the catalog changed.

    Gives how many cells. Raises Refused outside demand planning or without a finished forecast.
    """
    require(actor, "demand.freeze")
    fresh = locked_in(cycle, StageName.DEMAND)
    cells = recompute(fresh)
    record(actor=actor, verb="consensus computed", subject=fresh, after={"cells": cells})
    return cells


@transaction.atomic
def freeze_demand(*, actor: Person | None, cycle: Cycle) -> DemandVersion:
    """Freeze the consensus as the next version; it never changes.

    The same content made from the same inputs gives the version that is already there. Raises Refused
    outside demand planning or without a finished forecast.
    """
    require(actor, "demand.freeze")
    fresh = locked_in(cycle, StageName.DEMAND)
    if not has_consensus(fresh):
        recompute(fresh)
    made_from, last = demand.made_from(fresh), demand.version_of(fresh)
    digest, units, revenue = _digest(fresh)
    if last is not None and last.fingerprint == digest and last.made_from == made_from:
        return last
    version = DemandVersion.objects.create(
        cycle=fresh,
        number=last.number + 1 if last else 1,
        fingerprint=digest,
        made_from=made_from,
        units=units,
        revenue=revenue,
        frozen_by=actor,
    )
    with connection.cursor() as cursor:
        cursor.execute(COPY_CELLS, [version.pk, fresh.pk])
        cursor.execute(COPY_TOTALS, [version.pk, fresh.pk])
    after = {"version": version.number, "units": units, "fingerprint": digest}
    record(actor=actor, verb="consensus frozen", subject=version, after=after)
    return version


def _digest(cycle: Cycle) -> tuple[str, float, float]:
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, [cycle.pk])
        digest, units, revenue = cursor.fetchone()
    return digest, units, round(revenue, 4)
