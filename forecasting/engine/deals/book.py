"""Deals as arrays, and what was known of them at a day.

`Book.at(day)` forgets everything after that day: closings become open, later steps vanish, deals not
yet created are not there. Every method works on such a book only, so no method can read the future.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = 4_000_000  # a day after every day: not closed, or not known to have begun
LATER = NEVER + 1  # begins after the day that the book knows
FACTORS = ("product", "owner", "account", "segment")


@dataclass(frozen=True)
class Deal:
    """One deal with its steps over time, each `(day, what it became)`.

    `created` is the day on which the work on it began, None where nobody wrote it down. `won_value` is
    what it brought, known from the day it closed on. Amounts and prices in one currency.
    """

    id: str
    created: dt.date | None
    closed: dt.date | None = None
    is_won: bool = False
    stages: tuple[tuple[dt.date | None, str], ...] = ()
    amounts: tuple[tuple[dt.date | None, float], ...] = ()
    expected: tuple[tuple[dt.date | None, dt.date], ...] = ()
    won_value: float | None = None
    product: str = ""
    owner: str = ""
    account: str = ""
    segment: str = ""
    list_price: float | None = None


@dataclass(frozen=True)
class Steps:
    """What changed of all deals, sorted by deal and day: `key` is deal × NEVER + day."""

    key: Ints
    value: Floats

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, float]]) -> "Steps":
        """From rows of deal, day and value in any order."""
        ordered = sorted(rows, key=lambda row: row[:2])
        key = np.array([deal * NEVER + day for deal, day, _ in ordered], dtype=np.int64)
        return cls(key, np.array([value for _, _, value in ordered], dtype=float))

    def at(self, deals: Ints, day: int) -> Floats:
        """The newest value of each deal on a day; NaN before its first."""
        place = np.searchsorted(self.key, deals * NEVER + day, side="right") - 1
        found = np.full(len(deals), np.nan)
        if self.key.size:
            ours = (place >= 0) & (self.key[place] // NEVER == deals)
            found[ours] = self.value[place[ours]]
        return found

    def until(self, day: int) -> "Steps":
        """Only what had happened by the day, that day included."""
        kept = self.key % NEVER <= day
        return Steps(self.key[kept], self.value[kept])


@dataclass(frozen=True)
class Book:
    """n deals as arrays: days are ordinals, `won_value` and `list_price` NaN where unknown, `codes` (n,)
    number each product, owner, account and segment; 0 is “none”."""

    ids: tuple[str, ...]
    created: Ints
    closed: Ints
    won: Bools
    won_value: Floats
    list_price: Floats
    codes: dict[str, Ints]
    stages: Steps
    amounts: Steps
    expected: Steps
    stage_names: tuple[str, ...]
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, deals: Sequence[Deal]) -> "Book":
        """The deals in the order of their ids, whatever order they came in."""
        ordered = sorted(deals, key=lambda deal: deal.id)
        stage_names = tuple(sorted({name for deal in ordered for _, name in deal.stages}))
        numbers = {name: float(place) for place, name in enumerate(stage_names)}
        coded = {factor: _codes([getattr(deal, factor) for deal in ordered]) for factor in FACTORS}
        return cls(
            ids=tuple(deal.id for deal in ordered),
            created=np.array([_day(deal.created) for deal in ordered], dtype=np.int64),
            closed=np.array([_day(deal.closed) for deal in ordered], dtype=np.int64),
            won=np.array([deal.is_won and deal.closed is not None for deal in ordered], dtype=bool),
            won_value=_numbers(deal.won_value for deal in ordered),
            list_price=_numbers(deal.list_price for deal in ordered),
            codes={factor: pair[0] for factor, pair in coded.items()},
            names={factor: pair[1] for factor, pair in coded.items()},
            stages=_steps(ordered, "stages", lambda name: numbers[name]),
            amounts=_steps(ordered, "amounts", float),
            expected=_steps(ordered, "expected", lambda day: float(day.toordinal())),
            stage_names=stage_names,
        )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def decided(self) -> Bools:
        """Whether each deal is won or lost, (n,)."""
        return self.closed < NEVER

    def at(self, day: int) -> "Book":
        """What was known when `day` ended."""
        later = self.closed > day
        return replace(
            self,
            closed=np.where(later, NEVER, self.closed),
            won=self.won & ~later,
            won_value=np.where(later, np.nan, self.won_value),
            created=np.where((self.created > day) & (self.created != NEVER), LATER, self.created),
            stages=self.stages.until(day),
            amounts=self.amounts.until(day),
            expected=self.expected.until(day),
        )

    def open_on(self, day: int) -> Ints:
        """The deals at work when a day ended, those without a known first day left out."""
        return np.flatnonzero((self.created <= day) & (self.closed > day))

    def undated(self) -> Ints:
        """The deals at work of which nobody wrote down since when."""
        return np.flatnonzero((self.created == NEVER) & (self.closed == NEVER))

    def stage_on(self, deals: Ints, day: int) -> Ints:
        """The stage of each deal on a day; −1 where it has none."""
        return np.nan_to_num(self.stages.at(deals, day), nan=-1).astype(np.int64)

    @cached_property
    def usual_cycle(self) -> float:
        """The median days from beginning to won; the days of a quarter before anything was won."""
        days = (self.closed - self.created)[self.won & (self.created < NEVER)]
        return max(1.0, float(np.median(days))) if days.size else 91.0

    @cached_property
    def first_close(self) -> int:
        """The first day of any closing: before it, nobody wrote closings down. NEVER without any."""
        return int(self.closed.min()) if len(self) else NEVER


def _day(day: dt.date | None) -> int:
    return day.toordinal() if day is not None else NEVER


def _numbers(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _codes(values: list[str]) -> tuple[Ints, tuple[str, ...]]:
    names = ("", *sorted(set(values) - {""}))
    numbers = {name: place for place, name in enumerate(names)}
    return np.array([numbers[value] for value in values], dtype=np.int64), names


def _steps(deals: list[Deal], name: str, number: Any) -> Steps:
    """A step without a day is as old as the deal; of a deal that has no first day, it always was."""
    rows = []
    for place, deal in enumerate(deals):
        first = deal.created.toordinal() if deal.created else 0
        for day, value in getattr(deal, name):
            rows.append((place, first if day is None else day.toordinal(), number(value)))
    return Steps.of(rows)
