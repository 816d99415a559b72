"""Calculating months, and moving their runs on to being paid."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.engine.months import add_months
from compensation.models import PayRun, RunState, Statement, StatementAdjustment
from compensation.pipeline.contract_months import keep_contract_months
from compensation.pipeline.running import refuse_closed_month
from compensation.selectors.closing import close_alone, month_alone
from compensation.selectors.run_jobs import CALCULATE, open_job_of
from compensation.selectors.statements import statement_url
from compensation.workflow.adjustments import ADJUSTMENTS
from compensation.workflow.runs import RUNS, month_path, run_url
from core.access import require
from core.errors import Invalid, Reason, Refused
from core.jobs import input_hash, start_job
from core.models import Job, Person
from core.roles import ACTIONS
from core.services.notifications import notify

RUN = "pay.run"
MOST_AHEAD = 1  # months after this one that can be calculated, to look ahead


@transaction.atomic
def start_run(*, actor: Person | None, month: dt.date) -> Job:
    """Queue the calculation of a month; the job's result names the run.

    Raises Refused while somebody else's calculation of the month is under way, once the month is locked, and
    for a month too far ahead.
    """
    require(actor, RUN)
    first = month.replace(day=1)
    last = add_months(timezone.localdate().replace(day=1), MOST_AHEAD)
    if first > last:
        text = f"{first:%B %Y} is too far ahead: nothing is earned yet. Choose {last:%B %Y} or earlier."
        raise Invalid(Reason(text, "too_early", "month"))
    refuse_closed_month(first)
    if (under_way := open_job_of(first)) is not None:
        raise Refused(_under_way(first, under_way))
    return start_job(
        actor=actor,
        kind=CALCULATE,
        label=f"Calculate the pay of {first:%B %Y}",
        params={"month": first.isoformat()},
        subject_url=month_path(first),
        same_work=input_hash([CALCULATE, first]),
    )


def _under_way(month: dt.date, job: Job) -> Reason:
    who = f" by {job.requested_by.name}" if job.requested_by else ""
    text = f"{month:%B %Y} is being calculated{who}. Wait until that is done."
    return Reason(text, "under_way", url=month_path(month))


@transaction.atomic
def move_run(
    *, actor: Person | None, run: PayRun, name: str, reason: str = "", revision: int | None = None
) -> PayRun:
    """Make one move of a run. A lock settles its adjustments, throws the month's previews away, keeps what
    the month did to contract costs and tells the reps; a review tells who approves.

    Raises Refused with every reason at once, Denied where the role may not, Conflict on a stale revision.
    """
    if name == "lock":
        month_alone(run.month)
    close_alone()
    moved: PayRun = RUNS.perform(row=run, name=name, actor=actor, reason=reason, revision=revision)
    if name == "review":
        _ask_for_approval(moved)
    elif name == "lock":
        _settle(moved)
        _throw_previews_away(moved)
        keep_contract_months()
        _tell_reps(moved)
    return moved


def _ask_for_approval(run: PayRun) -> None:
    people = Person.objects.filter(
        is_active=True, roles__overlap=[str(role) for role in ACTIONS["pay.approve"].roles]
    ).exclude(pk__in=[pk for pk in (run.made_by_id, run.reviewed_by_id) if pk])
    title = f"The pay of {run.month:%B %Y} waits for approval"
    notify(people=people, title=title, text="It is calculated and reviewed.", url=run_url(run))


def _settle(run: PayRun) -> None:
    """The adjustments that the run pays are paid by it."""
    rows = StatementAdjustment.objects.filter(statement__run=run).select_related("adjustment")
    for row in rows:
        settled = ADJUSTMENTS.perform(row=row.adjustment, name="settle", actor=None)
        settled.run = run
        settled.save(update_fields=["run"])


def _throw_previews_away(run: PayRun) -> None:
    """What else was calculated for the month can be paid by nobody any more."""
    for preview in PayRun.objects.filter(month=run.month, state=RunState.PREVIEW):
        RUNS.perform(row=preview, name="discard", actor=None, reason=f"{run} is locked.")


def _tell_reps(run: PayRun) -> None:
    rows = Statement.objects.filter(run=run, rep__person__isnull=False).select_related("rep__person")
    for row in rows:
        title = f"Your statement of {run.month:%B %Y} is ready"
        people: Any = [row.rep.person]
        notify(
            people=people,
            title=title,
            text="It says what you are paid, and for what.",
            url=statement_url(row),
        )
