"""The accounts of a scenario into their table, by COPY: thousands of rows in one statement."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db import connection

from territories.engine.account_table import NOBODY
from territories.engine.problem import Floats, Ints
from territories.engine.realignment import Proposal, km_of
from territories.models import Scenario, ScenarioSolve
from territories.selectors.scenario_inputs import Ground

STAGE = """
    CREATE TEMP TABLE proposed (
        account_id bigint, from_territory_id bigint, from_rep_id bigint, to_territory_id bigint,
        to_rep_id bigint, potential numeric, revenue numeric, workload float8, from_km float8, to_km float8
    ) ON COMMIT DROP"""
FILL = "COPY proposed FROM STDIN (FORMAT csv)"
# What a person locked or moved by hand stays where it is; only where it comes from may have changed.
UPSERT = """
    INSERT INTO territories_scenarioaccount AS old
        (scenario_id, account_id, from_territory_id, from_rep_id, to_territory_id, to_rep_id, locked,
         by_hand, solve_id, potential, revenue, workload, from_km, to_km, revision)
    SELECT %(scenario)s, account_id, from_territory_id, from_rep_id, to_territory_id, to_rep_id, false,
         false, %(solve)s, potential, revenue, workload, from_km, to_km, 1
    FROM proposed ORDER BY account_id
    ON CONFLICT (scenario_id, account_id) DO UPDATE SET
        from_territory_id = excluded.from_territory_id, from_rep_id = excluded.from_rep_id,
        to_territory_id = CASE WHEN old.locked THEN old.to_territory_id ELSE excluded.to_territory_id END,
        to_rep_id = CASE WHEN old.locked THEN old.to_rep_id ELSE excluded.to_rep_id END,
        by_hand = old.by_hand AND old.locked,
        solve_id = CASE WHEN old.locked THEN old.solve_id ELSE excluded.solve_id END,
        potential = excluded.potential, revenue = excluded.revenue, workload = excluded.workload,
        from_km = excluded.from_km,
        to_km = CASE WHEN old.locked THEN old.to_km ELSE excluded.to_km END,
        revision = old.revision + 1"""
GONE = """
    DELETE FROM territories_scenarioaccount WHERE scenario_id = %(scenario)s
        AND account_id NOT IN (SELECT account_id FROM proposed)"""


@dataclass(frozen=True)
class Targets:
    """Where each account goes, arrays (accounts,): primary keys or NOBODY; km to the new rep's base."""

    territory: Ints
    rep: Ints
    km: Floats


def as_they_are(ground: Ground) -> Targets:
    """Nothing moves."""
    return Targets(ground.table.territory, ground.table.rep, ground.table.km)


def targets_of(proposal: Proposal, owner: Ints) -> Targets:
    """Where a plan puts the accounts: with the rep they have they stay in their territory, with another they
    go to the main one. owner: (accounts,) places of the seats."""
    table, seats = proposal.table, proposal.seats
    rep = seats.reps[owner]
    stays = (rep == table.rep) & (table.territory != NOBODY)
    territory = np.where(stays, table.territory, seats.territory[owner])
    km = km_of(table, seats)[np.arange(len(owner)), owner]
    return Targets(territory, rep, np.where(stays, table.km, km))


def store_accounts(
    scenario: Scenario, ground: Ground | Proposal, targets: Targets, solve: ScenarioSolve | None
) -> None:
    """Write the scenario's accounts: new ones are added, those that left the model go. Call it inside the
    transaction that locks the scenario."""
    values = {"scenario": scenario.pk, "solve": solve.pk if solve else None}
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        cursor.copy_expert(FILL, _lines(ground, targets))
        cursor.execute(UPSERT, values)
        cursor.execute(GONE, values)
        cursor.execute("DROP TABLE proposed")


def _lines(ground: Ground | Proposal, targets: Targets) -> io.StringIO:
    table, text = ground.table, io.StringIO()
    keys = (table.ids, table.territory, table.rep, targets.territory, targets.rep)
    amounts = (table.potential, table.revenue, table.workload, table.km, targets.km)
    columns = [*(_keys(column) for column in keys), *(_floats(column) for column in amounts)]
    csv.writer(text).writerows(zip(*columns, strict=True))
    text.seek(0)
    return text


def _keys(column: Ints) -> Iterable[int | str]:
    return ("" if key == NOBODY else key for key in column.tolist())


def _floats(column: Floats) -> Iterable[float | str]:
    return ("" if np.isnan(value) else value for value in column.tolist())
