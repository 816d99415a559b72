"""What an allocation comes to: the quota of a territory and of a rep, and how each was made."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from territories.engine.quotas.bounds import Bound
from territories.engine.quotas.days import RepMonth
from territories.engine.quotas.seasons import Months

NOTHING = Decimal(0)


@dataclass(frozen=True)
class NodeLine:
    """A territory's quota by month. `share` of the siblings before bounds; `is_held`: a bound holds it."""

    months: Months
    share: Fraction
    used: dict[str, Fraction]
    dropped: tuple[str, ...]
    bound: Bound
    level: int
    is_held: bool

    @property
    def amount(self) -> Decimal:
        """The territory's year."""
        return sum(self.months.values(), NOTHING)


@dataclass(frozen=True)
class RepLine:
    """A rep's quota in a territory: months that stay, months by days, and what was taken over of others."""

    past: Months
    days: dict[dt.date, RepMonth]
    extra: Months

    @property
    def months(self) -> Months:
        """By month: what is kept of the past, what falls on the rep, and what was taken over."""
        now = {month: one.given + self.extra.get(month, NOTHING) for month, one in self.days.items()}
        return dict(self.past) | now

    @property
    def amount(self) -> Decimal:
        """The rep's year."""
        return sum(self.months.values(), NOTHING)

    @property
    def full(self) -> Decimal:
        """What the days covered come to, with the months that stay."""
        return sum(self.past.values(), NOTHING) + sum((one.full for one in self.days.values()), NOTHING)

    @property
    def leave(self) -> Decimal:
        """What leave took off in the year."""
        return sum((one.leave for one in self.days.values()), NOTHING)

    @property
    def ramp(self) -> Decimal:
        """What the ramp of a new hire took off in the year."""
        return sum((one.ramp for one in self.days.values()), NOTHING)

    @property
    def taken_over(self) -> Decimal:
        """What the rep carries of what others are not given."""
        return sum(self.extra.values(), NOTHING)


@dataclass(frozen=True)
class Allocation:
    """All quotas of a plan: nodes by key, reps by (node, rep), months without a rep by node."""

    nodes: dict[Any, NodeLine]
    reps: dict[tuple[Any, Any], RepLine]
    uncovered: dict[Any, Months]
