"""Which credits count for whom in a component, and what they add up to."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from compensation.engine.book import MOST_ROWS, NOBODY, Book, to_date, whole_window
from compensation.engine.exact import TICKS, Ints
from compensation.engine.plan import (
    Against,
    Attained,
    Attainment,
    Component,
    Form,
    Period,
    Plan,
    QuotaOf,
    TakenBackAt,
    Whose,
)

# What a person reached in a component by the end of a month: (what is looked at, person, month) → number.
Reached = Callable[[Attainment, int, int], Fraction]
BY_LINE = frozenset({Form.FLAT, Form.MARGINAL, Form.WHOLE, Form.WHOLE_UNTIL, Form.RESULT})


@dataclass(frozen=True)
class Counted:
    """Credits as they count, by person and then in the order of the calculation.

    credit: place among the book's credits. taken_back: whether the row takes an earlier one back.
    """

    person: Ints
    month: Ints
    credit: Ints
    amount: Ints
    taken_back: Ints

    def at(self, chosen: Ints) -> "Counted":
        """Only the rows chosen, by place."""
        return Counted(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Work:
    """A component at work. place: its number in the plan."""

    plan: Plan
    book: Book
    place: int

    @property
    def component(self) -> Component:
        """The component itself."""
        return self.plan.components[self.place]

    @property
    def window(self) -> Period:
        """What tiers add up over; a month where every deal stands by itself."""
        return Period.MONTH if self.component.over is Period.DEAL else self.component.over

    @property
    def paid(self) -> Period:
        """How often it is paid; what is paid by deal is paid by month."""
        return Period.MONTH if self.component.period is Period.DEAL else self.component.period

    @cached_property
    def counted(self) -> Counted:
        """The credits of everybody who counts. Raises ValueError when that is beyond MOST_ROWS."""
        own = self._own
        if self.component.measure.whose is Whose.OWN:
            return own
        pairs = self.book.people.counting_for(self.component.measure.whose)
        if sum(len(members) for _, members in pairs) * max(len(own.person), 1) > MOST_ROWS * max(
            len(self.book.people.ids), 1
        ):
            raise ValueError(
                f"{self.component.name}: too many credits count for too many people by deal. "
                "Pay a team's or the company's result by a curve, steps or a pool."
            )
        return self._spread(own, pairs)

    @cached_property
    def _own(self) -> Counted:
        credits, component = self.book.credits, self.component
        row, amount = credits.measured(component.measure)
        # What is taken back lies between the days when its deal does, however late it is taken back.
        origin = np.where(credits.reverses[row] == NOBODY, row, credits.reverses[row])
        inside = self._inside(credits.day[origin])
        row, amount = row[inside], amount[inside]
        order = np.lexsort((credits.rank[row], credits.person[row]))
        row, amount = row[order], amount[order]
        taken = (credits.reverses[row] != NOBODY).astype(np.int64)
        return Counted(credits.person[row], credits.month[row], row, amount, taken)

    def _inside(self, day: Ints) -> Ints:
        starts, ends = self.component.starts, self.component.ends
        first = dt.date.fromisoformat(starts).toordinal() if starts else day.min(initial=0)
        last = dt.date.fromisoformat(ends).toordinal() if ends else day.max(initial=0)
        return np.flatnonzero((day >= first) & (day <= last))

    def _spread(self, own: Counted, pairs: list[tuple[int, Ints]]) -> Counted:
        first = np.searchsorted(own.person, np.arange(len(self.book.people.ids) + 1))
        rows = [
            np.concatenate([np.arange(first[m], first[m + 1]) for m in members] or [first[:0]])
            for _, members in pairs
        ]
        person = np.repeat([place for place, _ in pairs], [len(some) for some in rows]).astype(np.int64)
        spread = replace(own.at(np.concatenate(rows).astype(np.int64)), person=person)
        order = np.lexsort((self.book.credits.rank[spread.credit], person))
        return spread.at(order)

    @cached_property
    def attaining(self) -> Counted:
        """Everybody's own credits that count for attainment, by person."""
        own = self._own
        keeps = self.plan.clawback.attainment is Attained.KEPT
        return own.at(np.flatnonzero(own.taken_back == 0)) if keeps else own

    @cached_property
    def totals(self) -> Ints:
        """(people, months) in ticks: what counts for attainment, by month."""
        return self._by_month(self.attaining.amount)

    def weights(self, rows: Counted) -> Ints:
        """(n,) ticks: with how much credits weigh in the measure: their amounts; of a ratio, what they are
        divided by."""
        per = self.component.measure.per
        return self.book.credits.column(per, rows.credit) if per else rows.amount

    def _by_month(self, amount: Ints) -> Ints:
        """(people, months): sums of what counts for attainment, for everybody for whom it counts."""
        own = self.attaining
        monthly = np.zeros((len(self.book.people.ids), self.book.months), np.int64)
        np.add.at(monthly, (own.person, own.month), amount)
        if self.component.measure.whose is Whose.OWN:
            return monthly
        pairs = self.book.people.counting_for(self.component.measure.whose)
        return np.array([monthly[members].sum(axis=0) for _, members in pairs])

    @cached_property
    def so_far(self) -> Ints:
        """(people, months): the measure from the begin of the window."""
        return to_date(self.totals, self.window)

    @cached_property
    def divided_by(self) -> Ints:
        """(people, months) in ticks: what `so_far` is divided by for what is reached: the quota up to each
        month, or the other column of a ratio from the begin of the window."""
        if not self.component.measure.per:
            return self.quota_to_date
        return to_date(self._by_month(self.weights(self.attaining)), self.window)

    def looked_at(self, against: Against, person: int, month: int) -> Fraction:
        """What a gate, multiplier or matrix sees: the amount, or the share of the quota or the ratio."""
        if against is Against.AMOUNT:
            return Fraction(int(self.so_far[person, month]), TICKS)
        return self.reached(person, month)

    def reached(self, person: int, month: int) -> Fraction:
        """The share of the quota, or the ratio, by the end of a month; 0 with nothing to divide by."""
        whole = int(self.divided_by[person, month])
        return Fraction(int(self.so_far[person, month]), whole) if whole > 0 else Fraction(0)

    @cached_property
    def quota(self) -> Ints:
        """(people, months): the quota that bounds are shares of."""
        monthly = self.book.quota(self.component)
        by_window = whole_window(monthly, self.window)
        return by_window if self.component.quota_of is QuotaOf.WHOLE else to_date(monthly, self.window)

    @cached_property
    def quota_to_date(self) -> Ints:
        """(people, months): the quota from the window's begin up to each month, in ticks."""
        return to_date(self.book.quota(self.component), self.window)

    @cached_property
    def target(self) -> NDArray[np.object_]:
        """(people, months) of Fractions: the component's part of the target incentive, from the begin of
        its year up to each month."""
        monthly = self.book.people.target * Fraction(self.component.weight)
        years = [
            np.cumsum(monthly[:, first : first + 12], axis=1) for first in range(0, self.book.months, 12)
        ]
        return np.concatenate(years, axis=1)

    @property
    def takes_back_as_paid(self) -> bool:
        """Whether what is taken back is what the deal itself was paid."""
        by_deal = self.component.form in {Form.FLAT, Form.MARGINAL, Form.RESULT}
        return by_deal and self.plan.clawback.at is TakenBackAt.HISTORIC
