"""Who is on a plan, on which days, and with which terms."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from compensation.models import PayPlan, PlanAssignment, Position


@dataclass(frozen=True)
class Span:
    """Days on a plan, `first` to `last` both included (None: from before, or open), with a year's target
    incentive (None: that of the plan) and changes of the terms."""

    first: dt.date | None
    last: dt.date | None
    target: Decimal | None
    changes: dict[str, Any] = field(default_factory=dict)

    def holds(self, day: dt.date) -> bool:
        """Whether the day lies in it."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Member:
    """A rep on a plan: consecutive spans, and the code of the role held last."""

    rep: int
    role: str
    spans: tuple[Span, ...]

    @property
    def changes(self) -> dict[str, Any]:
        """The changes of the terms that hold last."""
        return self.spans[-1].changes


def members(plan: PayPlan, first: dt.date, last: dt.date) -> dict[int, Member]:
    """The members of a plan between two days, both included, by rep."""
    on_days = PlanAssignment.objects.filter(plan=plan, days__overlap=(first, last + dt.timedelta(days=1)))
    positions: dict[int, list[Position]] = defaultdict(list)
    roles = [row.role_id for row in on_days if row.role_id]
    of_reps = [row.rep_id for row in on_days if row.rep_id]
    wanted = Position.objects.filter(days__overlap=(first, last + dt.timedelta(days=1)))
    for one in wanted.select_related("role").order_by("rep", "days"):
        if one.role_id in roles or one.rep_id in of_reps:
            positions[one.rep_id].append(one)
    found = {rep: _spans(rep, list(on_days), positions[rep], first, last) for rep in {*positions, *of_reps}}
    return {
        rep: Member(rep, positions[rep][-1].role.code if positions[rep] else "", tuple(spans))
        for rep, spans in sorted(found.items())
        if rep is not None and spans
    }


def _spans(
    rep: int | None, rows: list[PlanAssignment], positions: list[Position], first: dt.date, last: dt.date
) -> list[Span]:
    """Cut at every day on which an assignment or a position begins or ends; equal neighbours are joined."""
    own = [row for row in rows if row.rep_id == rep]
    by_role = [row for row in rows if row.role_id is not None]
    cuts = {first, last + dt.timedelta(days=1)}
    for days in [row.days for row in (*own, *by_role)] + [row.days for row in positions]:
        cuts |= {day for day in (days.lower, days.upper) if day and first < day <= last}
    edges = sorted(cuts)
    spans: list[Span] = []
    for begin, end in pairwise(edges):
        span = _span(begin, end - dt.timedelta(days=1), own, by_role, positions)
        if span:
            _add(spans, span)
    before = _span(first - dt.timedelta(days=1), first, own, by_role, positions)
    if before and spans and spans[0].first == first:
        spans[0] = replace(spans[0], first=None)
    return spans


def _span(
    begin: dt.date,
    end: dt.date,
    own: list[PlanAssignment],
    by_role: list[PlanAssignment],
    positions: list[Position],
) -> Span | None:
    """What holds on a day and until the next cut: the rep's own row before that of the role."""
    position = next((one for one in positions if _holds(one, begin)), None)
    mine = next((row for row in own if _holds(row, begin)), None)
    target = position.target_incentive if position else None
    if mine is not None:
        given = target if mine.target_incentive is None else mine.target_incentive
        return None if mine.is_off else Span(begin, end, given, mine.changes)
    role = position.role_id if position else None
    if any(row.role_id == role and _holds(row, begin) for row in by_role):
        return Span(begin, end, target)
    return None


def _holds(row: PlanAssignment | Position, day: dt.date) -> bool:
    days = row.days
    return (days.lower is None or days.lower <= day) and (days.upper is None or day < days.upper)


def _add(spans: list[Span], span: Span) -> None:
    before = spans[-1] if spans else None
    day_after = before.last + dt.timedelta(days=1) if before and before.last else None
    if before and day_after == span.first and (before.target, before.changes) == (span.target, span.changes):
        spans[-1] = replace(before, last=span.last)
    else:
        spans.append(span)
