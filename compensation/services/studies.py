"""The design studio: plans tried on a year that was, and copied to be changed."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.engine.months import add_months
from compensation.engine.simulation_chance import Spread
from compensation.models import PlanVersion, Study
from compensation.selectors.plans import newest_version, read_terms
from compensation.selectors.studies import ALL_YEAR, KIND, THEN, YEAR, study_name, study_url
from compensation.services.plans import add_plan, new_version
from core.access import require
from core.errors import Invalid, Reason
from core.events import record
from core.jobs import input_hash, start_job
from core.models import Job, Person

PLAN = "pay.plan"
MOST_DRAWS = 20_000
MOST_SEED = 2**31 - 1


@transaction.atomic
def start_study(
    *,
    actor: Person | None,
    version: PlanVersion,
    first_month: dt.date,
    base: PlanVersion | None = None,
    budget: Decimal | None = None,
    correlation: Decimal = Decimal("0.2"),
    spread: str = Spread.OBSERVED.value,
    people: str = THEN,
    draws: int = 2000,
    seed: int = 1,
) -> Study:
    """Try a version on twelve months as a job, beside a base. It keeps the terms as they are now.

    people: those on the plan then, or those of today (of its first day, if that is later) as if all year.
    The same study asked for twice while it waits or runs is one. Raises Invalid by field, Denied.
    """
    require(actor, PLAN)
    first = first_month.replace(day=1)
    asked = {
        "budget": None if budget is None else f"{budget:.2f}",
        "correlation": float(correlation),
        "spread": spread,
        "people": people,
    }
    faults = [*_faults(version, base, first), *_faults_of_chance(asked, draws, seed, budget)]
    if faults:
        raise Invalid(*faults)
    wanted = [version.pk, version.terms, base and (base.pk, base.terms), first, asked, draws, seed]
    work = input_hash([KIND, wanted])
    PlanVersion.objects.select_for_update(of=("self",), no_key=True).get(pk=version.pk)  # one click at a time
    if (running := _running(work)) is not None:
        return running
    study = Study.objects.create(
        version=version,
        base=base,
        first_month=first,
        seed=seed,
        draws=draws,
        terms=version.terms,
        base_terms=base.terms if base else None,
        results={"asked": asked},
        made_by=actor,
    )
    tried = {"plan": str(version), "beside": str(base or ""), "first_month": first, **asked}
    record(actor=actor, verb="study started", subject=study, after=tried)
    job = start_job(
        actor=actor,
        kind=KIND,
        label=f"Study: {study_name(study)}",
        params={"study": study.pk},
        subject_url=study_url(study),
        same_work=work,
    )
    Study.objects.filter(pk=study.pk).update(job=job)
    study.job = job
    return study


def again(*, actor: Person | None, study: Study) -> Study:
    """The same once more on today's terms, people, quotas and credits: a study of its own."""
    asked = dict(Study.objects.values_list("results", flat=True).get(pk=study.pk)["asked"])
    return start_study(
        actor=actor,
        version=study.version,
        base=study.base,
        first_month=study.first_month,
        budget=None if asked["budget"] is None else Decimal(asked["budget"]),
        correlation=Decimal(str(asked["correlation"])),
        spread=asked["spread"],
        people=asked["people"],
        draws=study.draws,
        seed=study.seed,
    )


@transaction.atomic
def copy_to_try(*, actor: Person | None, version: PlanVersion, code: str = "", name: str = "") -> PlanVersion:
    """A draft with the same terms: a new version of the plan, or with a code and a name a new plan.

    Raises Refused where the plan has an open version, Invalid by field, Denied.
    """
    require(actor, PLAN)
    if not code and not name:
        return new_version(actor=actor, plan=version.plan, terms=version.terms)
    if not code or not name:
        missing = "name" if code else "code"
        raise Invalid(Reason("A new plan needs a name and a short name.", "required", missing))
    plan = add_plan(actor=actor, code=code, name=name, terms=version.terms, intro=version.intro)
    made = newest_version(plan)
    assert made is not None  # noqa: S101 - a plan added with terms has a version
    return made


def _running(work: str) -> Study | None:
    job = Job.objects.filter(kind=KIND, input_hash=work, state__in=["queued", "running"]).first()
    return Study.objects.filter(pk=job.params["study"]).first() if job else None


def _faults(version: PlanVersion, base: PlanVersion | None, first: dt.date) -> Iterator[Reason]:
    this = timezone.localdate().replace(day=1)
    if add_months(first, YEAR) > this:
        newest = add_months(this, -YEAR)
        text = f"Twelve months that are over: {newest:%B %Y} is the latest first month."
        yield Reason(text, "not_over", "first_month")
    if base is not None and base.pk == version.pk:
        yield Reason("Compare it with another version, or with none.", "same", "base")
    for one, field in ((version, "version"), (base, "base")):
        if one is not None:
            yield from (Reason(text, "unreadable", field) for text in _unreadable(one))


def _unreadable(version: PlanVersion) -> list[str]:
    try:
        read_terms(version.terms)
    except ValueError as error:
        return str(error).splitlines()
    return []


def _faults_of_chance(
    asked: dict[str, Any], draws: int, seed: int, budget: Decimal | None
) -> Iterator[Reason]:
    if not 0 <= asked["correlation"] <= 1:
        yield Reason("The correlation is from 0 to 1.", "range", "correlation")
    if asked["spread"] not in list(Spread):
        yield Reason("Choose observed or lognormal.", "unknown", "spread")
    if asked["people"] not in {THEN, ALL_YEAR}:
        yield Reason("Choose then or all year.", "unknown", "people")
    if not 100 <= draws <= MOST_DRAWS:
        yield Reason(f"From 100 to {MOST_DRAWS:,} draws.", "range", "draws")
    if not 0 <= seed <= MOST_SEED:
        yield Reason(f"A whole number from 0 to {MOST_SEED:,}.", "range", "seed")
    if budget is not None and budget <= 0:
        yield Reason("A budget is more than 0. Leave it empty for none.", "range", "budget")
