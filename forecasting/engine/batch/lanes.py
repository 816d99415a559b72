"""The layout of the batch methods: series side by side, the longest first, the newest period last."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Lanes:
    """Series as columns of one matrix, each scaled to a mean size of 1.

    values: (periods, lanes), 0 before a series begins. lengths: (lanes,), falling. scale: (lanes,),
    what a value is multiplied by to come back. order: (lanes,), the place of each lane in the list
    it was made from. running: (periods,), how many lanes have begun: always the first ones.
    """

    values: Floats
    lengths: Ints
    scale: Floats
    order: Ints
    running: Ints
    season_length: int

    @classmethod
    def of(cls, series: Sequence[Floats], season_length: int) -> "Lanes":
        """Lanes of series without gaps; an empty list gives no lanes. Each needs a value that is not 0."""
        lengths = np.array([len(one) for one in series], dtype=np.int64)
        order = np.argsort(-lengths, kind="stable")
        periods = int(lengths.max(initial=0))
        values = np.zeros((periods, len(series)))
        for lane, place in enumerate(order):
            values[periods - lengths[place] :, lane] = series[place]
        lengths = lengths[order]
        scale = np.abs(values).sum(axis=0) / np.maximum(lengths, 1)
        scale = np.where(scale > 0, scale, 1.0)
        begins = periods - np.arange(periods)
        running = np.searchsorted(-lengths, -begins, side="right")
        return cls(values / scale, lengths, scale, order, running, season_length)

    @property
    def periods(self) -> int:
        """The length of the longest series."""
        return self.values.shape[0]

    @property
    def count(self) -> int:
        """How many series stand side by side."""
        return self.values.shape[1]

    @property
    def begun(self) -> Bools:
        """(periods, lanes): where a series has a value."""
        return np.arange(self.periods)[:, None] >= (self.periods - self.lengths)[None, :]

    @property
    def positive(self) -> Bools:
        """(lanes,): whether every value is above 0, as multiplicative models need."""
        return np.where(self.begun, self.values, 1.0).min(axis=0, initial=1.0) > 0

    def part(self, lanes: slice) -> "Lanes":
        """Some neighbouring lanes, over the periods that the longest of them has."""
        lengths = self.lengths[lanes]
        first = self.periods - int(lengths.max(initial=0))
        # the season's slots are counted from the first period of all lanes: keep whole seasons
        first -= first % self.season_length
        running = np.clip(self.running[first:] - (lanes.start or 0), 0, len(lengths))
        return Lanes(
            self.values[first:, lanes],
            lengths,
            self.scale[lanes],
            self.order[lanes],
            running,
            self.season_length,
        )

    def with_values(self, values: Floats) -> "Lanes":
        """The same lanes with other values, such as without their season."""
        return Lanes(values, self.lengths, self.scale, self.order, self.running, self.season_length)

    def in_order(self, forecasts: Floats) -> Floats:
        """Forecasts (horizon, lanes) at the scale and in the order of the list the lanes were made from."""
        out = np.empty_like(forecasts)
        out[:, self.order] = forecasts * self.scale
        return out
