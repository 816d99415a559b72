"""Studies: which there are, what they were made from, and what they say."""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse

from catalog.engine.months import add_months
from compensation.models import (
    Credit,
    CreditKind,
    PayPlan,
    PlanVersion,
    Position,
    Study,
    StudyState,
    VersionState,
)
from compensation.selectors.members import Member, Span, members
from compensation.selectors.plans import versions_visible_to
from compensation.selectors.scope import reps_paid_visible_to, sees_all_pay
from core.models import Job, JobState, Person
from crm.models import Rep

KIND = "compensation.study"
STOPPED = frozenset({JobState.FAILED, JobState.CANCELLED})
YEAR = 12
THEN, ALL_YEAR = "then", "all year"


def studies_visible_to(user: Person | None) -> QuerySet[Study]:
    """All studies for those who see everybody's pay; none for others."""
    rows = Study.objects.select_related("version__plan", "base__plan", "made_by", "job").defer(
        "terms", "base_terms", "results"
    )
    return rows if sees_all_pay(user) else rows.none()


def study_url(study: Study) -> str:
    """The study's page."""
    return reverse("compensation:study", args=[study.pk])


def study_name(study: Study) -> str:
    """What was tried on which months."""
    last = add_months(study.first_month, YEAR - 1)
    return f"{study.version} on {study.first_month:%b %Y} to {last:%b %Y}"


def job_of(study: Study) -> Job | None:
    """The newest work at it: a stopped one may have been started again."""
    return Job.objects.filter(kind=KIND, params__study=study.pk).order_by("-pk").first() or study.job


def state_of(study: Study, job: Job | None) -> str:
    """In words: a study whose work was stopped does not run."""
    if study.state == StudyState.RUNNING and job is not None and job.state in STOPPED:
        return "Stopped"
    return str(study.get_state_display())


def versions_to_try(user: Person | None) -> QuerySet[PlanVersion]:
    """The versions a study can be made of, open ones first."""
    rows = versions_visible_to(user).exclude(state=VersionState.WITHDRAWN)
    return rows.order_by("plan__name", "-number")


def version_before(version: PlanVersion) -> PlanVersion | None:
    """What a version is compared with unless told: the one that it follows, else the one in force, else the
    plan's next older one."""
    others = PlanVersion.objects.filter(plan=version.plan).exclude(pk=version.pk)
    in_force = others.filter(days__isnull=False, number__lt=version.number).order_by("-number").first()
    return version.follows or in_force


def first_month_to_try(version: PlanVersion, today: dt.date) -> dt.date:
    """The plan's last whole year when somebody was on it then; else the twelve months before this one."""
    begins = int(version.terms.get("year_begins") or 1)
    this = today.replace(day=1)
    first = dt.date(this.year - 1, begins, 1)
    first = first if add_months(first, YEAR) <= this else dt.date(this.year - 2, begins, 1)
    return first if people_on(version.plan, first) else add_months(this, -YEAR)


def people_on(plan: PayPlan, first: dt.date) -> dict[int, Member]:
    """Those on a plan in twelve months."""
    return members(plan, first, add_months(first, YEAR) - dt.timedelta(days=1))


def people_all_year(plan: PayPlan, day: dt.date) -> dict[int, Member]:
    """Those on a plan on a day, as if they had been all year."""
    found = {}
    for rep, one in members(plan, day, day).items():
        span = one.spans[-1]
        found[rep] = Member(rep, one.role, (Span(None, None, span.target, span.changes),))
    return found


def whom_to_try(version: PlanVersion, first: dt.date) -> str:
    """Those on the plan then, when somebody was from the first month on; else those of today all year."""
    return THEN if members(version.plan, first, add_months(first, 1) - dt.timedelta(days=1)) else ALL_YEAR


def base_pay(reps: Collection[int], first: dt.date) -> dict[int, Decimal]:
    """Fixed pay of twelve months by rep, by the days of the positions; nobody without an amount."""
    last = add_months(first, YEAR)
    days = (last - first).days
    found: dict[int, Decimal] = {}
    rows = Position.objects.filter(rep__in=list(reps), days__overlap=(first, last), base_salary__isnull=False)
    for row in rows:
        begin = max(row.days.lower or first, first)
        end = min(row.days.upper or last, last)
        part = Decimal((end - begin).days) / days * (row.base_salary or 0)
        found[row.rep_id] = found.get(row.rep_id, Decimal(0)) + round(part, 2)
    return found


def sold_by(reps: Collection[int], first: dt.date) -> dict[str, Decimal]:
    """What these people sold in twelve months by basis, in base currency: each deal once (direct and split
    credits, no overlays and roll-ups)."""
    rows = Credit.objects.filter(
        rep__in=list(reps),
        is_gone=False,
        kind__in=[CreditKind.DIRECT, CreditKind.SPLIT],
        day__gte=first,
        day__lt=add_months(first, YEAR),
    )
    sums = rows.order_by().values("basis").annotate(sum=Sum("amount"))
    return {row["basis"]: row["sum"] for row in sums}


def results_of(study: Study) -> dict[str, Any]:
    """What the study says (compensation.pipeline.studies names it), read only when it is needed."""
    return dict(Study.objects.values_list("results", flat=True).get(pk=study.pk))


def names_of(user: Person | None, reps: Collection[int]) -> dict[int, str]:
    """The names of those whose pay a person may see."""
    rows = reps_paid_visible_to(user).filter(pk__in=list(reps))
    return dict(rows.values_list("pk", "name"))


def rep_codes(reps: Collection[int]) -> dict[int, str]:
    """By rep the code, as files name them."""
    return dict(Rep.objects.filter(pk__in=list(reps)).values_list("pk", "code"))
