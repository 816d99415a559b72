"""The cells of pay's files: days and numbers."""

import datetime as dt
from decimal import Decimal, InvalidOperation

from territories.pipeline.tables import Row

MOST = Decimal(10) ** 12


def said_day(row: Row, column: str) -> dt.date | None:
    """A day as 2026-03-31, None for what is none."""
    try:
        return dt.date.fromisoformat(row.text(column))
    except ValueError:
        return None


def day_of(row: Row, column: str) -> dt.date:
    """A day as 2026-03-31; notes a fault otherwise."""
    day = said_day(row, column)
    if day is None:
        row.fault(f"{column} is “{row.text(column)}”; write a day as 2026-03-31.")
    return day or dt.date(2000, 1, 1)


def decimal_of(row: Row, column: str, default: Decimal = Decimal(0)) -> Decimal:
    """A number, or a percentage; the default for an empty cell."""
    text = row.text(column)
    if not text:
        return default
    try:
        number = Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > MOST:
        row.fault(f"{column} is “{text}”; write a number as 1234.5.")
        return default
    return number
