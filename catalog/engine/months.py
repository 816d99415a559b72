"""Counting in months, each kept as its first day. Pure, no clock."""

import datetime as dt


def add_months(month: dt.date, count: int) -> dt.date:
    """The first day of the month that lies `count` months after this one; a negative count goes back."""
    number = month.year * 12 + month.month - 1 + count
    return dt.date(number // 12, number % 12 + 1, 1)


def months_from(first: dt.date, count: int) -> list[dt.date]:
    """So many months from `first` on; a negative count gives those just before it. In order."""
    places = range(count) if count >= 0 else range(count, 0)
    return [add_months(first, place) for place in places]


def months_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Every month from the first up to and with the last."""
    return months_from(first, max(0, months_apart(first, last) + 1))


def months_apart(first: dt.date, last: dt.date) -> int:
    """How many months lie between two: 0 within one month, negative when the second is earlier."""
    return (last.year - first.year) * 12 + last.month - first.month
