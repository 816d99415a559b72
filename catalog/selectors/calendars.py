"""Working days of a calendar that is kept in the database."""

import datetime as dt

from catalog.engine.workdays import WorkRule, workdays_of_month
from catalog.models import WorkingCalendar


def work_rule(calendar: WorkingCalendar) -> WorkRule:
    """The calendar with its exceptions, as the engine wants it. One query."""
    exceptions = {row.day: row.is_worked for row in calendar.exceptions.all()}
    return WorkRule(frozenset(calendar.weekdays), calendar.country, calendar.subdivision, exceptions)


def workdays_of(calendar: WorkingCalendar, month: dt.date) -> list[dt.date]:
    """The worked days of a month, in order."""
    return workdays_of_month(work_rule(calendar), month)
