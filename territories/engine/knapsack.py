"""Many knapsacks of one rep at once, solved exactly over whole-numbered room.

Dynamic programming over the groups and what is used of the room: R. Bellman, Dynamic Programming (1957);
H. Kellerer, U. Pferschy and D. Pisinger, Knapsack Problems (2004), chapter 2.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import DTypeLike, NDArray

from territories.engine.problem import Bools, Ints

FULL = {4: -(2**29), 8: -(2**60)}  # by bytes of a number: worth less than anything that fits


@dataclass(frozen=True)
class Knapsacks:
    """The most profitable groups for one rep, in many cases at once; all whole numbers.

    profits and possible: (cases, groups), what a group brings and whether it may be taken. loads: (groups,),
    what it takes. room: (cases,), what there is. number: the type that no sum of profits overflows.
    """

    profits: Ints
    possible: Bools
    loads: Ints
    room: Ints
    number: DTypeLike

    @cached_property
    def width(self) -> int:
        """How many states of use there are: 0 up to the widest room."""
        return int(self.room.max()) + 1

    @cached_property
    def gains(self) -> NDArray[np.signedinteger]:
        """(cases, groups): what a group brings, 0 where taking it is no gain."""
        return np.where(self.possible, np.maximum(self.profits, 0), 0).astype(self.number)

    @cached_property
    def items(self) -> Ints:
        """The groups that some case may gain by."""
        return np.flatnonzero((self.gains > 0).any(axis=0) & (self.loads < self.width))

    @cached_property
    def table(self) -> NDArray[np.signedinteger]:
        """(items + 1, cases, width): the best of the items from there on, with so much of the room in use."""
        full = FULL[np.dtype(self.number).itemsize]
        table = np.empty((len(self.items) + 1, len(self.room), self.width), self.number)
        table[-1] = np.where(np.arange(self.width) <= self.room[:, None], 0, full)
        for place in range(len(self.items) - 1, -1, -1):
            group = self.items[place]
            load, after, best = int(self.loads[group]), table[place + 1], table[place]
            end = self.width - load
            np.add(after[:, load:], self.gains[:, group, None], out=best[:, :end])
            np.maximum(best[:, :end], after[:, :end], out=best[:, :end])
            best[:, end:] = after[:, end:]
        return table

    @property
    def best(self) -> Ints:
        """(cases,): the profit of the most profitable groups."""
        return self.table[0][:, 0].astype(np.int64)

    def taken(self) -> Bools:
        """(cases, groups): the most profitable groups."""
        cases = np.arange(len(self.room))
        used, taken = np.zeros(len(self.room), dtype=np.int64), np.zeros(self.possible.shape, dtype=bool)
        for place, group in enumerate(self.items):
            after, more = self.table[place + 1], np.minimum(used + self.loads[group], self.width - 1)
            fits = used + self.loads[group] < self.width
            gain = after[cases, more] + self.gains[:, group]
            taken[:, group] = fits & (gain > after[cases, used])
            used = used + self.loads[group] * taken[:, group]
        return taken

    def forced(self) -> tuple[Ints, Ints]:
        """Two of (cases, groups): the best profit when a group must be taken, and when it must be left.

        The best of the items before it and after it are put together at every use of the room.
        """
        full = FULL[np.dtype(self.number).itemsize]
        without = np.repeat(self.best[:, None], self.possible.shape[1], axis=1)
        must = np.full(self.possible.shape, full, dtype=np.int64)
        able = np.flatnonzero(self.loads < self.width)
        must[:, able] = self.profits[:, able] + self.table[0][:, self.loads[able]]
        before = np.full((len(self.room), self.width), full, self.number)
        before[:, 0] = 0
        for place, group in enumerate(self.items):
            load, after = int(self.loads[group]), self.table[place + 1]
            end = self.width - load
            without[:, group] = (before + after).max(axis=1)
            must[:, group] = (before[:, :end] + after[:, load:]).max(axis=1) + self.profits[:, group]
            used = before[:, :end] + self.gains[:, group, None]
            np.maximum(before[:, load:], used, out=before[:, load:])
        return must, without
