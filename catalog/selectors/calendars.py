"""Working days of a calendar that is kept in the database."""

import datetime as dt

from catalog.engine.workdays import WorkRule, workdays_of_month
from catalog.models import WorkingCalendar
from core import company


def work_rule(calendar: WorkingCalendar) -> WorkRule:
    """The calendar with its exceptions, as the engine wants it. One query."""
    exceptions = {row.day: row.is_worked for row in calendar.exceptions.all()}
    return WorkRule(frozenset(calendar.weekdays), calendar.country, calendar.subdivision, exceptions)


def workdays_of(calendar: WorkingCalendar, month: dt.date) -> list[dt.date]:
    """The worked days of a month, in order."""
    return workdays_of_month(work_rule(calendar), month)


def company_calendar(day: dt.date) -> WorkingCalendar | None:
    """The company's own calendar on a day, where the settings name one that has workdays."""
    calendar = WorkingCalendar.objects.filter(code=company.value("calendar", on=day)).first()
    return calendar if calendar is not None and calendar.weekdays else None


def company_work_rule(day: dt.date) -> WorkRule:
    """The company's calendar for due days: the one in the settings, else its working weekdays."""
    calendar = company_calendar(day)
    if calendar is not None:
        return work_rule(calendar)
    return WorkRule(frozenset(number + 1 for number in company.value("working_weekdays", on=day)))
