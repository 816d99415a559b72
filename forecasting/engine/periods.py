"""Months, quarters and weeks: counted as whole numbers, written as the file that brought them wrote them."""

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

QUARTER_TEXT = re.compile(r"(\d{4})-?Q([1-4])", re.IGNORECASE)
LAST_DAY = 0  # of a month, as a habit


class Frequency(StrEnum):
    """How long a period is, by the letter that pandas uses for it."""

    MONTH = "M"
    QUARTER = "Q"
    WEEK = "W"

    @property
    def season_length(self) -> int:
        """Periods in a year."""
        return {"M": 12, "Q": 4, "W": 52}[self.value]

    @property
    def cut_step(self) -> int:
        """How many periods lie between two back-tests."""
        return {"M": 6, "Q": 2, "W": 8}[self.value]

    @property
    def words(self) -> str:
        """The periods as sentences name them."""
        return {"M": "months", "Q": "quarters", "W": "weeks"}[self.value]


@dataclass(frozen=True)
class Moment:
    """What a cell of a file says: a day, and how it was written: as a `day`, a `month`, a `quarter`; or
    just the `number` of a period."""

    form: str
    day: dt.date = dt.date.min
    number: int = 0


@dataclass(frozen=True)
class Habit:
    """How a file writes periods. month: 0 the first of its quarter. day: of the month, LAST_DAY for the
    last, or 0 Monday of a week."""

    form: str
    month: int = 0
    day: int = 1


def moment_of(text: str) -> Moment:
    """Read 2026-03-31, 2026-03, 2026Q1 or 27. Raises ValueError."""
    if text.isdecimal() and len(text) < 8:
        return Moment("number", number=int(text))
    if found := QUARTER_TEXT.fullmatch(text):
        return Moment("quarter", dt.date(int(found[1]), 3 * int(found[2]) - 2, 1))
    if len(text) == len("2026-03"):
        return Moment("month", dt.date.fromisoformat(f"{text}-01"))
    return Moment("day", dt.date.fromisoformat(text[:10]))


def number_of(moment: Moment, frequency: Frequency) -> int:
    """The period's number: neighbours differ by 1."""
    if moment.form == "number":
        return moment.number
    if frequency is Frequency.WEEK:
        return (moment.day.toordinal() - 1) // 7  # day 1 of the calendar was a Monday
    months = moment.day.year * 12 + moment.day.month - 1
    return months // 3 if frequency is Frequency.QUARTER else months


def habit_of(moments: Iterable[Moment], frequency: Frequency) -> Habit:
    """The one way in which all were written; the first day of the period where there is no such way."""
    found = set(moments)
    forms = {moment.form for moment in found}
    if len(forms) > 1:
        return Habit("day", day=0 if frequency is Frequency.WEEK else 1)
    (form,) = forms
    if frequency is Frequency.WEEK:
        return Habit(form, day=_common((one.day.weekday() for one in found), 0))
    month = _common((_month_of_quarter(one.day) for one in found), 0)
    return Habit(form, month if frequency is Frequency.QUARTER else 0, _day_of_month(found))


def _common(values: Iterable[int], otherwise: int) -> int:
    found = set(values)
    return found.pop() if len(found) == 1 else otherwise


def _month_of_quarter(day: dt.date) -> int:
    return (day.month - 1) % 3


def _day_of_month(moments: set[Moment]) -> int:
    if all(one.day.day == _days_in(one.day.year, one.day.month) for one in moments):
        return LAST_DAY
    return _common((one.day.day for one in moments), 1)


def _days_in(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def text_of(number: int, frequency: Frequency, habit: Habit) -> str:
    """A period, in the way that its file writes periods."""
    if habit.form == "number":
        return str(number)
    if frequency is Frequency.WEEK:
        return dt.date.fromordinal(7 * number + 1 + habit.day).isoformat()
    months = 3 * number + habit.month if frequency is Frequency.QUARTER else number
    year, month = months // 12, months % 12 + 1
    if habit.form == "quarter":
        return f"{year}Q{(month - 1) // 3 + 1}"
    if habit.form == "month":
        return f"{year}-{month:02d}"
    last = _days_in(year, month)
    return dt.date(year, month, last if habit.day == LAST_DAY else min(habit.day, last)).isoformat()
