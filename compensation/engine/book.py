"""What a calculation is made from: credits, people and quotas, as columns over people and months.

Months are numbered from the first month of the calculation, which begins a year of the plan.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from compensation.engine.exact import TICKS, Ints
from compensation.engine.plan import MONTHS, Component, Measure, Period, Whose

NOBODY = -1
MOST_ROWS = 20_000_000


@dataclass(frozen=True)
class Words:
    """A column of words (n,): the place of each in `names`."""

    code: Ints
    names: tuple[str, ...]

    def among(self, wanted: tuple[str, ...]) -> NDArray[np.bool_]:
        """(n,): whether the row has one of the words."""
        return np.isin(self.code, [place for place, name in enumerate(self.names) if name in wanted])


@dataclass(frozen=True)
class Credits:
    """Who is credited with what, of shape (n,).

    person, deal: places among the ids. day: ordinal. month: number. amounts: columns in ticks. words:
    columns of text. reverses: the place of the credit that this one takes back, NOBODY for none.
    """

    person: Ints
    deal: Ints
    day: Ints
    month: Ints
    amounts: dict[str, Ints]
    words: dict[str, Words]
    reverses: Ints
    deals: tuple[str, ...]

    def measured(self, measure: Measure) -> tuple[Ints, Ints]:
        """The places of the credits that count, and their amounts in ticks. Raises KeyError for an unknown
        column."""
        chosen = np.ones(len(self.person), bool)
        for condition in measure.where:
            chosen &= self.words[condition.column].among(condition.values)
        if measure.roles:
            chosen &= self.words["role"].among(measure.roles)
        rows = np.flatnonzero(chosen)
        return rows, self.column(measure.of, rows)

    def column(self, name: str, rows: Ints) -> Ints:
        """(rows,) ticks: a column of numbers, or how many credits. Raises KeyError for an unknown one."""
        if name == "count":
            return TICKS * np.where(self.reverses[rows] == NOBODY, 1, -1)
        return self.amounts[name][rows]

    @cached_property
    def rank(self) -> Ints:
        """(n,): the place of each credit by day, deal id, what is taken back last, amount, person: the one
        order of a calculation, whatever the order of the file."""
        deal = _by_name(self.deals)[self.deal] if len(self.deals) else self.deal
        amounts = [self.amounts[name] for name in sorted(self.amounts)]
        order = np.lexsort((self.person, *amounts, self.reverses != NOBODY, deal, self.day))
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        return rank


@lru_cache(maxsize=2)
def _by_name(ids: tuple[str, ...]) -> Ints:
    """(ids,): the place of each in the order of the alphabet; kept for the next book of the same deals."""
    order = np.argsort(np.array(ids, dtype=object), kind="stable")
    found = np.empty(len(order), np.int64)
    found[order] = np.arange(len(order))
    return found


@dataclass(frozen=True)
class People:
    """Of shape (people,). target: (people, months), variable pay at 100 % as Fractions, for the days on the
    plan. here: (people, months), whether somebody is on it."""

    ids: tuple[str, ...]
    team: tuple[str, ...]
    role: tuple[str, ...]
    manager: Ints
    target: NDArray[np.object_]
    here: NDArray[np.bool_]

    def counting_for(self, whose: Whose) -> list[tuple[int, Ints]]:
        """For each person the people whose credits count."""
        count = len(self.ids)
        if whose is Whose.OWN:
            return [(person, np.array([person])) for person in range(count)]
        if whose is Whose.COMPANY:
            return [(person, np.arange(count)) for person in range(count)]
        if whose is Whose.TEAM:
            return list(enumerate(self._teams()))
        return [(person, self._under(person, whose is Whose.BELOW)) for person in range(count)]

    def _teams(self) -> list[Ints]:
        """For each person the own team; whoever has none is alone."""
        members: dict[str, list[int]] = {}
        for place, name in enumerate(self.team):
            members.setdefault(name, []).append(place)
        teams = {name: np.array(places, np.int64) for name, places in members.items()}
        return [teams[name] if name else np.array([place]) for place, name in enumerate(self.team)]

    def _under(self, place: int, deep: bool) -> Ints:
        found = set(np.flatnonzero(self.manager == place).tolist())
        edge = set(found)
        while deep and edge:
            edge = set(np.flatnonzero(np.isin(self.manager, list(edge))).tolist()) - found - {place}
            found |= edge
        return np.array(sorted(found), dtype=np.int64)


@dataclass(frozen=True)
class PaidBefore:
    """What others than this calculation really paid for credits that are taken back: earlier versions of the
    plan, years before, other terms of a person. theirs: (people, months), what they paid, all of it.

    Columns of shape (n,): person, credit: places in the book. component: a place among `codes`. tier: from 0.
    amount, pay: in ticks. rate: in 1/PARTS.
    """

    theirs: NDArray[np.bool_]
    codes: tuple[str, ...]
    person: Ints
    credit: Ints
    component: Ints
    tier: Ints
    amount: Ints
    rate: Ints
    pay: Ints


@dataclass(frozen=True)
class Book:
    """All of it. quotas: by component, (people, months) in ticks. scores: achievement of an objective by
    (component, objective, person, month)."""

    credits: Credits
    people: People
    months: int
    quotas: dict[str, Ints] = field(default_factory=dict)
    scores: dict[tuple[str, str, int, int], Decimal] = field(default_factory=dict)
    paid_before: PaidBefore | None = None

    def quota(self, component: Component) -> Ints:
        """(people, months) in ticks; 0 where nobody set one, and for a ratio, which has none."""
        none = np.zeros((len(self.people.ids), self.months), np.int64)
        return none if component.measure.per else self.quotas.get(component.code, none)


def block(month: Ints | int, period: Period) -> Ints | int:
    """The number of the period in which a month lies."""
    return month // MONTHS[period]


def last_month(month: Ints, period: Period) -> Ints:
    """The last month of the period in which a month lies: when it is paid."""
    length = MONTHS[period]
    return (month // length + 1) * length - 1


def to_date(monthly: NDArray[np.int64], window: Period) -> NDArray[np.int64]:
    """(people, months): the sums from the begin of each window up to each month."""
    length = MONTHS[window]
    found = np.empty_like(monthly)
    for first in range(0, monthly.shape[1], length):
        found[:, first : first + length] = np.cumsum(monthly[:, first : first + length], axis=1)
    return found


def whole_window(monthly: NDArray[np.int64], window: Period) -> NDArray[np.int64]:
    """(people, months): the sum of the window in which each month lies."""
    length = MONTHS[window]
    found = np.empty_like(monthly)
    for first in range(0, monthly.shape[1], length):
        part = monthly[:, first : first + length]
        found[:, first : first + length] = part.sum(axis=1, keepdims=True)
    return found
