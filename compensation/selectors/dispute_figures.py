"""What disputes tell: how many, about what, how long they take, and what they were worth."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any

from django.utils import timezone

from compensation.models import Dispute, DisputeState
from compensation.selectors.disputes import disputes_visible_to
from core.models import Person
from crm.engine.working_hours import hours_between
from crm.selectors.lead_routing import Hours

ANSWERED = (DisputeState.ACCEPTED, DisputeState.REJECTED)


@dataclass(frozen=True)
class DisputeFigures:
    """Disputes of a group. hours: working hours from being raised to the decision, median, None without
    decisions. worth, adjusted: money by currency, what was asked for and what was proposed to be paid."""

    label: str
    count: int
    open: int
    agreed: int
    disagreed: int
    withdrawn: int
    late: int
    hours: float | None
    worth: dict[str, Decimal] = field(default_factory=dict)
    adjusted: dict[str, Decimal] = field(default_factory=dict)

    @property
    def agreed_share(self) -> float | None:
        """Of those decided."""
        decided = self.agreed + self.disagreed
        return self.agreed / decided if decided else None


@dataclass(frozen=True)
class DisputeReport:
    """All disputes raised between two months, and the same by month, plan and subject."""

    total: DisputeFigures
    by_month: list[DisputeFigures]
    by_plan: list[DisputeFigures]
    by_about: list[DisputeFigures]


def dispute_report(user: Person | None, first: dt.date, last: dt.date) -> DisputeReport:
    """The disputes that a person may see, raised from the month `first` to the month `last`, both included.
    Three queries and one for each calendar."""
    zone = timezone.get_current_timezone()
    begin = dt.datetime.combine(first, dt.time(), zone)
    end = dt.datetime.combine((last + dt.timedelta(days=32)).replace(day=1), dt.time(), zone)
    rows = list(
        disputes_visible_to(user)
        .filter(raised__gte=begin, raised__lt=end)
        .prefetch_related("statement__parts__version__plan")
    )
    clock = Hours(timezone.localdate())
    hours = {row.pk: _hours(clock, row) for row in rows if row.state in ANSWERED}
    return DisputeReport(
        total=_figures("All", rows, hours),
        by_month=_grouped(rows, hours, lambda row: f"{timezone.localtime(row.raised):%Y-%m}"),
        by_plan=_grouped(rows, hours, plan_name),
        by_about=_grouped(rows, hours, lambda row: row.get_about_display()),
    )


def plan_name(row: Dispute) -> str:
    """The plan of the line; of a statement without one, that of its first part."""
    part = row.line.part if row.line is not None else next(iter(row.statement.parts.all()), None)
    return part.version.plan.name if part is not None else "No plan"


def _hours(clock: Hours, row: Dispute) -> float:
    if row.decided is None:
        raise ValueError("A decided dispute has its moment.")
    return hours_between(clock.of(row.rep), row.raised, row.decided)


def _grouped(
    rows: Iterable[Dispute], hours: dict[int, float], key: Callable[[Dispute], str]
) -> list[DisputeFigures]:
    groups: dict[str, list[Dispute]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return [_figures(label, groups[label], hours) for label in sorted(groups)]


def _figures(label: str, rows: list[Dispute], hours: dict[int, float]) -> DisputeFigures:
    states = [row.state for row in rows]
    taken = [hours[row.pk] for row in rows if row.pk in hours]
    paid = [row for row in rows if row.adjustment is not None]
    return DisputeFigures(
        label=label,
        count=len(rows),
        open=states.count(DisputeState.OPEN),
        agreed=states.count(DisputeState.ACCEPTED),
        disagreed=states.count(DisputeState.REJECTED),
        withdrawn=states.count(DisputeState.WITHDRAWN),
        late=sum(bool(row.late) for row in rows),  # type: ignore[attr-defined]
        hours=median(taken) if taken else None,
        worth=_money(rows, lambda row: row.worth),
        adjusted=_money(paid, lambda row: row.adjustment.amount),
    )


def _money(rows: list[Dispute], amount: Callable[[Any], Decimal]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row.statement.currency.code] += amount(row)
    return dict(sorted(found.items()))
