"""The calendar of months: where each stands, what comes next, who is waited for."""

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from catalog.engine.months import add_months
from compensation.models import PayRun
from compensation.selectors.run_jobs import last_job_of
from compensation.selectors.runs import (
    MonthState,
    months_visible_to,
    previous_month_run,
    run_of_month,
    runs_of_month,
)
from compensation.views.run_words import pay_words, tone_of
from compensation.workflow.runs import month_path, run_url
from core.access import Page, person_of
from core.listing import Column, Empty
from core.models import JobState
from core.pages import plain_table
from core.roles import can
from core.selectors.jobs import job_progress

VIEW = "pay.runs"
MONTHS_SHOWN = 15
CALENDAR = [
    Column("month", "Month", kind="month", link=lambda row: month_path(row.month)),
    Column("state", "State", lambda row: state_words(row), "badge", tone=lambda row: state_tone(row)),
    Column("version", "Run", "run.version", "number", help="Which calculation of the month it is."),
    Column("statements", "Statements", "run.statements_count", "number"),
    Column("pay", "Pay", lambda row: pay_words(row.run), "written"),
    Column("next_step", "Next step", kind="phrase"),
    Column("waits_for", "Waits for", kind="phrase"),
]
VERSIONS = [
    Column("version", "Run", str, link=run_url),
    Column("state", "State", "get_state_display", "badge", tone=tone_of),
    Column("pay", "Pay", pay_words, "written"),
    Column("statements", "Statements", "statements_count", "number"),
    Column("again", "Closed months looked back on", "months_again", "number"),
    Column("made_by", "Calculated by", "made_by.name"),
    Column("made", "Calculated", kind="time"),
]


def state_words(row: MonthState) -> str:
    if row.job is not None:
        return "Being calculated"
    if row.run is None:
        return "Not calculated" if row.next_step else "Before the first run"
    return row.run.get_state_display()


def state_tone(row: MonthState) -> str:
    if row.job is not None:
        return "info"
    return tone_of(row.run) if row.run else "quiet"


class RunMonths(Page):
    """Every month with its state. The primary button goes to the month that is next."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        this = timezone.localdate().replace(day=1)
        months = months_visible_to(person_of(request), this, MONTHS_SHOWN)
        return render(
            request,
            "compensation/run_months.html",
            {
                "title": "Runs",
                "table": plain_table(
                    months, CALENDAR, caption="Months", empty=EMPTY, row_url=lambda row: month_path(row.month)
                ),
                "next": _next(months, this),
                "may_run": bool(can(request.user, "pay.run")),
            },
        )


EMPTY = Empty("No months yet", "Calculate a month: it pays every credit of it by the plans in force.")


def _next(months: list[MonthState], this: dt.date) -> dict[str, str] | None:
    """The first month after the last closed one, or last month at the start."""
    closed = [row.month for row in months if row.is_closed]
    month = add_months(max(closed), 1) if closed else add_months(this, -1)
    if month > add_months(this, 1):
        return None
    return {"label": f"Go on with {month:%B %Y}", "url": month_path(month)}


def month_from(text: str) -> dt.date:
    """The month of an address such as 2026-05; 404 for anything else."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError as error:
        raise Http404(f"“{text}” is not a month such as 2026-05.") from error


class RunMonth(Page):
    """One month: its runs, the calculation that is under way, and the button that begins one."""

    action = VIEW

    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        return month_page(request, month_from(month))


def month_page(request: HttpRequest, month: dt.date, **more: Any) -> HttpResponse:
    """The page, perhaps with reasons why something was refused."""
    person = person_of(request)
    own = run_of_month(person, month)
    job = last_job_of(month)
    shown = job is not None and (not job.is_over or job.state == JobState.FAILED)
    closed = own is not None and own.state in {"locked", "paid"}
    context = {
        "title": f"Pay of {month:%B %Y}",
        "month": month,
        "own": own,
        "own_url": run_url(own) if own else "",
        "progress": job_progress(job, person) if job and shown else None,
        "may_run": bool(can(person, "pay.run")) and not closed and not (job and not job.is_over),
        "closed": closed,
        "calculate_url": reverse("compensation:run-calculate", args=[f"{month:%Y-%m}"]),
        "before": _before(own),
        "adjustments_url": f"{reverse('compensation:adjustment-list')}?month={month:%Y-%m}",
        "table": plain_table(
            runs_of_month(person, month), VERSIONS, caption="Runs", empty=NOT_YET, row_url=run_url
        ),
    }
    return render(request, "compensation/run_month.html", context | more, status=more.get("status", 200))


NOT_YET = Empty(
    "Not calculated yet",
    "A run makes the credits current, pays them by the plans in force, works closed months out again for "
    "late changes, and shows everything before anybody is paid.",
)


def _before(own: PayRun | None) -> PayRun | None:
    return previous_month_run(own) if own else None
