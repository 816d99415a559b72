"""Runs: a month's pay calculated from deals, stored once, exact to the cent, and compared with what was."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from compensation.models import PayLine, PayRun, Statement
from compensation.pipeline.running import run_job
from compensation.services.runs import start_run
from core import jobs
from core.models import Job, JobState, Person
from tests.compensation.company import FLAT, JANUARY, deal, plan_of, rep_on

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 8, 15)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


def worked(job: Job) -> Job:
    jobs.run(job.pk, run_job)
    job.refresh_from_db()
    return job


def calculated(month: dt.date, actor: Person | None = None) -> PayRun:
    job = worked(start_run(actor=actor, month=month))
    assert job.state == JobState.DONE, job.error
    return PayRun.objects.get(pk=job.result["run"])


def test_a_run_pays_each_deal_of_the_month_and_says_how_much_for_which(analyst: Person) -> None:
    version = plan_of(FLAT)
    ann = rep_on(version)
    one, other = deal(ann, 10_000, JANUARY), deal(ann, 2_345, dt.date(2026, 1, 20))
    deal(ann, 7_000, dt.date(2026, 2, 1))

    run = calculated(JANUARY, analyst)

    assert (run.state, run.version, run.made_by) == ("preview", 1, analyst)
    statement = Statement.objects.get(run=run)
    assert (statement.rep, statement.currency_id) == (ann, "EUR")
    assert statement.earned == statement.pay == Decimal("617.25")
    lines = PayLine.objects.filter(statement=statement)
    assert {line.deal: line.pay for line in lines} == {one: Decimal(500), other: Decimal("117.25")}
    assert run.totals["currencies"]["EUR"]["pay"] == "617.25"


def test_pages_of_runs_open(analyst: Person, signed_in: object) -> None:
    version = plan_of(FLAT)
    ann = rep_on(version)
    deal(ann, 10_000, JANUARY)
    run = calculated(JANUARY, analyst)
    client = signed_in(analyst)
    for path in (
        "/pay/runs/",
        "/pay/runs/months/2026-01/",
        f"/pay/runs/{run.pk}/",
        f"/pay/runs/{run.pk}/statements/",
        f"/pay/runs/{run.pk}/changes/",
        "/pay/accrual/",
        "/pay/adjustments/",
        "/pay/adjustments/add/",
    ):
        found = client.get(path)
        assert found.status_code == 200, (path, found.content.decode()[:400])
