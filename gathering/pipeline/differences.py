"""What a commit would change: rows that are new, changed or as they are."""

from typing import Any

from django.db import connection

from core.events import plain
from gathering.models import ImportRun
from gathering.pipeline.targets import Target

SAMPLE = 20


def count_differences(target: Target) -> tuple[int, int, int]:
    """How many good rows are new, changed and unchanged."""
    query = f"""
        SELECT count(*) FILTER (WHERE t.id IS NULL),
               count(*) FILTER (WHERE t.id IS NOT NULL AND {target.differs}),
               count(*) FILTER (WHERE t.id IS NOT NULL AND NOT {target.differs})
        FROM {target.tables} LEFT JOIN {target.table} t ON {target.matches}
        WHERE {target.good}
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()


def sample_of_changes(run: ImportRun, target: Target) -> list[dict[str, Any]]:
    """The first changed rows with every differing column before and after."""
    columns = [*target.key, *target.compared]
    before = ", ".join(f"t.{column}" for column in target.compared)
    after = ", ".join(target.values[column] for column in columns)
    query = f"""
        SELECT s.row_number, {after}, {before}
        FROM {target.tables} JOIN {target.table} t ON {target.matches}
        WHERE {target.good} AND {target.differs} ORDER BY s.row_number LIMIT {SAMPLE}
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [_change(target, row) for row in cursor.fetchall()]


def _change(target: Target, row: tuple[Any, ...]) -> dict[str, Any]:
    keys = len(target.key)
    size = len(target.compared)
    new = dict(zip(target.compared, row[1 + keys : 1 + keys + size], strict=True))
    old = dict(zip(target.compared, row[1 + keys + size :], strict=True))
    differing = [name for name in target.compared if new[name] != old[name]]
    return {
        "row": row[0],
        "key": " / ".join(str(plain(value)) for value in row[1 : 1 + keys]),
        "before": {name.removesuffix("_id"): plain(_shown(old[name])) for name in differing},
        "after": {name.removesuffix("_id"): plain(_shown(new[name])) for name in differing},
    }


def _shown(value: Any) -> Any:
    return str(value) if hasattr(value, "lower") and hasattr(value, "upper_inc") else value
