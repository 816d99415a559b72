"""A run of a month's pay, as the work of a job: credits, everybody's pay, and all of it stored at once or not
at all.

The run's row is made in the transaction that stores its statements: a worker that is killed leaves nothing,
and whoever takes the job over begins anew.
"""

import datetime as dt
from typing import Any

from django.db.models import Max

from compensation.engine import VERSION
from compensation.models import CLOSED, PayRun, RunState
from compensation.pipeline.crediting import make_credits
from compensation.pipeline.run_rows import store_rows
from compensation.pipeline.run_sheets import MonthPay, month_pay
from compensation.pipeline.run_warnings import warnings_of
from compensation.selectors.closing import month_alone
from compensation.selectors.credits_current import credits_are_current
from compensation.selectors.run_inputs import fingerprint_of, inputs_of
from compensation.workflow.runs import run_url
from core.errors import Reason, Refused
from core.events import record
from core.jobs import Progress
from core.models import Job, Person


def run_job(progress: Progress) -> dict[str, Any]:
    """Calculate the month that the job is about. Raises Refused, and then nothing is kept, for plans that
    cannot be paid, a month that was closed meanwhile, and changes made while it was calculated."""
    month = dt.date.fromisoformat(progress.job.params["month"])
    progress.report(done=0, total=1, step="Looking whether the credits are current")
    if not credits_are_current():
        make_credits(
            actor=progress.job.requested_by, job=progress.job, report=lambda step: progress.report(step=step)
        )
    inputs = inputs_of(month)
    found = month_pay(
        month, heard=lambda done, total, step: progress.report(done=done, total=total + 1, step=step)
    )
    progress.report(step=f"Storing {len(found.sheets)} statements")
    with progress.store() as store:
        run = stored(found, inputs, actor=progress.job.requested_by, job=progress.job)
        Job.objects.filter(pk=progress.job.pk).update(subject_url=run_url(run))
        store.result = {"run": run.pk}
    return store.result


def stored(found: MonthPay, inputs: dict[str, str], *, actor: Person | None, job: Job | None) -> PayRun:
    """The month's pay as a run in preview. Call it in a transaction. Raises Refused as run_job."""
    month_alone(found.month)
    refuse_closed_month(found.month)
    if inputs_of(found.month) != inputs:
        text = "Something that pay is made of changed while it was calculated. Calculate the month again."
        raise Refused(Reason(text, "changed_meanwhile"))
    run = _made(found, actor, job)
    totals = store_rows(run, found)
    pay = {key: sheet.pay for key, sheet in found.sheets.items()}
    PayRun.objects.filter(pk=run.pk).update(
        state=RunState.PREVIEW,
        fingerprint=fingerprint_of(inputs),
        totals={"currencies": totals, "made_from": inputs},
        warnings=warnings_of(found.month, found.doubts, pay),
        statements_count=len(found.sheets),
        lines_count=len(found.lines),
        months_again=len(found.span.again),
    )
    run.refresh_from_db()
    after = {"statements": run.statements_count, "lines": run.lines_count}
    record(actor=actor, verb="pay: calculated", subject=run, after=after)
    return run


def _made(found: MonthPay, actor: Person | None, job: Job | None) -> PayRun:
    before = PayRun.objects.filter(month=found.month).exclude(state=RunState.FAILED)
    return PayRun.objects.create(
        month=found.month,
        version=(before.aggregate(last=Max("version"))["last"] or 0) + 1,
        follows=before.order_by("-version").first(),
        engine_version=str(VERSION),
        made_by=actor,
        job=job,
    )


def refuse_closed_month(month: dt.date) -> None:
    """Raise Refused when the month is locked or paid."""
    closed = PayRun.objects.filter(month=month, state__in=CLOSED).first()
    if closed is not None:
        text = (
            f"{month:%B %Y} is {closed.get_state_display().lower()}: its pay never changes. Late changes are "
            "paid with the next open month."
        )
        raise Refused(Reason(text, "month_closed"))
