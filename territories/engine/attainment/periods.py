"""Months, quarters and years of the fiscal year as spans of days."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from catalog.engine.months import add_months, months_between

DAY = dt.timedelta(days=1)


class PeriodKind(StrEnum):
    """The spans for which quotas are looked at."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


LENGTH = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both included: whole months."""

    kind: PeriodKind
    first: dt.date
    last: dt.date

    @property
    def months(self) -> list[dt.date]:
        """The first day of each month."""
        return months_between(self.first, self.last)

    @property
    def label(self) -> str:
        """“Oct 26”, “Oct–Dec 26”, “Jul 26–Jun 27”."""
        if self.kind is PeriodKind.MONTH:
            return f"{self.first:%b %y}"
        one_year = self.first.year == self.last.year
        return f"{self.first:%b}–{self.last:%b %y}" if one_year else f"{self.first:%b %y}–{self.last:%b %y}"

    def moved(self, count: int) -> "Period":
        """The period so many periods later; a negative count goes back."""
        first = add_months(self.first, count * LENGTH[self.kind])
        return Period(self.kind, first, add_months(first, LENGTH[self.kind]) - DAY)

    def point(self, gone: int) -> dt.date:
        """The last of its first `gone` days; the day before the first where none is gone."""
        length = (self.last - self.first).days + 1
        return self.first + DAY * (min(max(gone, 0), length) - 1)

    def gone(self, today: dt.date) -> int:
        """How many of its days are over when `today` is not: 0 before it, all of them after it."""
        length = (self.last - self.first).days + 1
        return min(max((today - self.first).days, 0), length)


def period_of(kind: PeriodKind, day: dt.date, fiscal_start: int) -> Period:
    """The period of a kind that a day lies in; fiscal years start in month `fiscal_start` (1 to 12)."""
    month = day.replace(day=1)
    first = add_months(month, -((month.month - fiscal_start) % LENGTH[kind]))
    return Period(kind, first, add_months(first, LENGTH[kind]) - DAY)
