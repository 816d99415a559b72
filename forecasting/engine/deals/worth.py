"""What an open deal would bring if it were won, and on what that rests."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from forecasting.engine.deals.book import Book, Floats, Ints


class Basis(StrEnum):
    """Where the worth of an open deal comes from."""

    AMOUNT = "amount"
    LIST_PRICE = "list price"
    PRODUCT_MEAN = "product mean"
    MEAN = "mean of all"
    UNKNOWN = "unknown"


ORDER = tuple(Basis)


def worth(book: Book, deals: Ints, day: int) -> tuple[Floats, NDArray[np.int64]]:
    """Per deal its amount on that day; without one its product's list price, else the mean that deals of
    the product brought, else the mean of all; 0 where nothing was ever won. The second array is the
    place of its basis in `ORDER`. `book` must know nothing after `day`."""
    mean, overall = _means(book)
    choices = np.stack(
        [
            book.amounts.at(deals, day),
            book.list_price[deals],
            mean[book.codes["product"][deals]],
            np.full(len(deals), overall),
            np.zeros(len(deals)),
        ]
    )
    basis = np.argmax(np.isfinite(choices), axis=0)
    return choices[basis, np.arange(len(deals))], basis


def realised(book: Book, deals: Ints) -> Floats:
    """What won deals brought: their value at closing, else their last amount, else their worth."""
    last = int(book.closed[deals].max(initial=0))
    guess, _ = worth(book, deals, last)
    return np.where(np.isfinite(book.won_value[deals]), book.won_value[deals], guess)


def _means(book: Book) -> tuple[Floats, float]:
    """The mean value won by product code (NaN where none), and of all."""
    known = book.won & np.isfinite(book.won_value)
    values = book.won_value[known]
    codes, size = book.codes["product"][known], len(book.names["product"])
    count = np.bincount(codes, minlength=size)
    total = np.bincount(codes, weights=values, minlength=size)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    mean[0] = np.nan
    return mean, float(values.mean()) if values.size else np.nan
