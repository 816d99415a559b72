"""Months as whole numbers, and one stream of chance for each subject.

Months are counted from year 0 (`year * 12 + month - 1`), so that arrays of them are plain integers.
"""

import datetime as dt
import zlib

import numpy as np
import numpy.typing as npt

HISTORY = 60  # months of sales

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def month_number(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def first_day(month: int) -> dt.date:
    return dt.date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> dt.date:
    return first_day(month + 1) - dt.timedelta(days=1)


def first_days(months: Ints) -> npt.NDArray[np.datetime64]:
    """The first day of each month, as an array."""
    return (months - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")


def chance(seed: int, subject: str) -> np.random.Generator:
    """Each subject has its own stream: a change to one leaves the numbers of the others alone."""
    return np.random.default_rng([seed, zlib.crc32(subject.encode())])
