"""Rows of one file with the same key: refused all together, or settled as the profile says."""

from dataclasses import dataclass

from django.db import connection

from gathering.datasets import Dataset
from gathering.datasets.shape import NUMBERS
from gathering.engine.problems import Problem
from gathering.models import ImportRun
from gathering.pipeline.definitions import profile_of
from gathering.pipeline.late_rejects import refuse_rows
from gathering.pipeline.staging import dataset_of
from gathering.pipeline.targets import RANGES, Target, target_of

MOST_NAMED = 5


@dataclass(frozen=True)
class Settled:
    """How many rows were refused, and how many were merged into others."""

    refused: int = 0
    merged: int = 0


def settle_duplicates(run: ImportRun) -> Settled:
    """Find rows with one key and refuse them, or keep the first, the last or the sum."""
    from_profile = profile_of(run).duplicates
    dataset, target = dataset_of(run), target_of(run)
    groups = _groups(target)
    if not groups:
        return Settled()
    if from_profile == "refuse":
        label = " and ".join(dataset.field(name).label for name in dataset.key)
        refuse_rows(run, [problem for rows in groups for problem in _problems(rows, label)])
        return Settled(refused=sum(len(rows) for rows in groups))
    kept = {rows[0] if from_profile == "first" else rows[-1]: rows for rows in groups}
    if from_profile == "sum":
        _add_up(run, dataset, kept)
    _delete(run, [row for keep, rows in kept.items() for row in rows if row != keep])
    return Settled(merged=sum(len(rows) - 1 for rows in groups))


def _groups(target: Target) -> list[list[int]]:
    keys = ", ".join(_identity(target, column) for column in target.key if column != "source")
    if not _any(target, keys):
        return []
    query = f"""
        SELECT array_agg(s.row_number ORDER BY s.row_number) FROM {target.tables}
        WHERE {target.good} GROUP BY {keys} HAVING count(*) > 1
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def _any(target: Target, keys: str) -> bool:
    """Whether some key may stand twice, by its hash: five times faster than the lists of row numbers."""
    tables = target.tables if "n_" in keys or not target.alone else target.alone
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {tables} WHERE {target.good} "
            f"GROUP BY hash_record_extended(ROW({keys}), 0) HAVING count(*) > 1) twice"
        )
        return cursor.fetchone()[0] > 0  # counted, for EXISTS and LIMIT bring plans for a few rows


def _identity(target: Target, column: str) -> str:
    if column == "demand_unit_id":  # units that are made by this import have no id yet
        return "n_product.target_id, n_market.target_id"
    return f"lower({target.values[column]})" if column in RANGES else target.values[column]


def _problems(rows: list[int], label: str) -> list[Problem]:
    shown = ", ".join(str(row) for row in rows[:MOST_NAMED]) + ("…" if len(rows) > MOST_NAMED else "")
    return [
        Problem(
            row,
            "",
            "",
            f"Rows {shown} have the same {label}.",
            "Keep the right one, or set “duplicates” in the profile.",
        )
        for row in rows
    ]


def _add_up(run: ImportRun, dataset: Dataset, kept: dict[int, list[int]]) -> None:
    numbers = [field.name for field in dataset.fields if field.kind in NUMBERS and field.name != "unit_price"]
    sets = ", ".join(f"{name} = total.{name}" for name in numbers)
    sums = ", ".join(f"sum(s.{name}) AS {name}" for name in numbers)
    keeps = [keep for keep, rows in kept.items() for _ in rows]
    parts = [row for rows in kept.values() for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {run.staging_table} whole SET {sets}
            FROM (
                SELECT pair.keep, {sums} FROM unnest(%s::bigint[], %s::bigint[]) AS pair(keep, part)
                JOIN {run.staging_table} s ON s.row_number = pair.part GROUP BY pair.keep
            ) total
            WHERE whole.row_number = total.keep
            """,
            [keeps, parts],
        )


def _delete(run: ImportRun, rows: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {run.staging_table} WHERE row_number = ANY(%s)", [rows])
