"""The two methods of the trade that learn next to nothing: stage weights and the age rule."""

import numpy as np

from forecasting.engine.deals.book import Book, Floats
from forecasting.engine.deals.rates import share_won, stage_shares
from forecasting.engine.deals.snapshots import Rows


def by_stage(book: Book, rows: Rows) -> Floats:
    """The share won of all decided deals that had been in the deal's stage."""
    shares, _ = stage_shares(book)
    known = np.append(shares, share_won(book))  # −1: no stage
    return known[rows.stage]


def by_age(book: Book, rows: Rows, cap: float) -> Floats:
    """The share of the usual cycle that has gone by: 1 of 4 months is 25 %, never above `cap`."""
    return np.minimum(rows.age / book.usual_cycle, cap)
