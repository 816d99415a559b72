"""Many rows in one statement, with the errors that Django knows."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg2.extras import execute_values

AT_ONCE = 1_000


def execute_rows(statement: str, rows: Sequence[tuple[Any, ...]], template: str | None = None) -> None:
    """Execute a statement with `VALUES %s` over the rows; nothing without any.

    The driver's own function raises the driver's errors; wrapped, they are django.db's.
    """
    if not rows:
        return
    with connection.cursor() as cursor, connection.wrap_database_errors:
        execute_values(cursor.cursor, statement, rows, template=template, page_size=AT_ONCE)
