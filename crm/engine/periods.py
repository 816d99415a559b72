"""Quarters of the fiscal year."""

import datetime as dt

from catalog.engine.months import add_months

MONTHS = 3


def quarter_of(day: dt.date, fiscal_start: int) -> tuple[dt.date, dt.date]:
    """The first and last day of the quarter that a day lies in; fiscal years start in month
    `fiscal_start` (1 to 12)."""
    first = add_months(day.replace(day=1), -((day.month - fiscal_start) % MONTHS))
    return first, add_months(first, MONTHS) - dt.timedelta(days=1)
