"""The past as a table: a row per open deal and month, with what became of it in the month after.

Months are counted back from the as-of day (landmarks, van Houwelingen 2007, Scand. J. Statist. 34,
70–85), so that each row knows exactly what a forecast made on its day would have known. Closings before
the first recorded one are not in the file: no row begins before it (delayed entry).
"""

import calendar
import datetime as dt
from dataclasses import dataclass

import numpy as np

from forecasting.engine.deals.book import NEVER, Book, Floats, Ints

OPEN, WON, LOST = 0, 1, 2


@dataclass(frozen=True)
class Rows:
    """r deals at a day each: `deal` (place in the book), `day`, `age` in days, `stage`, `season` (0, 1, 2:
    the month of the quarter that follows the day), `result` OPEN, WON or LOST in the month after."""

    deal: Ints
    day: Ints
    age: Floats
    stage: Ints
    season: Ints
    result: Ints

    def __len__(self) -> int:
        return len(self.deal)

    def where(self, keep: np.ndarray) -> "Rows":
        """Only the rows where `keep`, a mask or places, says so."""
        return Rows(**{name: column[keep] for name, column in vars(self).items()})


def month_after(day: dt.date, months: int) -> dt.date:
    """The same day so many months later (earlier below 0); a month's last day stays a last day."""
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    last = calendar.monthrange(year, month)[1]
    is_end = day.day == calendar.monthrange(day.year, day.month)[1]
    return dt.date(year, month, last if is_end else min(day.day, last))


def month_mostly(day: dt.date, ahead: int) -> dt.date:
    """The first day of the calendar month in which most of the `ahead`-th month after a day lies."""
    return (month_after(day, ahead - 1) + dt.timedelta(days=15)).replace(day=1)


def season_after(day: dt.date) -> int:
    """The month of the quarter (0, 1, 2) in which most of the month after a day lies."""
    return (month_mostly(day, 1).month - 1) % 3


def rows_on(book: Book, day: dt.date, until: dt.date | None = None) -> Rows:
    """The open deals of a day; their results by `until`, or OPEN throughout."""
    now = day.toordinal()
    deals = book.open_on(now)
    closed = book.closed[deals]
    result = np.full(len(deals), OPEN, dtype=np.int64)
    if until is not None:
        done = closed <= until.toordinal()
        result[done] = np.where(book.won[deals[done]], WON, LOST)
    return Rows(
        deals,
        np.full(len(deals), now, dtype=np.int64),
        (now - book.created[deals]).astype(float),
        book.stage_on(deals, now),
        np.full(len(deals), season_after(day), dtype=np.int64),
        result,
    )


def rows_now(book: Book, day: dt.date) -> Rows:
    """Every deal to forecast on a day; one without a known first day counts as begun that day."""
    begun, undated = rows_on(book, day), book.undated()
    now = np.full(len(undated), day.toordinal(), dtype=np.int64)
    season = np.full(len(undated), season_after(day), dtype=np.int64)
    stage = book.stage_on(undated, day.toordinal())
    new = Rows(undated, now, np.zeros(len(undated)), stage, season, np.zeros_like(now))
    both = join([begun, new])
    return both.where(np.argsort(both.deal, kind="stable"))


def past_days(book: Book, as_of: dt.date, most: int) -> list[dt.date]:
    """The days a month apart before `as_of`, the newest first, whose months were recorded in full."""
    days = []
    for back in range(1, most + 1):
        day = month_after(as_of, -back)
        if book.first_close >= NEVER or day.toordinal() < book.first_close - 1:
            break
        days.append(day)
    return days


def history(book: Book, as_of: dt.date, most: int) -> Rows:
    """Every open deal of every past month with what became of it in that month. `book` must know
    nothing after `as_of`."""
    parts = [rows_on(book, day, month_after(day, 1)) for day in past_days(book, as_of, most)]
    return join(parts)


def join(parts: list[Rows]) -> Rows:
    """All rows in the order of the parts; none for no parts."""
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return Rows(empty, empty, np.zeros(0), empty, empty, empty)
    names = vars(parts[0])
    return Rows(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
