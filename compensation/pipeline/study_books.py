"""The books of a study: whose pay it works out, by the plan that is tried and by the one beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compensation.models import PlanVersion, Study
from compensation.pipeline.books import PlanBook, plan_book
from compensation.selectors.members import Member
from compensation.selectors.studies import people_all_year, people_on
from core.errors import Reason, Refused

NOBODY = (
    "Nobody is on {plan}, neither in these months nor on its first day. Put a role or a rep on the plan, or "
    "compare it with a plan that has people: then theirs are taken."
)
THEIRS = "Nobody was on {plan} in these months. It is tried on the people of {other}."
ALL_YEAR = (
    "Nobody was on {plan} in these months. It is tried on those on it from {day:%d %b %Y}, as if all year."
)


@dataclass(frozen=True)
class Ground:
    """books: of the plan and, where there is one, of the base. notes: whose pay it is, if not usual."""

    books: list[PlanBook]
    notes: list[str]


def books_of(study: Study) -> Ground:
    """Raises Refused when there is nobody to pay or the currencies differ; BadPlan, NoRate."""
    holder, people, notes = _whose(study)
    first = study.first_month
    books = [plan_book(holder, first, terms=study.terms, whom=people)]
    if study.base is not None:
        books.append(_base_book(study, study.base, holder, people))
    if len({book.currency for book in books}) > 1:
        words = " and ".join(book.currency for book in books)
        raise Refused(Reason(f"The plans pay in {words}: only plans of one currency compare.", "currency"))
    return Ground(books, notes)


def _whose(study: Study) -> tuple[PlanVersion, Mapping[int, Member] | None, list[str]]:
    """(whose people and quotas are taken, the people if not those of the months, notes)."""
    version, base, first = study.version, study.base, study.first_month
    if people_on(version.plan, first):
        return version, None, []
    if base is not None and base.plan != version.plan and people_on(base.plan, first):
        return base, None, [THEIRS.format(plan=version.plan.name, other=base.plan.name)]
    for one in (version, base):
        if one is not None and (people := people_all_year(one.plan, one.starts)):
            return one, people, [ALL_YEAR.format(plan=one.plan.name, day=one.starts)]
    raise Refused(Reason(NOBODY.format(plan=version.plan.name), "nobody"))


def _base_book(
    study: Study, base: PlanVersion, holder: PlanVersion, people: Mapping[int, Member] | None
) -> PlanBook:
    """With the base's own people where it has some, else with those of the plan that is tried."""
    terms: dict[str, Any] = study.base_terms or base.terms
    own = base.plan != holder.plan and bool(people_on(base.plan, study.first_month))
    if own:
        return plan_book(base, study.first_month, terms=terms)
    return plan_book(holder, study.first_month, terms=terms, whom=people)
