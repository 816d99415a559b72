"""What goes into the engine: many series on one calendar."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Panel:
    """Many series that end in the same period.

    `values` is (periods, series), float64; the last row is the newest period of every series. NaN
    stands before a series begins and where a period is missing. `masked` (same shape) marks periods
    with a dated event, such as a promotion, which say nothing about the others; `kept` marks points
    that a planner wants kept however odd they look. `season_length` is the number of periods in a
    year: 12 for months. Raises ValueError when shapes disagree.
    """

    ids: tuple[str, ...]
    values: Floats
    season_length: int = 12
    masked: Bools | None = None
    kept: Bools | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(self.ids):
            raise ValueError(f"values are {self.values.shape}; expected (periods, {len(self.ids)}).")
        for name, marks in (("masked", self.masked), ("kept", self.kept)):
            if marks is not None and marks.shape != self.values.shape:
                raise ValueError(f"{name} is {marks.shape}; expected {self.values.shape}.")

    def series(self) -> Iterator[Floats]:
        """Each series from its first known period on; gaps inside stay NaN."""
        for place, first in enumerate(self._firsts()):
            yield self.values[first:, place]

    def masks(self) -> list[Bools] | None:
        """The masked periods of each series, as long as the series."""
        return self._marks(self.masked)

    def keeps(self) -> list[Bools] | None:
        """The kept points of each series, as long as the series."""
        return self._marks(self.kept)

    def part(self, first: int, last: int) -> "Panel":
        """Some neighbouring series."""
        return Panel(
            self.ids[first:last],
            self.values[:, first:last],
            self.season_length,
            None if self.masked is None else self.masked[:, first:last],
            None if self.kept is None else self.kept[:, first:last],
        )

    def _firsts(self) -> list[int]:
        periods = self.values.shape[0]
        if not periods:
            return [0] * len(self.ids)
        known = np.isfinite(self.values)
        firsts = np.where(known.any(axis=0), known.argmax(axis=0), periods)
        return [int(first) for first in firsts]

    def _marks(self, marks: Bools | None) -> list[Bools] | None:
        if marks is None:
            return None
        return [marks[first:, place] for place, first in enumerate(self._firsts())]
