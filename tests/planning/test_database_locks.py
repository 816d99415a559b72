"""What the database itself refuses, whoever asks: here always raw SQL."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from core.models import Event, Person
from planning.engine.moves import TRANSITIONS
from planning.models import Cycle, Stage, StageName
from tests.planning.test_every_move import actor, month, put

__all__ = ["actor", "month"]
AtStage = Callable[[Cycle, str], Cycle]


def run(sql: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        pytest.param(source, target, id=f"{source}-to-{target}")
        for source, target in product(StageName.values, StageName.values)
        if source != target and (source, target) not in TRANSITIONS
    ],
)
def test_no_sql_makes_a_move_that_is_not_in_the_table(month: Cycle, source: str, target: str) -> None:
    cycle = put(month, source)

    with pytest.raises(DatabaseError):
        run("UPDATE planning_cycle SET stage = %s WHERE id = %s", target, cycle.pk)

    cycle.refresh_from_db()
    assert cycle.stage == source


def test_a_cycle_begins_with_data(month: Cycle) -> None:
    with pytest.raises(DatabaseError):
        run(
            "INSERT INTO planning_cycle (revision, month, issue, horizon, stage, opened) "
            "VALUES (1, '2026-02-01', 1, 18, 'release', now())"
        )
    assert Cycle.objects.count() == 1


def test_a_cycle_is_never_deleted(month: Cycle) -> None:
    Stage.objects.filter(cycle=month).delete()
    with pytest.raises(DatabaseError):
        run("DELETE FROM planning_cycle")
    assert Cycle.objects.count() == 1


@pytest.mark.parametrize("ended", ["released", "superseded", "abandoned"])
@pytest.mark.parametrize("change", ["month = '2027-01-01'", "horizon = 24", "issue = 7", "released = now()"])
def test_an_ended_cycle_stays(month: Cycle, ended: str, change: str) -> None:
    put(month, ended)
    with pytest.raises(DatabaseError):
        run(f"UPDATE planning_cycle SET {change}")


@pytest.mark.parametrize("ended", ["released", "superseded", "abandoned"])
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE planning_stage SET due = '2030-01-01'",
        "DELETE FROM planning_stage",
        "UPDATE planning_scenario SET name = 'Other'",
        "INSERT INTO planning_scenario (revision, cycle_id, name, text, changes, is_base, is_chosen, reason) "
        "SELECT 1, id, 'New', '', '[]', false, false, '' FROM planning_cycle",
    ],
)
def test_what_an_ended_cycle_is_made_of_stays(month: Cycle, ended: str, sql: str) -> None:
    put(month, ended)
    with pytest.raises(DatabaseError):
        run(sql)


@pytest.mark.parametrize(
    "sql",
    ["UPDATE core_event SET verb = 'other'", "DELETE FROM core_event", "TRUNCATE core_event CASCADE"],
)
def test_an_event_stays(actor: Person, sql: str) -> None:
    Event.objects.create(actor=actor, verb="signed", subject_type="planning.cycle", subject_id="1")
    with pytest.raises(DatabaseError):
        run(sql)
    assert Event.objects.get().verb == "signed"


def test_a_month_has_one_open_cycle(month: Cycle) -> None:
    with pytest.raises(DatabaseError, match="cycle_issue_once"):
        run(
            "INSERT INTO planning_cycle (revision, month, issue, horizon, stage, opened) "
            "VALUES (1, '2026-01-01', 1, 18, 'data', now())"
        )


@pytest.mark.parametrize("horizon", [11, 37])
def test_a_horizon_has_12_to_36_months(month: Cycle, horizon: int) -> None:
    with pytest.raises(DatabaseError, match="cycle_horizon_is_12_to_36_months"):
        run("UPDATE planning_cycle SET horizon = %s", horizon)
