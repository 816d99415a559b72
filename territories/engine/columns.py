"""Accounts as columns, and conditions answered over all of them at once.

A text is held as its place among the sorted distinct texts, so that every question about it is a range or
a few places; a tag as the rows that have it. Nothing loops over accounts.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from territories.engine.condition_fields import folded, packed, postcode_key
from territories.engine.conditions import Ask, Condition, Group, Not

Mask = NDArray[np.bool_]
HIGHEST = "\U0010ffff"


@dataclass(frozen=True)
class Ranked:
    """Texts by their place in `values`, which are sorted and distinct. `places`: one a row."""

    places: NDArray[np.intp]
    values: list[Any]

    def equal(self, wanted: Sequence[Any]) -> Mask:
        """Where the value is one of those wanted, (accounts,)."""
        hits = np.zeros(len(self.values), dtype=bool)
        for value in wanted:
            place = bisect_left(self.values, value)
            if place < len(self.values) and self.values[place] == value:
                hits[place] = True
        return hits[self.places]

    def within(self, low: int, high: int) -> Mask:
        """Where the value's place in the sorted values lies from low up to, but without, high."""
        return (self.places >= low) & (self.places < high)

    def starting(self, prefixes: Sequence[str]) -> Mask:
        """Where the text begins with one of the prefixes."""
        hits = np.zeros(len(self.values), dtype=bool)
        for prefix in prefixes:
            hits[bisect_left(self.values, prefix) : bisect_left(self.values, prefix + HIGHEST)] = True
        return hits[self.places]


def ranked(values: Sequence[Any]) -> Ranked:
    """The values of a column, sorted once among the distinct ones."""
    codes, distinct = pd.factorize(_objects(values), use_na_sentinel=False)
    order = sorted(range(len(distinct)), key=distinct.__getitem__)
    ranks = np.empty(len(order), dtype=np.intp)
    ranks[order] = np.arange(len(order))
    return Ranked(ranks[codes], [distinct[place] for place in order])


def _objects(values: Sequence[Any] | NDArray[Any]) -> NDArray[np.object_]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


class TextColumn:
    """Texts, compared without regard to capitals."""

    def __init__(self, values: Sequence[str]) -> None:
        codes, distinct = pd.factorize(_objects(values))
        short = ranked([folded(value) for value in distinct])
        self._by_text = Ranked(short.places[codes], short.values)

    def answer(self, test: Ask) -> Mask:
        """Where the text is empty, one of the values, or begins with one, in upper or lower case."""
        if test.op == "empty":
            return self._by_text.equal([""])
        wanted = [folded(value) for value in test.values]
        return self._by_text.starting(wanted) if test.op == "starts with" else self._by_text.equal(wanted)


class PostcodeColumn:
    """Postcodes, by their characters and by their runs of letters and digits."""

    def __init__(self, values: Sequence[str]) -> None:
        self._codes, self._distinct = pd.factorize(_objects(values))

    @cached_property
    def _by_text(self) -> Ranked:
        short = ranked([packed(value) for value in self._distinct])
        return Ranked(short.places[self._codes], short.values)

    @cached_property
    def _by_key(self) -> Ranked:
        short = ranked([postcode_key(value) for value in self._distinct])
        return Ranked(short.places[self._codes], short.values)

    def answer(self, test: Ask) -> Mask:
        """Where the postcode is empty, one of the values, begins with one, or lies between two."""
        if test.op == "empty":
            return self._by_text.equal([""])
        if test.op == "between":
            low, high = (postcode_key(value) for value in test.values)
            keys = self._by_key.values
            return self._by_key.within(
                bisect_left(keys, low), bisect_right(keys, high, key=lambda key: key[: len(high)])
            )
        wanted = [packed(value) for value in test.values]
        return self._by_text.starting(wanted) if test.op == "starts with" else self._by_text.equal(wanted)


class NumberColumn:
    """Numbers; NaN where there is none."""

    def __init__(self, values: Sequence[float | None]) -> None:
        self._values = np.array(values, dtype=float)

    def answer(self, test: Ask) -> Mask:
        """Where the number is missing, equal, at least, at most or between; a missing one is only missing."""
        if test.op == "empty":
            return np.isnan(self._values)
        first = test.values[0]
        if test.op == "at least":
            return self._values >= first
        if test.op == "at most":
            return self._values <= first
        if test.op == "between":
            return (self._values >= first) & (self._values <= test.values[1])
        return self._values == first


class TagColumn:
    """Codes that rows have: `rows[k]` has the code `codes[k]`."""

    def __init__(
        self, rows: Sequence[int] | NDArray[Any], codes: Sequence[str] | NDArray[Any], size: int
    ) -> None:
        places, distinct = pd.factorize(_objects(codes))
        order = np.argsort(places, kind="stable")
        self._rows = np.asarray(rows, dtype=np.intp)[order]
        self._ends = np.searchsorted(places[order], np.arange(len(distinct) + 1))
        self._place_of = {code: place for place, code in enumerate(distinct)}
        self._size = size

    def answer(self, test: Ask) -> Mask:
        """Where the account has no tag, or one of those named."""
        mask = np.zeros(self._size, dtype=bool)
        if test.op == "empty":
            mask[self._rows] = True
            return ~mask
        for code in test.values:
            place = self._place_of.get(code)
            if place is not None:
                mask[self._rows[self._ends[place] : self._ends[place + 1]]] = True
        return mask


Column = TextColumn | PostcodeColumn | NumberColumn | TagColumn
ColumnKey = tuple[str, int]
CONTRARY = {"is not": "is", "none of": "one of", "not empty": "empty"}


@dataclass(frozen=True)
class Accounts:
    """The accounts by number, and the columns that some conditions need (field, months)."""

    ids: NDArray[np.int64]
    columns: Mapping[ColumnKey, Column]

    @property
    def size(self) -> int:
        """How many accounts there are."""
        return len(self.ids)


def keys_of(tests: Sequence[Ask]) -> set[ColumnKey]:
    """The columns that these tests ask for."""
    return {(test.field.name, test.months) for test in tests}


def answer(condition: Condition, accounts: Accounts) -> Mask:
    """Which accounts meet the condition, one truth value each, in the order of `accounts.ids`."""
    if isinstance(condition, Ask):
        return _answer_test(condition, accounts)
    if isinstance(condition, Not):
        return ~answer(condition.part, accounts)
    return _answer_group(condition, accounts)


def _answer_test(test: Ask, accounts: Accounts) -> Mask:
    column = accounts.columns[test.field.name, test.months]
    if test.op in CONTRARY:
        return ~column.answer(Ask(test.field, CONTRARY[test.op], test.values, test.months))
    return column.answer(test)


def _answer_group(group: Group, accounts: Accounts) -> Mask:
    if not group.parts:
        return np.zeros(accounts.size, dtype=bool)
    found = answer(group.parts[0], accounts)
    for part in group.parts[1:]:
        found = found & answer(part, accounts) if group.kind == "all" else found | answer(part, accounts)
    return found
