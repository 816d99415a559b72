"""Dates as files write them → YYYY-MM-DD. A day that could be a month is refused, never guessed."""

import datetime as dt
import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SAFE_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d %b %Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%b %d, %Y",
    "%d-%b-%Y",
)
SAFE_MONTHS = ("%Y-%m", "%Y/%m", "%b %Y", "%B %Y", "%m/%Y", "%b-%Y", "%YM%m", "%Y-M%m")
TIME = r"[T ]+\d{1,2}:\d{2}(:\d{2})?([.,]\d+)?( ?[AaPp][Mm])?(Z|[+-]\d{2}:?\d{2})?$"
AMBIGUOUS = re.compile(r"^\d{1,2}[/.-]\d{1,2}[/.-](\d{2}|\d{4})$")
FIRST, LAST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
EXCEL_EPOCH = dt.date(1899, 12, 30)


def parse_dates(cells: pa.Array, formats: tuple[str, ...]) -> tuple[pa.Array, np.ndarray]:
    """ISO days (null where empty), and which cells are none. Cells must be trimmed."""
    return _by_value(_without_time(cells), lambda text: day_of(text, formats))


def parse_months(cells: pa.Array, formats: tuple[str, ...], year: int | None) -> tuple[pa.Array, np.ndarray]:
    """First days of months. With `year` the cells are month numbers or names of that year."""
    if year is not None:
        return _by_value(cells, lambda text: month_in(text, year))
    return _by_value(_without_time(cells), lambda text: month_of(text, formats))


def _without_time(cells: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(cells, TIME, "")


def _by_value(cells: pa.Array, read: Callable[[str], dt.date | None]) -> tuple[pa.Array, np.ndarray]:
    """Each different text is read once: a million rows have a few thousand days."""
    encoded = cells.dictionary_encode()
    read_days = [read(text) for text in encoded.dictionary.to_pylist()]
    texts = pa.array([day.isoformat() if day else None for day in read_days], pa.string())
    days = texts.take(encoded.indices)
    bad = pc.and_(pc.is_valid(cells), pc.is_null(days)).to_numpy(zero_copy_only=False)
    return days, bad


def day_of(text: str, formats: tuple[str, ...] = ()) -> dt.date | None:
    """The day, by the given formats and by those that can only be read one way."""
    for pattern in (*formats, *SAFE_FORMATS):
        day = _excel(text) if pattern == "excel" else _strict(text, pattern)
        if day:
            return day
    return None


def month_of(text: str, formats: tuple[str, ...] = ()) -> dt.date | None:
    """The first day of the month that a text names: a month or any day of it."""
    day = day_of(text, formats)
    for pattern in SAFE_MONTHS:
        day = day or _strict(text, pattern)
    return day.replace(day=1) if day else None


def month_in(text: str, year: int) -> dt.date | None:
    """January or 1 of a year → its first day."""
    if text.isdecimal() and text.isascii():
        number = int(text[:3])
        return dt.date(year, number, 1) if 1 <= number <= 12 else None
    return _strict(f"{text} {year}", "%b %Y") or _strict(f"{text} {year}", "%B %Y")


def is_ambiguous(text: str) -> bool:
    """Whether day and month could change places in a text that has no format."""
    return bool(AMBIGUOUS.match(re.sub(TIME, "", text)))


def _strict(text: str, pattern: str) -> dt.date | None:
    try:
        day = dt.datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None


def _excel(text: str) -> dt.date | None:
    whole = text.split(".")[0]
    if not whole.isdecimal() or not whole.isascii() or not 1 <= len(whole) <= 6:
        return None
    day = EXCEL_EPOCH + dt.timedelta(days=int(whole))
    return day if FIRST <= day <= LAST else None
