"""What goes into the engine: many series on one calendar."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """Many series that end in the same period.

    `values` is (periods, series), float64; the last row is the newest period of every series. NaN
    stands before a series begins and where a period is missing. `season_length` is the number of
    periods in a year: 12 for months. Raises ValueError when shapes disagree.
    """

    ids: tuple[str, ...]
    values: Floats
    season_length: int = 12

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(self.ids):
            raise ValueError(f"values are {self.values.shape}; expected (periods, {len(self.ids)}).")

    def series(self) -> Iterator[Floats]:
        """Each series from its first known period on; gaps inside stay NaN."""
        for column in self.values.T:
            known = np.flatnonzero(np.isfinite(column))
            yield column[known[0] :] if known.size else column[:0]
