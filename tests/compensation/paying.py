"""Months that are calculated, closed and looked at, as people and workers would."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from compensation.models import PayLine, PayRun, Statement
from compensation.pipeline.running import run_job
from compensation.services.runs import move_run, start_run
from core import jobs
from core.models import Job, JobState, Person
from crm.models import Rep

TODAY = dt.date(2026, 12, 15)
JANUARY, FEBRUARY, MARCH, APRIL = (dt.date(2026, month, 1) for month in (1, 2, 3, 4))


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every month of 2026 can be calculated."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


def done(job: Job) -> Job:
    """The job as a worker leaves it."""
    jobs.run(job.pk, run_job)
    job.refresh_from_db()
    return job


def calculated(month: dt.date, actor: Person | None = None) -> PayRun:
    """A run of the month, in preview."""
    job = done(start_run(actor=actor, month=month))
    assert job.state == JobState.DONE, job.error
    return PayRun.objects.get(pk=job.result["run"])


def moved(run: PayRun, *names: str, actor: Person | None = None) -> PayRun:
    """The run after some moves."""
    for name in names:
        run = move_run(actor=actor, run=run, name=name, reason="Because")
    return run


def closed(month: dt.date) -> PayRun:
    """The month calculated and locked."""
    return moved(calculated(month), "take", "review", "approve", "lock")


def sheet(run: PayRun, rep: Rep) -> Statement:
    """The rep's statement."""
    return Statement.objects.get(run=run, rep=rep)


def pay(run: PayRun, rep: Rep) -> Decimal:
    return sheet(run, rep).pay


def lines(run: PayRun, **chosen: Any) -> list[tuple[Any, ...]]:
    """What a run's lines say, without the keys of the run."""
    names = ("statement__rep__code", "part__component", "month", "kind", "credit", "tier", "amount", "rate")
    found = PayLine.objects.filter(statement__run=run, **chosen)
    return sorted(found.values_list(*names, "pay", "is_delta"), key=repr)
