"""Rounds of a contest or a SPIF: from when to when, who stands where, how much is missing to the next prize.

A contest (form contest) pays prizes by rank at the end of each period; any other component with days or a
budget is a SPIF: its ranking is what it measured, its pay goes by its own rates.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import numpy as np

from catalog.engine.months import add_months, months_apart
from compensation.engine.calculation import Calculation, passes_gates
from compensation.engine.counting import Work
from compensation.engine.exact import from_ticks
from compensation.engine.plan import MONTHS, Component, Form, Period
from compensation.engine.shared import standing


@dataclass(frozen=True)
class Round:
    """The days that count, both included, and the place in the book of the month that pays it."""

    first: dt.date
    last: dt.date
    month: int

    def state(self, today: dt.date) -> str:
        """upcoming, running or over."""
        if today < self.first:
            return "upcoming"
        return "over" if today > self.last else "running"


@dataclass(frozen=True)
class Place:
    """A person's place in the ranking; rank 0 without one. gap: what is missing to the amount of the nearest
    better prize, None where there is none (or no prizes). prize: the one of this rank."""

    person: int
    rank: int
    amount: Decimal
    prize: Decimal | None
    gap: Decimal | None


def is_contest(component: Component) -> bool:
    """Whether a component is a contest or a SPIF."""
    return component.form is Form.CONTEST or bool(component.starts or component.ends or component.budget)


def rounds(component: Component, first: dt.date, months: int = 12) -> list[Round]:
    """The rounds of a component in the year that begins with the month `first`, in order."""
    window = Period.MONTH if component.over is Period.DEAL else component.over
    paid = Period.MONTH if component.period is Period.DEAL else component.period
    begins, over = _day(component.starts), _day(component.ends)
    if component.form is not Form.CONTEST:
        return _one_round(begins, over, first, months)
    found = []
    for month in range(MONTHS[paid] - 1, months, MONTHS[paid]):
        start = add_months(first, month - month % MONTHS[window])
        end = add_months(first, month + 1) - dt.timedelta(days=1)
        low, high = max(start, begins or start), min(end, over or end)
        if low <= high:
            found.append(Round(low, high, month))
    return found


def _one_round(begins: dt.date | None, over: dt.date | None, first: dt.date, months: int) -> list[Round]:
    """A SPIF has one round in a year: its days."""
    end = add_months(first, months) - dt.timedelta(days=1)
    low, high = max(first, begins or first), min(end, over or end)
    return [Round(low, high, months_apart(first, high))] if low <= high else []


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def places(calculation: Calculation, component: int, one: Round) -> list[Place]:
    """The ranking of a round, the best first; then those without a place: nothing yet, or a gate not
    reached."""
    work = calculation.works[component]
    ranked = _ranked(calculation, work, one)
    prizes = work.component.prizes
    amounts = [amount for _, amount in ranked]
    ranks = [amounts.index(amount) + 1 if not _by_time(work) else n + 1 for n, amount in enumerate(amounts)]
    found = [
        Place(person, rank, from_ticks(amount), _prize(prizes, rank), _gap(amounts, rank, amount, prizes))
        for (person, amount), rank in zip(ranked, ranks, strict=True)
    ]
    inside = {person for person, _ in ranked}
    others = [person for person in range(len(work.book.people.ids)) if person not in inside]
    rest = [Place(person, 0, _amount(work, person, one), None, None) for person in others]
    return found + sorted(rest, key=lambda place: (-place.amount, place.person))


def _ranked(calculation: Calculation, work: Work, one: Round) -> list[tuple[int, int]]:
    qualifies = partial(passes_gates, work.component, calculation.looked_at)
    if work.component.form is Form.CONTEST:
        return standing(work, one.month, qualifies)
    sums = work.totals.sum(axis=1)
    running = [p for p in range(len(sums)) if sums[p] > 0 and qualifies(p, one.month)]
    return [(p, int(sums[p])) for p in sorted(running, key=lambda p: (-sums[p], p))]


def _amount(work: Work, person: int, one: Round) -> Decimal:
    contest = work.component.form is Form.CONTEST
    ticks = work.so_far[person, one.month] if contest else work.totals[person].sum()
    return from_ticks(int(ticks))


def _by_time(work: Work) -> bool:
    """Whether equal amounts have different ranks: who was there first."""
    return work.component.form is Form.CONTEST and work.component.ties.value == "first"


def _prize(prizes: Sequence[Decimal], rank: int) -> Decimal | None:
    return prizes[rank - 1] if 0 < rank <= len(prizes) else None


def _gap(amounts: list[int], rank: int, amount: int, prizes: Sequence[Decimal]) -> Decimal | None:
    """To the amount of who has the next better prize: the nearest above within the prizes."""
    better = [other for other in amounts[: len(prizes)] if other > amount]
    return from_ticks(min(better) - amount) if better and rank > 1 else None


def used(calculation: Calculation, component: int) -> Decimal:
    """What the component pays everybody together, as it stands."""
    lines = calculation.lines
    rows = np.flatnonzero(lines.component == component)
    return lines.pay.at(rows).sums(np.zeros(len(rows), np.int64), 1).decimal(0)
