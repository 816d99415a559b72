"""Whoever decides by whether a month is closed does not do so while somebody closes one.

Both hold one lock of the database until their transaction ends: those who look share it, who moves a run on
has it alone. Without it an adjustment that is approved while its month is locked would never be paid.
"""

from django.db import connection

LOCK = "pg_advisory_xact_lock{0}('compensation_payrun'::regclass::oid::bigint)"


def wait_for_closing() -> None:
    """Until the transaction ends, no run moves on. Take it before any row is locked."""
    _take("_shared")


def close_alone() -> None:
    """Until the transaction ends, nobody decides by what is closed. Take it before any row is locked."""
    _take("")


def _take(how: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {LOCK.format(how)}")
