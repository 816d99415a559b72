"""Whoever decides by whether a month is closed does not do so while somebody closes one.

Both hold one lock of the database until their transaction ends: those who look share it, who moves a run on
has it alone. Without it an adjustment that is approved while its month is locked would never be paid.

A calculation takes long to store, so that it does not hold that lock: it has one of its month, which whoever
locks that month waits for.
"""

import datetime as dt

from django.db import connection

LOCK = "SELECT pg_advisory_xact_lock{0}('compensation_payrun'::regclass::oid::bigint)"
OF_A_MONTH = "SELECT pg_advisory_xact_lock('compensation_payrun'::regclass::oid::int, %s)"


def wait_for_closing() -> None:
    """Until the transaction ends, no run moves on. Take it before any row is locked."""
    _take(LOCK.format("_shared"))


def close_alone() -> None:
    """Until the transaction ends, nobody decides by what is closed. Take it before any row is locked."""
    _take(LOCK.format(""))


def month_alone(month: dt.date) -> None:
    """Until the transaction ends, nobody else stores a run of the month or locks it. Take it before
    `close_alone`, which nobody shall hold while waiting for a calculation."""
    _take(OF_A_MONTH, month.year * 12 + month.month)


def _take(lock: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(lock, values)
