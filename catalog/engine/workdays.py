"""Which days are worked: weekdays, public holidays, and exceptions to both. Pure, no clock."""

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import holidays

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class WorkRule:
    """What a working calendar says. `weekdays` are ISO numbers, 1 is Monday; `exceptions` map a day
    to whether it is worked."""

    weekdays: frozenset[int]
    country: str = ""
    subdivision: str = ""
    exceptions: Mapping[dt.date, bool] = field(default_factory=dict)


class UnknownPlace(ValueError):
    """The holidays of that country or subdivision are not known."""


@lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str, year: int) -> Mapping[dt.date, str]:
    """The public holidays of a year, by day. Raises UnknownPlace."""
    if not country:
        return {}
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year, language="en_US")
    except NotImplementedError as error:
        place = f"{country}-{subdivision}" if subdivision else country
        raise UnknownPlace(f"The public holidays of {place} are not known.") from error
    return dict(sorted((day, name) for day, name in found.items() if day.year == year))


def holiday_on(rule: WorkRule, day: dt.date) -> str:
    """The holiday's name, or an empty text."""
    return public_holidays(rule.country, rule.subdivision, day.year).get(day, "")


def is_workday(rule: WorkRule, day: dt.date) -> bool:
    """An exception decides first, then the holiday, then the weekday."""
    if day in rule.exceptions:
        return rule.exceptions[day]
    return day.isoweekday() in rule.weekdays and not holiday_on(rule, day)


def days_of_month(month: dt.date) -> list[dt.date]:
    """Every day of the month that the date lies in."""
    last = calendar.monthrange(month.year, month.month)[1]
    return [month.replace(day=number) for number in range(1, last + 1)]


def workdays_of_month(rule: WorkRule, month: dt.date) -> list[dt.date]:
    """The worked days of a month, in order."""
    return [day for day in days_of_month(month) if is_workday(rule, day)]


def nth_workday(rule: WorkRule, month: dt.date, n: int) -> dt.date:
    """The n-th worked day counted from the month's first: WD1 is n = 1. It may lie in a later month.

    Raises ValueError when n is below 1 or no such day comes within ten years.
    """
    if n < 1:
        raise ValueError("Workdays are counted from 1.")
    for day in _days_from(month.replace(day=1)):
        if is_workday(rule, day):
            n -= 1
            if n == 0:
                return day
    raise ValueError("This calendar has no further workday within ten years.")


def workdays_between(rule: WorkRule, first: dt.date, end: dt.date) -> int:
    """How many days from `first` up to but without `end` are worked; negative when end is earlier."""
    if end < first:
        return -workdays_between(rule, end, first)
    return sum(is_workday(rule, first + DAY * step) for step in range((end - first).days))


def _days_from(day: dt.date) -> Iterator[dt.date]:
    return (day + DAY * step for step in range(3653))
