"""Pay for a whole period by the credits that counted for it.

A curve, steps, a matrix, a pool, a prize, a gate or a cap has no pay by deal: it pays what all credits of the
period come to. A credit's share of such a line is in proportion to the amount with which it counted (of a
ratio, to what it was divided by): no more than that, and no less, since all shares add up to the line. A
negative credit's share has the other sign.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from compensation.engine.by_tier import below_until
from compensation.engine.counting import Work
from compensation.engine.exact import Ints
from compensation.engine.plan import MONTHS, Form, PoolShare

CENT = 100
MOST_WHOLE = 2**62


@dataclass(frozen=True)
class Counts:
    """What counted, of shape (n,). credits: primary keys or places in a book. amounts: in ticks."""

    credits: Ints
    amounts: Ints

    def __len__(self) -> int:
        return len(self.credits)

    @property
    def total(self) -> int:
        """In ticks."""
        return int(self.amounts.sum())


def shares(pay: int, counts: Counts) -> Ints:
    """(n,) ticks: each credit's share of a line's pay in ticks, whole cents where the pay is. They add up to
    it, by the largest remainder (equal ones: the larger amount, then the lower key). Raises ValueError where
    the amounts add up to nothing."""
    total = counts.total
    if not total:
        raise ValueError("Amounts that add up to nothing share no pay.")
    size = 1 if pay % CENT else CENT
    units, sign = pay // size, 1 if total > 0 else -1
    small = abs(units) * int(np.abs(counts.amounts).max()) < MOST_WHOLE
    exact = (counts.amounts if small else counts.amounts.astype(object)) * (units * sign)
    whole = exact // (total * sign)
    rest = exact - whole * (total * sign)
    missing = units - int(whole.sum())
    order = np.lexsort((counts.credits, -counts.amounts, -rest if small else -_ranks(rest)))
    whole[order[:missing]] += 1
    return (whole * size).astype(np.int64)


def _ranks(rest: np.ndarray) -> Ints:
    """(n,): whole numbers in the order of numbers beyond 64 bits."""
    places = {value: place for place, value in enumerate(sorted(set(rest.tolist())))}
    return np.array([places[value] for value in rest.tolist()], np.int64)


@dataclass(frozen=True)
class Sharing:
    """Of a component at work: whose credits count for the lines that are about a whole period."""

    work: Work

    def counted(self, person: int, month: int, earlier: bool) -> Counts | None:
        """What counted for the line of a person's period that ends with a month. earlier: in the window
        before the period, for a true-up; else in the period, and where that comes to nothing, in the window.
        None where nothing can be shared."""
        people = self.whose(person)
        if people is None:
            return None
        begin = month - MONTHS[self.work.paid] + 1
        window = min(begin, month - month % MONTHS[self.work.window])
        if earlier:
            return _filled(self._priced_anew(person, window, begin - 1))
        found = _filled(self._between(people, begin, month))
        return found or _filled(self._between(people, window, month))

    def whose(self, person: int) -> tuple[int, ...] | None:
        """The people whose credits make a person's pay; None where no credit does: an objective is scored,
        and a fixed pot is shared whatever is sold."""
        component = self.work.component
        if component.form is Form.SCORECARD:
            return None
        if component.form is Form.POOL and component.pool_share is PoolShare.CREDIT:
            return (person,)
        if component.form is Form.POOL and component.pot is not None:
            return None
        return self._behind[person]

    @cached_property
    def _behind(self) -> list[tuple[int, ...]]:
        pairs = self.work.book.people.counting_for(self.work.component.measure.whose)
        groups: dict[bytes, tuple[int, ...]] = {}
        return [groups.setdefault(some.tobytes(), tuple(some.tolist())) for _, some in pairs]

    def _between(self, people: tuple[int, ...], first: int, last: int) -> Counts:
        rows, edges = self.work.attaining, self._edges
        mine = np.concatenate([np.arange(edges[one], edges[one + 1]) for one in people] or [edges[:0]])
        inside = mine[(rows.month[mine] >= first) & (rows.month[mine] <= last)]
        return Counts(rows.credit[inside], self._weights[inside])

    @cached_property
    def _weights(self) -> Ints:
        return self.work.weights(self.work.attaining)

    @cached_property
    def _edges(self) -> Ints:
        """(people + 1,): where each person's credits begin among those that count."""
        return np.searchsorted(self.work.attaining.person, np.arange(len(self.work.book.people.ids) + 1))

    def _priced_anew(self, person: int, first: int, last: int) -> Counts:
        """What a true-up prices anew: what lies below the point up to which a tier pays for everything."""
        rows, low = self.work.counted, self._low
        begin, end = np.searchsorted(rows.person, [person, person + 1])
        mine = np.arange(begin, end)
        inside = mine[(rows.month[mine] >= first) & (rows.month[mine] <= last)]
        return Counts(rows.credit[inside], low[inside])

    @cached_property
    def _low(self) -> Ints:
        return below_until(self.work, self.work.counted)


def _filled(counts: Counts) -> Counts | None:
    """Without credits of nothing; None where the amounts add up to nothing."""
    chosen = np.flatnonzero(counts.amounts)
    return Counts(counts.credits[chosen], counts.amounts[chosen]) if counts.total else None
