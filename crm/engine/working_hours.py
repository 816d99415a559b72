"""Time as it counts for an answer: only the hours in which somebody works. Pure, no clock."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from catalog.engine.workdays import WorkRule, is_workday

LOOKS_AHEAD = 366 * 3  # days: a calendar without any workday ends somewhere
HOUR = dt.timedelta(hours=1)


class NeverOpen(ValueError):
    """The calendar has no working hour within three years."""


@dataclass(frozen=True)
class WorkingHours:
    """Workdays by `rule`, each from `opens` up to `closes`, local times of `zone`."""

    rule: WorkRule = field(default_factory=lambda: WorkRule(frozenset(range(1, 6))))
    opens: dt.time = dt.time(9)
    closes: dt.time = dt.time(17)
    zone: dt.tzinfo = dt.UTC

    def span_of(self, day: dt.date) -> tuple[dt.datetime, dt.datetime] | None:
        """When work begins and ends on a day, in UTC; None on a day off."""
        if not is_workday(self.rule, day):
            return None
        begins = dt.datetime.combine(day, self.opens, tzinfo=self.zone).astimezone(dt.UTC)
        ends = dt.datetime.combine(day, self.closes, tzinfo=self.zone).astimezone(dt.UTC)
        return (begins, ends) if begins < ends else None


def due_after(hours: WorkingHours, start: dt.datetime, wanted: float) -> dt.datetime:
    """The moment at which `wanted` working hours have passed since `start` (aware), in UTC.

    A lead of Friday evening with four hours is due on Monday, four hours after work begins.
    Raises NeverOpen.
    """
    left = wanted * HOUR
    for begins, ends in _spans_from(hours, start):
        if ends - begins >= left:
            return begins + left
        left -= ends - begins
    raise NeverOpen("The working calendar has no working hours within three years. Correct it.")


def hours_between(hours: WorkingHours, start: dt.datetime, end: dt.datetime) -> float:
    """Working hours from `start` to `end` (aware); 0 where `end` is not later."""
    total = dt.timedelta()
    for begins, ends in _spans_from(hours, start):
        if begins >= end:
            break
        total += min(ends, end) - begins
    return total / HOUR


def _spans_from(hours: WorkingHours, start: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """What is left of each working day from `start` on."""
    first = start.astimezone(hours.zone).date()
    for number in range(LOOKS_AHEAD):
        span = hours.span_of(first + dt.timedelta(days=number))
        if span is not None and span[1] > start:
            yield max(span[0], start), span[1]
