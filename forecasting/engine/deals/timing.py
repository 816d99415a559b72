"""When an open deal closes, if it is won: by how deals of its age closed, and by its CRM's own date."""

import datetime as dt

import numpy as np

from forecasting.engine.deals.book import Book, Floats, Ints
from forecasting.engine.deals.snapshots import WON, Rows, month_after

PRIOR = (1.0, 3.0)  # of the share that closes in the month its CRM says: one of four


def months_of(book: Book, as_of: dt.date, rows: Rows, won_in: Floats, past: Rows) -> Floats:
    """The share of each month ahead in a deal's chance, (r, months), adding to 1.

    By the hazards over the months to come; where the CRM has a date ahead, a share goes to its month:
    as often as deals that were won in the past were won in the month their CRM then said (Beta prior).
    """
    total = won_in.sum(axis=1, keepdims=True)
    even = np.full(won_in.shape[1], 1 / won_in.shape[1])
    share = np.where(total > 1e-12, won_in / np.maximum(total, 1e-12), even)
    told = _month_told(book, as_of, rows, won_in.shape[1])
    known = told >= 0
    trust = _trust(book, past)
    share[known] *= 1 - trust
    share[known, told[known]] += trust
    return share


def _month_told(book: Book, as_of: dt.date, rows: Rows, months: int) -> Ints:
    """The month ahead (0 is the first) of the CRM's date; −1 without one within the horizon."""
    days = book.expected.at(rows.deal, as_of.toordinal())
    ends = [month_after(as_of, ahead).toordinal() for ahead in range(months + 1)]
    place = np.searchsorted(ends, np.nan_to_num(days, nan=0.0), side="left") - 1
    return np.where((place >= 0) & (place < months), place, -1)


def _trust(book: Book, past: Rows) -> float:
    """How often a deal won in a month had a date in that month when the month began."""
    hits, count = PRIOR
    for day in np.unique(past.day):
        at = (past.day == day) & (past.result == WON)
        date = dt.date.fromordinal(int(day))
        expected = book.expected.at(past.deal[at], int(day))
        dated = np.isfinite(expected) & (expected > day)
        count += float(dated.sum())
        hits += float((expected[dated] <= month_after(date, 1).toordinal()).sum())
    return hits / count
