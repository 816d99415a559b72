"""A year's quota as weeks, months, quarters and the year to date, by working days."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from territories.engine.quotas.wholes import CENT

Workdays = Callable[[dt.date], Sequence[dt.date]]  # the worked days of a month
WEEK = 7


@dataclass(frozen=True)
class Pace:
    """Where a quota stands on a day, in base currency. `due`: what should be reached by the end of it."""

    day: dt.date
    monday: dt.date
    week: Decimal
    month: Decimal
    month_due: Decimal
    quarter: Decimal
    year: Decimal
    year_due: Decimal


def amount_between(
    months: Mapping[dt.date, Decimal], first: dt.date, last: dt.date, workdays: Workdays
) -> Decimal:
    """The quota of the days from first to last, both included: each month's is earned evenly over its
    working days (over all days of a month without any)."""
    found = Decimal(0)
    for month, amount in months.items():
        days = workdays(month) or _all_days(month)
        inside = sum(first <= day <= last for day in days)
        found += amount * inside / len(days)
    return found.quantize(CENT, ROUND_HALF_EVEN)


def pace_on(day: dt.date, months: Mapping[dt.date, Decimal], workdays: Workdays) -> Pace:
    """The pace on a day of the year that begins with the first of the months."""
    here, ordered = day.replace(day=1), sorted(months)
    monday = day - dt.timedelta(days=day.weekday())
    return Pace(
        day=day,
        monday=monday,
        week=amount_between(months, monday, monday + dt.timedelta(days=WEEK - 1), workdays),
        month=months.get(here, Decimal(0)),
        month_due=amount_between({m: months[m] for m in ordered if m == here}, here, day, workdays),
        quarter=next((amount for quarter, amount in quarters(months) if here in quarter), Decimal(0)),
        year=sum(months.values(), Decimal(0)),
        year_due=amount_between(months, ordered[0], day, workdays) if ordered else Decimal(0),
    )


def quarters(months: Mapping[dt.date, Decimal]) -> list[tuple[list[dt.date], Decimal]]:
    """The year's quarters, counted from its first month: their months and their sum."""
    ordered = sorted(months)
    groups = [ordered[place : place + 3] for place in range(0, len(ordered), 3)]
    return [(group, sum((months[month] for month in group), Decimal(0))) for group in groups]


def _all_days(month: dt.date) -> list[dt.date]:
    end = (month + dt.timedelta(days=31)).replace(day=1)
    return [month + dt.timedelta(days=place) for place in range((end - month).days)]
