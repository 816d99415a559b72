"""Rows that name something unknown: kept with their import, and replayed when the name is known."""

from django.db import connection

from gathering.datasets import Dataset
from gathering.datasets.shape import NAMES
from gathering.models import HeldRow, ImportRun
from gathering.pipeline.names import SEPARATOR, source_of, unknown
from gathering.pipeline.staging import dataset_of, names_table, type_of

HELD = HeldRow._meta.db_table


def hold_unknown(run: ImportRun) -> int:
    """Keep the staged rows that wait for a name, with what they wait for. Returns how many."""
    dataset, source = dataset_of(run), source_of(run)
    payload = ", ".join(f"'{name}', s.{name}" for name in dataset.names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {HELD} (run_id, row_number, payload, waits_for)
            SELECT %s, s.row_number, jsonb_build_object({payload}), {_waits_for(run, dataset)}
            FROM {source.tables} WHERE NOT ({source.good}) AND NOT ({source.left_out})
            """,
            [run.pk],
        )
        return cursor.rowcount


def _waits_for(run: ImportRun, dataset: Dataset) -> str:
    parts = []
    for field in dataset.lookups:
        value = f"s.{field.name}"
        if field.kind == NAMES:
            value = f"ANY(regexp_split_to_array(s.{field.name}, '{SEPARATOR}'))"
        parts.append(
            f"SELECT '{field.lookup}:' || n.value FROM {names_table(run)} n "
            f"WHERE n.field = '{field.name}' AND n.value = {value} AND {unknown(field, 'n')}"
        )
    return f"ARRAY({' UNION '.join(parts)})" if parts else "ARRAY[]::text[]"


def stage_held(run: ImportRun) -> int:
    """Stage the run's waiting rows again. Returns how many there are."""
    dataset = dataset_of(run)
    columns = ", ".join(f"{_cell(dataset, name)} AS {name}" for name in dataset.names)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {run.staging_table}, {names_table(run)}")
        cursor.execute(
            f"CREATE UNLOGGED TABLE {run.staging_table} AS SELECT row_number, {columns} "
            f"FROM {HELD} WHERE run_id = %s AND replayed IS NULL",
            [run.pk],
        )
        cursor.execute(f"SELECT count(*) FROM {run.staging_table}")
        return cursor.fetchone()[0]


def _cell(dataset: Dataset, name: str) -> str:
    return f"(payload ->> '{name}')::{type_of(dataset.field(name))}"


def mark_replayed(run: ImportRun) -> int:
    """Mark the waiting rows whose names are all known (or left out knowingly) by now."""
    source = source_of(run)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {HELD} SET replayed = now() WHERE run_id = %s AND replayed IS NULL AND row_number IN "
            f"(SELECT s.row_number FROM {source.tables} WHERE ({source.good}) OR ({source.left_out}))",
            [run.pk],
        )
        return cursor.rowcount
