"""A working calendar's year, month by month and day by day, with the reason of every free day."""

import datetime as dt
from dataclasses import dataclass

from catalog.engine.workdays import WorkRule, days_of_month, holiday_on, is_workday
from catalog.models import WorkingCalendar
from catalog.selectors.calendars import work_rule


@dataclass(frozen=True)
class Day:
    """A day: worked or free, and why where it is not the weekday alone."""

    date: dt.date
    is_worked: bool
    why: str = ""
    is_exception: bool = False


@dataclass(frozen=True)
class Month:
    """A month in weeks of seven days, None outside it; how many are worked; those with a reason."""

    first: dt.date
    weeks: list[list[Day | None]]
    worked: int
    notable: list[Day]


def year_of(calendar: WorkingCalendar, year: int) -> list[Month]:
    """The twelve months of a year. One query."""
    rule = work_rule(calendar)
    labels = {row.day: row.label for row in calendar.exceptions.filter(day__year=year)}
    return [_month(rule, labels, dt.date(year, number, 1)) for number in range(1, 13)]


def _month(rule: WorkRule, labels: dict[dt.date, str], first: dt.date) -> Month:
    days = [_day(rule, labels, date) for date in days_of_month(first)]
    padded: list[Day | None] = [None] * (first.isoweekday() - 1) + list(days)
    padded += [None] * (-len(padded) % 7)
    weeks = [padded[start : start + 7] for start in range(0, len(padded), 7)]
    return Month(first, weeks, sum(day.is_worked for day in days), [day for day in days if day.why])


def _day(rule: WorkRule, labels: dict[dt.date, str], date: dt.date) -> Day:
    why = labels.get(date) or holiday_on(rule, date)
    return Day(date, is_workday(rule, date), why, date in labels)
