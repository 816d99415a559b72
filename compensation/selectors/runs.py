"""Runs of pay, for those who see everybody's pay."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from catalog.engine.months import add_months, months_from
from compensation.models import (
    CLOSED,
    OF_THE_MONTH,
    PayRun,
    RunState,
    Statement,
    StatementPart,
)
from compensation.selectors.run_jobs import CALCULATE
from compensation.selectors.scope import sees_all_pay
from core.jobs import OPEN
from core.models import Job, Person
from core.roles import ACTIONS

SHOWN = Q(state__in=[*OF_THE_MONTH, RunState.PREVIEW])
NEXT = {
    RunState.PREVIEW: ("Take it as the month’s calculation", "pay.run"),
    RunState.CALCULATED: ("Review it", "pay.run"),
    RunState.REVIEWED: ("Approve it", "pay.approve"),
    RunState.APPROVED: ("Lock the month", "pay.lock"),
    RunState.LOCKED: ("Pay, then mark it as paid", "pay.lock"),
    RunState.PAID: ("", ""),
}


def runs_visible_to(user: Person | None) -> QuerySet[PayRun]:
    """The runs a person may open: all, or none."""
    rows = PayRun.objects.select_related("made_by", "reviewed_by", "approved_by", "follows")
    return rows if sees_all_pay(user) else rows.none()


@dataclass(frozen=True)
class MonthState:
    """A month of the calendar: its run (the month's own, else the newest preview), its running job, the next
    step and whose it is."""

    month: dt.date
    run: PayRun | None
    job: Job | None
    next_step: str
    waits_for: str

    @property
    def is_closed(self) -> bool:
        """Whether the month's pay is locked or paid."""
        return self.run is not None and self.run.state in CLOSED


def months_visible_to(user: Person | None, last: dt.date, count: int) -> list[MonthState]:
    """The months up to `last`, newest first, for those who see everybody's pay."""
    if not sees_all_pay(user):
        return []
    months = months_from(add_months(last, 1 - count), count)
    runs = _runs_of(months)
    jobs = {
        row.params.get("month"): row
        for row in Job.objects.filter(kind=CALCULATE, state__in=OPEN).select_related("requested_by")
    }
    closed = [month for month, run in runs.items() if run.state in CLOSED]
    first = min(closed, default=months[0])
    return [
        _state(month, runs.get(month), jobs.get(month.isoformat()), over=month < first)
        for month in sorted(months, reverse=True)
    ]


def _runs_of(months: list[dt.date]) -> dict[dt.date, PayRun]:
    found: dict[dt.date, PayRun] = {}
    rows = PayRun.objects.filter(SHOWN, month__in=months).select_related(
        "made_by", "reviewed_by", "approved_by"
    )
    for run in rows.order_by("month", "version"):
        there = found.get(run.month)
        if there is None or there.state == RunState.PREVIEW:
            found[run.month] = run
    return found


def _state(month: dt.date, run: PayRun | None, job: Job | None, over: bool) -> MonthState:
    """over: a later month is closed, so this one is not paid by a run of its own any more."""
    if job is not None:
        return MonthState(month, run, job, "Being calculated", "")
    if run is None:
        first_step = ("", "") if over else ("Calculate it", roles_of("pay.run"))
        return MonthState(month, None, None, *first_step)
    step, action = NEXT[RunState(run.state)]
    return MonthState(month, run, None, step, roles_of(action) if action else "")


def roles_of(action: str) -> str:
    """Whose step it is, in words."""
    names = [str(role.label) for role in sorted(ACTIONS[action].roles) if role != "service"]
    return ", ".join(names[:-1]) + " or " + names[-1] if len(names) > 1 else names[0]


def run_of_month(user: Person | None, month: dt.date) -> PayRun | None:
    """The month's own run, else its newest preview."""
    if not sees_all_pay(user):
        return None
    return _runs_of([month]).get(month)


def runs_of_month(user: Person | None, month: dt.date) -> QuerySet[PayRun]:
    """Every run of a month, newest first."""
    return runs_visible_to(user).filter(month=month).order_by("-version")


def previous_month_run(run: PayRun) -> PayRun | None:
    """The run of the month before, for comparison."""
    return _runs_of([add_months(run.month, -1)]).get(add_months(run.month, -1))


def statements_of_run(user: Person | None, run: PayRun) -> QuerySet[Statement]:
    """The statements of a run, by rep."""
    rows = Statement.objects.filter(run=run).select_related("rep", "rep__manager", "currency", "run")
    return rows.order_by("rep__name") if sees_all_pay(user) else rows.none()


def sums_by_component(user: Person | None, run: PayRun) -> list[dict[str, Any]]:
    """What components pay: plan, component, name, people, earned, deltas, target, currency."""
    rows = StatementPart.objects.filter(statement__run=run)
    if not sees_all_pay(user):
        return []
    sums = rows.order_by().values(
        "component", plan=F("version__plan__name"), currency=F("statement__currency")
    )
    found = sums.annotate(
        name=Max("name"),
        earned=Sum("earned"),
        deltas=Sum("deltas"),
        target=Sum("target"),
        people=Count("statement__rep", distinct=True),
    )
    told: list[dict[str, Any]] = [dict(row) for row in found]
    return sorted(told, key=lambda row: (row["plan"], -abs(row["earned"] + row["deltas"])))


def sums_by_manager(user: Person | None, run: PayRun) -> list[dict[str, Any]]:
    """What each manager's direct reports are paid: manager, people, earned, deltas, pay, currency."""
    if not sees_all_pay(user):
        return []
    rows = Statement.objects.filter(run=run).order_by()
    sums = rows.values("currency_id", manager=F("rep__manager__name"))
    found = sums.annotate(people=Count("pk"), earned=Sum("earned"), deltas=Sum("deltas"), total=Sum("pay"))
    told: list[dict[str, Any]] = [dict(row) for row in found]
    return sorted(told, key=lambda row: -abs(row["total"]))
