"""The books of a study: whose pay it works out, by the plan that is tried and by the one beside it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from catalog.engine.months import months_from
from compensation.models import PlanVersion, Study
from compensation.pipeline.books import PlanBook, plan_book
from compensation.selectors.members import Member
from compensation.selectors.studies import ALL_YEAR, THEN, people_all_year, people_on
from core.errors import Reason, Refused

NOBODY = (
    "Nobody is on {plan}, neither in these months nor on its first day. Put a role or a rep on the plan, or "
    "compare it with a plan that has people: then theirs are taken."
)
THEIRS = "Nobody is on {plan}. It is tried on the people of {other}."
AS_IF = "It is tried on those on {plan} on {day:%d %b %Y}, as if they had been all year."
EMPTY = (
    "Nobody was on {plan} in {months}: nothing is paid for these. Try it on its people as if all year to "
    "fill them."
)


@dataclass(frozen=True)
class Ground:
    """books: of the plan and, where there is one, of the base. notes: whose pay it is, if not usual."""

    books: list[PlanBook]
    notes: list[str]


@dataclass(frozen=True)
class Whose:
    """people: of the version's plan, whose quotas hold as well. mode: then, or all year from `day`."""

    version: PlanVersion
    people: Mapping[int, Member]
    mode: str
    day: dt.date


def books_of(study: Study) -> Ground:
    """Raises Refused when there is nobody to pay or the currencies differ; BadPlan, NoRate."""
    whose = _whose(study)
    books = [plan_book(whose.version, study.first_month, terms=study.terms, whom=whose.people)]
    if study.base is not None:
        books.append(_base_book(study, study.base, whose))
    if len({book.currency for book in books}) > 1:
        words = " and ".join(book.currency for book in books)
        raise Refused(Reason(f"The plans pay in {words}: only plans of one currency compare.", "currency"))
    return Ground(books, _notes(study, whose, books[0]))


def _whose(study: Study) -> Whose:
    """Those on the plan in the months, else those on the base then; else the same as if all year."""
    modes = (THEN, ALL_YEAR) if study.results["asked"]["people"] == THEN else (ALL_YEAR,)
    for mode in modes:
        for version in (study.version, study.base):
            if version is not None and (found := _people(version, mode, study.first_month)):
                return Whose(version, found, mode, _day(version))
    raise Refused(Reason(NOBODY.format(plan=study.version.plan.name), "nobody"))


def _people(version: PlanVersion, mode: str, first: dt.date) -> dict[int, Member]:
    return people_on(version.plan, first) if mode == THEN else people_all_year(version.plan, _day(version))


def _day(version: PlanVersion) -> dt.date:
    """Today, or the version's first day when that is later."""
    return max(version.starts, timezone.localdate())


def _base_book(study: Study, base: PlanVersion, whose: Whose) -> PlanBook:
    """With the base's own people where it is another plan that has some, else with the same ones."""
    terms: dict[str, Any] = study.base_terms or base.terms
    if base.plan_id != whose.version.plan_id and (own := _people(base, whose.mode, study.first_month)):
        return plan_book(base, study.first_month, terms=terms, whom=own)
    return plan_book(whose.version, study.first_month, terms=terms, whom=whose.people)


def _notes(study: Study, whose: Whose, book: PlanBook) -> list[str]:
    found, plan = [], study.version.plan.name
    if whose.version.plan_id != study.version.plan_id:
        found.append(THEIRS.format(plan=plan, other=whose.version.plan.name))
    if whose.mode == ALL_YEAR:
        found.append(AS_IF.format(plan=whose.version.plan.name, day=whose.day))
    months = months_from(study.first_month, 12)
    if empty := [f"{month:%b %Y}" for n, month in enumerate(months) if not book.book.people.here[:, n].any()]:
        found.append(EMPTY.format(plan=whose.version.plan.name, months=", ".join(empty)))
    return found
