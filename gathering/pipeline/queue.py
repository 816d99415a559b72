"""The mapping queue: names that nobody knows yet, with the rows and the money that wait for them."""

from typing import Any

from django.db import connection

from gathering.datasets import Field
from gathering.datasets.shape import NAMES
from gathering.models import HeldRow, ImportRun, UnmappedValue
from gathering.pipeline.names import SEPARATOR, unknown
from gathering.pipeline.staging import dataset_of, names_table

MOST_SHOWN = 200


def unknown_names(run: ImportRun, most: int = MOST_SHOWN) -> list[dict[str, Any]]:
    """The unknown names of a checked run, those with the most money first."""
    found = [row for field in dataset_of(run).lookups for row in _of_field(run, field)]
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for kind, value, rows, money in found:
        entry = merged.setdefault((kind, value), {"kind": kind, "value": value, "rows": 0, "money": 0})
        entry["rows"] += rows
        entry["money"] += money
    ranked = sorted(merged.values(), key=lambda e: (-e["money"], -e["rows"], e["value"]))[:most]
    return [entry | {"money": str(entry["money"])} for entry in ranked]


def _of_field(run: ImportRun, field: Field) -> list[tuple[str, str, int, Any]]:
    dataset = dataset_of(run)
    money = f"coalesce(s.{dataset.money}, 0)" if dataset.money else "0"
    if "unit_price" in dataset.names:
        money = "coalesce(s.revenue, s.quantity * s.unit_price, 0)"
    meets = f"s.{field.name} = n.value"
    if field.kind == NAMES:
        meets = f"n.value IN (SELECT regexp_split_to_table(s.{field.name}, '{SEPARATOR}'))"
    query = f"""
        SELECT %s, n.value, count(*), sum(abs({money}))
        FROM {names_table(run)} n JOIN {run.staging_table} s ON {meets}
        WHERE n.field = %s AND {unknown(field, "n")} GROUP BY n.value
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [field.lookup, field.name])
        return cursor.fetchall()


def queue_unknown_names(run: ImportRun) -> None:
    """Put the run's unknown names into the queue, or refresh what waits for them."""
    UnmappedValue.objects.bulk_create(
        [
            UnmappedValue(
                kind=entry["kind"],
                source=run.source,
                value=entry["value"],
                rows=entry["rows"],
                money=entry["money"],
                first_run=run,
            )
            for entry in unknown_names(run, most=100_000)
        ],
        update_conflicts=True,
        unique_fields=["kind", "source", "value"],
        update_fields=["rows", "money", "is_open", "seen"],
        batch_size=5_000,
    )


def recount_queue(source: str) -> None:
    """Count again what waits for the open names of a source; names without waiting rows are closed."""
    held = HeldRow._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {UnmappedValue._meta.db_table} u SET rows = found.rows, is_open = found.rows > 0
            FROM (
                SELECT q.id, count(h.id) FILTER (WHERE r.id IS NOT NULL) AS rows
                FROM {UnmappedValue._meta.db_table} q
                LEFT JOIN {held} h
                       ON h.replayed IS NULL AND (q.kind || ':' || q.value) = ANY(h.waits_for)
                LEFT JOIN {ImportRun._meta.db_table} r ON r.id = h.run_id AND r.source = q.source
                WHERE q.source = %s GROUP BY q.id
            ) found
            WHERE found.id = u.id AND (u.rows <> found.rows OR u.is_open <> (found.rows > 0))
            """,
            [source],
        )
