"""Rows that hold from a day on: a new one closes the open one before it, and never overlaps."""

from django.db import connection

from gathering.pipeline.targets import NULLABLE_KEYS, RANGES, Target

STARTS = "gathering_starting"


def store_dated(target: Target, *, keep_ranges: bool = False) -> tuple[int, int]:
    """Upsert rows with a range of days. Returns how many are new and changed.

    A row is found again by its key and first day. Its last day is the one of the file, but never
    later than the day before the next row of the same key. `keep_ranges` leaves the ranges alone.
    """
    ranged = next(column for column in target.key if column in RANGES)
    _collect(target, ranged)
    if not keep_ranges:
        _cut_short(target, ranged)
    changed = _update(target, ranged)
    return _insert(target, ranged), changed


def _collect(target: Target, ranged: str) -> None:
    columns = ", ".join(f"{value} AS {column}" for column, value in target.values.items())
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {STARTS}")
        cursor.execute(
            f"CREATE TEMP TABLE {STARTS} ON COMMIT DROP AS "
            f"SELECT {columns}, s.row_number AS file_row FROM {target.tables} WHERE {target.good}"
        )


def _same(target: Target, ranged: str, left: str, right: str) -> str:
    parts = []
    for column in target.key:
        if column in NULLABLE_KEYS:
            parts.append(f"coalesce({left}.{column}, 0) = coalesce({right}.{column}, 0)")
        elif column != ranged:
            parts.append(f"{left}.{column} = {right}.{column}")
    return " AND ".join(parts)


def _first(alias: str, ranged: str) -> str:
    return f"coalesce(lower({alias}.{ranged}), '-infinity'::date)"


def _cut_short(target: Target, ranged: str) -> None:
    """Close imported and existing ranges on the day before the next one of the same key begins."""
    keys = ", ".join(target.key)
    every = f"(SELECT {keys} FROM {STARTS} UNION ALL SELECT {keys} FROM {target.table})"
    for table in (STARTS, target.table):
        revise = ", revision = t.revision + 1" if table == target.table and target.is_revised else ""
        only = f" AND EXISTS (SELECT 1 FROM {STARTS} own WHERE {_same(target, ranged, 'own', 't')})"
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                UPDATE {table} t SET {ranged} = daterange(lower(t.{ranged}), cut.first){revise}
                FROM (
                    SELECT t.ctid AS place, min({_first("next", ranged)}) AS first
                    FROM {table} t JOIN {every} next
                      ON {_same(target, ranged, "next", "t")}
                     AND {_first("next", ranged)} > {_first("t", ranged)}
                    GROUP BY t.ctid
                ) cut
                WHERE t.ctid = cut.place AND coalesce(upper(t.{ranged}), 'infinity'::date) > cut.first{only}
                """
            )


def _update(target: Target, ranged: str) -> int:
    sets = [f"{column} = new.{column}" for column in target.compared]
    sets += ["revision = t.revision + 1"] if target.is_revised else []
    ours = ", ".join(f"t.{column}" for column in target.compared)
    theirs = ", ".join(f"new.{column}" for column in target.compared)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {target.table} t SET {', '.join(sets)} FROM {STARTS} new "
            f"WHERE {_same(target, ranged, 'new', 't')} AND {_first('new', ranged)} = {_first('t', ranged)} "
            f"AND ROW({ours}) IS DISTINCT FROM ROW({theirs})"
        )
        return cursor.rowcount


def _insert(target: Target, ranged: str) -> int:
    columns = ", ".join(target.values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {target.table} ({columns}) SELECT {columns} FROM {STARTS} new WHERE NOT EXISTS "
            f"(SELECT 1 FROM {target.table} t WHERE {_same(target, ranged, 'new', 't')} "
            f"AND {_first('new', ranged)} = {_first('t', ranged)})"
        )
        return cursor.rowcount
