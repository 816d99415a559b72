"""What of a territory's quota falls on each rep: by the days covered, leave, and the ramp of new hires.

Days are counted on the calendar: a month's quota is earned evenly over its days; the first day counts.
"""

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from catalog.engine.months import months_apart
from territories.engine.quotas.wholes import CENT, split

Span = tuple[dt.date | None, dt.date | None]  # from, up to but not including; None for open
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Term:
    """When a rep covers a territory and is away, and since when the rep sells here at all."""

    rep: Any
    spans: tuple[Span, ...]
    away: tuple[Span, ...] = ()
    started: dt.date | None = None


@dataclass(frozen=True)
class RepMonth:
    """A rep's month: `full` by the days covered, less leave and ramp what is `given`."""

    full: Decimal
    leave: Decimal
    ramp: Decimal

    @property
    def given(self) -> Decimal:
        """What is left to sell after leave and ramp."""
        return self.full - self.leave - self.ramp


@dataclass(frozen=True)
class Covered:
    """The quota of a territory by rep and month; `uncovered`: what falls on days without a rep."""

    reps: dict[Any, dict[dt.date, RepMonth]] = field(default_factory=dict)
    uncovered: dict[dt.date, Decimal] = field(default_factory=dict)


def by_days(months: Mapping[dt.date, Decimal], terms: Sequence[Term], ramp: Sequence[int]) -> Covered:
    """Each month's amount over the reps by their days; adds up: full amounts and what is uncovered.

    `ramp`: percent of a full quota in the month of the start, the next, and so on; then 100.
    """
    reps: dict[Any, dict[dt.date, RepMonth]] = {term.rep: {} for term in terms}
    uncovered: dict[dt.date, Decimal] = {}
    for month, amount in months.items():
        days = {term.rep: days_in(month, term.spans) for term in terms}
        vacant = max(days_of(month) - sum(days.values()), 0)
        parts = split(amount, {("", ""): vacant} | {("rep", rep): count for rep, count in days.items()})
        uncovered[month] = parts.pop(("", ""), Decimal(0))
        for term in terms:
            full = parts[("rep", term.rep)]
            reps[term.rep][month] = _month(term, month, full, days[term.rep], ramp)
    return Covered(reps, uncovered)


def _month(term: Term, month: dt.date, full: Decimal, days: int, ramp: Sequence[int]) -> RepMonth:
    away = _both(month, term.spans, term.away) if full else 0
    leave = _cents(full * away / days) if away else Decimal(0)
    percent = ramp_percent(term.started, month, ramp)
    return RepMonth(full, leave, _cents((full - leave) * (HUNDRED - percent) / HUNDRED))


def ramp_percent(started: dt.date | None, month: dt.date, ramp: Sequence[int]) -> Decimal:
    """Percent of a full quota in a month: by the months since the start."""
    if started is None:
        return HUNDRED
    place = max(months_apart(started.replace(day=1), month), 0)
    return Decimal(ramp[place]) if place < len(ramp) else HUNDRED


def days_of(month: dt.date) -> int:
    """How many days the month has."""
    return calendar.monthrange(month.year, month.month)[1]


def days_in(month: dt.date, spans: Sequence[Span]) -> int:
    """How many days of the month lie in the spans; spans may overlap."""
    return len(_days(month, spans))


def rest_of(day: dt.date) -> tuple[int, int]:
    """Of the day's month: how many days are left with that day, of how many."""
    whole = days_of(day)
    return whole - day.day + 1, whole


def _both(month: dt.date, one: Sequence[Span], other: Sequence[Span]) -> int:
    return len(_days(month, one) & _days(month, other))


def _days(month: dt.date, spans: Sequence[Span]) -> set[int]:
    found: set[int] = set()
    last = days_of(month)
    end = month.replace(day=last) + dt.timedelta(days=1)
    for first, until in spans:
        since, to = max(first or month, month), min(until or end, end)
        found.update(range(since.day, since.day + (to - since).days) if since < to else ())
    return found


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_EVEN)
