"""Shares of won deals by group, small groups drawn towards the whole."""

import numpy as np

from forecasting.engine.deals.book import NEVER, Book, Floats, Ints


def logit(share: Floats) -> Floats:
    """ln(p / (1 − p)), p kept within 0.001 … 0.999."""
    kept = np.clip(share, 1e-3, 1 - 1e-3)
    return np.log(kept / (1 - kept))


def shrunk(hits: Floats, count: Floats, whole: Floats | float, weight: float) -> Floats:
    """(hits + weight × whole) / (count + weight): the mean of a Beta posterior whose prior is `weight`
    deals of the whole."""
    return (hits + weight * whole) / (count + weight)


def share_won(book: Book) -> float:
    """Of the decided deals; a half before any is decided (one of each is assumed)."""
    return float((book.won.sum() + 1) / (book.decided.sum() + 2))


def stage_shares(book: Book) -> tuple[Floats, Ints]:
    """Per stage the share won of the decided deals that had been in it (the usual stage weight), and how
    many they are; the whole's share where nobody was. Shapes (stages,)."""
    decided = book.decided
    size = len(book.stage_names)
    deal, stage = book.stages.key // NEVER, book.stages.value.astype(np.int64)
    pairs = np.unique(np.stack([deal, stage], axis=1)[decided[deal]], axis=0).reshape(-1, 2)
    count = np.bincount(pairs[:, 1], minlength=size)
    hits = np.bincount(pairs[book.won[pairs[:, 0]], 1], minlength=size)
    whole = share_won(book)
    share = np.where(count > 0, hits / np.maximum(count, 1), whole)
    return share, count
