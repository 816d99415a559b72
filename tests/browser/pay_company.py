"""A small company that is paid, with a row for every page of pay."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from compensation.models import (
    Adjustment,
    Cancellation,
    ContractTerm,
    Credit,
    CreditHold,
    CreditRule,
    ObjectiveScore,
    PayLine,
    PlanAssignment,
    PlanQuota,
    PlanVersion,
    Position,
)
from compensation.pipeline.studies import study_job
from compensation.selectors.studies import job_of
from compensation.services.acceptances import accept_plan, standing_of
from compensation.services.disputes import raise_dispute
from compensation.services.studies import start_study
from core import jobs
from core.models import Person
from crm.models import Rep
from tests.compensation.company import JANUARY, RACE, TERMS, credit, euro, plan_of, rep_on, role
from tests.compensation.paying import calculated, closed, sheet

FEBRUARY = dt.date(2026, 2, 1)
MONTHLY = TERMS["components"][0]
CARD = {
    "code": "goals",
    "name": "Goals",
    "form": "scorecard",
    "period": "quarter",
    "objectives": [{"code": "nps", "weight": "60%"}, {"code": "hire", "weight": "40%"}],
}
BONUS = {
    "code": "bonus",
    "name": "Monthly bonus",
    "form": "steps",
    "measure": {"of": "bookings"},
    "steps": [[50_000, 200]],
}
MIXED = {**TERMS, "components": [MONTHLY, CARD, RACE, BONUS]}
Rows = dict[str, Any]


def a_paid_company(manager: Person, analyst: Person, sales_rep: Person, sales_manager: Person) -> Rows:
    """The beginning of a page's name, or a part of its address, → the row it shows."""
    version = plan_of(MIXED)
    version.plan.owner = manager
    version.plan.save()
    boss = rep_on(version, "bob", quota=200_000, person=sales_manager)
    ann = rep_on(version, "ann", quota=100_000, person=sales_rep, manager=boss)
    of_ann = [credit(ann, amount, day) for amount, day in ((60_000, JANUARY), (70_000, FEBRUARY))]
    credit(boss, 90_000, FEBRUARY)
    rows = _entered(version, ann, of_ann[0], analyst) | _on_plans(version, ann)
    first = closed(JANUARY)
    second = calculated(FEBRUARY, manager)
    draft = PlanVersion.objects.create(
        plan=version.plan, number=2, follows=version, starts=dt.date(2026, 7, 1), terms=TERMS
    )
    return rows | {
        "month": "2026-02", "run": second.pk, "run-statements": first.pk, "rep-pay": ann.pk, "rep": ann.pk,
        "rep-what-if": ann.pk, "statement": sheet(first, ann).pk, "code": "own", "contest code": "race",
        "version": version.pk, "last": "2026-03-31", "plan": version.plan_id, "other": version.pk,
        "plan-version": version.pk, "plan-version-edit": draft.pk, "plan-version-import": version.plan_id,
        "plan-compare": draft.pk, "plan-builder": draft.pk, "plan-component": draft.pk,
        "pay-role": role().pk, "rep-plans": ann.pk, "goals-version": version.pk, "goals-rep": version.pk,
        "dispute": _dispute(sheet(first, ann), sales_rep), "study": _study(analyst, version, draft),
        "study-copy": version.pk,
        "line-credits": PayLine.objects.filter(counted__isnull=False).earliest("pk").pk,
    }  # fmt: skip


def _entered(version: PlanVersion, ann: Rep, of_ann: Credit, analyst: Person) -> Rows:
    """What people type in beside plans: rules, cancellations, holds, contracts, adjustments."""
    deal, days = of_ann.deal, DateRange(JANUARY, None)
    assert deal is not None
    rule = CreditRule.objects.create(name="Owner", kind="direct", getter="deal_rep", days=days)
    gone = Cancellation.objects.create(deal=deal, kind="cancelled", day=FEBRUARY, percent=25, reason="Less")
    hold = CreditHold.objects.create(rep=ann, since=FEBRUARY, percent=50, reason="Papers", held_by=analyst)
    ContractTerm.objects.create(deal=deal, months=24, reason="Two years")
    given = {"rep": ann, "month": FEBRUARY, "currency": euro(), "amount": Decimal(-250), "made_by": analyst}
    change = Adjustment.objects.create(label="Laptop", reason="Kept it", **given)
    return {
        "credit": of_ann.pk, "credit-rule": rule.pk, "split": deal.pk, "cancellation": gone.pk,
        "hold": hold.pk, "contract-deal": deal.pk, "contract-term": deal.pk, "adjustment": change.pk,
    }  # fmt: skip


def _on_plans(version: PlanVersion, ann: Rep) -> Rows:
    """Who is on the plan, with quotas, scores and a document that is accepted."""
    said = {"component": "goals", "objective": "nps", "month": dt.date(2026, 3, 1)}
    score = ObjectiveScore.objects.create(plan=version.plan, rep=ann, achieved=Decimal("1.05"), **said)
    (goal,) = standing_of(ann)
    accepted = accept_plan(
        actor=ann.person, version=goal.version, document_hash=goal.hash, typed_name=ann.name
    )
    return {
        "assignment": PlanAssignment.objects.get().pk, "assignment-add": version.plan_id, "score": score.pk,
        "position": Position.objects.get(rep=ann).pk, "plan-quota": PlanQuota.objects.get(rep=ann).pk,
        "goals-accepted": accepted.pk,
    }  # fmt: skip


def _dispute(statement: Any, person: Person) -> int:
    line = PayLine.objects.filter(statement=statement).earliest("pk")
    said = {"about": "amount", "text": "The deal was 80 000.", "expected": Decimal(4000)}
    return raise_dispute(actor=person, statement=statement, line=line, **said).pk


def _study(analyst: Person, version: PlanVersion, draft: PlanVersion) -> int:
    """The draft tried on the year, beside the version in force."""
    study = start_study(actor=analyst, version=draft, base=version, first_month=JANUARY, draws=200)
    job = job_of(study)
    assert job is not None
    jobs.run(job.pk, study_job)
    study.refresh_from_db()
    assert study.state == "done"
    return study.pk
