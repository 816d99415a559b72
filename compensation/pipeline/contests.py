"""Contests and SPIFs of plans in force: who may see them, and their rankings as they stand."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from catalog.selectors.rates import base_currency
from compensation.engine.contests import Place, Round, is_contest, places, rounds, used
from compensation.engine.plan import Component, Form, Plan
from compensation.engine.plan_cells import BadPlan
from compensation.models import PlanVersion, VersionState
from compensation.pipeline.books import PlanBook, calculated, plan_book, read_terms
from compensation.selectors.members import members
from compensation.selectors.scope import reps_paid_visible_to, sees_all_pay
from core.models import Person
from crm.models import Rep

MONEY = frozenset({"amount", "bookings", "invoiced", "cash", "sales", "margin"})
YEARS_BACK = 1


@dataclass(frozen=True)
class Contest:
    """A round of a contest or SPIF. place: of the component in the plan; year: the plan's year it lies in."""

    version: PlanVersion
    plan: Plan
    place: int
    year: dt.date
    round: Round

    @property
    def component(self) -> Component:
        """What its plan says of it."""
        return self.plan.components[self.place]

    @property
    def kind(self) -> str:
        """A contest has prizes by rank; what else is dated is a SPIF."""
        return "Contest" if self.component.form is Form.CONTEST else "SPIF"

    @property
    def unit(self) -> str:
        """What is measured: a currency, units, or a number of deals."""
        of = self.component.measure.of
        return self.currency if of in MONEY else of

    @property
    def currency(self) -> str:
        """The currency of its money."""
        return self.plan.currency or base_currency()

    @property
    def url(self) -> str:
        """Its page."""
        key = [self.version.pk, self.component.code, self.round.last.isoformat()]
        return reverse("compensation:contest", args=key)


@dataclass(frozen=True)
class Standing:
    """A rep's place in a ranking. rank 0: none yet."""

    rep: Rep
    rank: int
    amount: Decimal
    prize: Decimal | None
    gap: Decimal | None


@dataclass(frozen=True)
class Board:
    """A ranking as it stands. used: what it pays everybody together, where there is a budget or prizes."""

    contest: Contest
    rows: list[Standing]
    used: Decimal


def contests_visible_to(user: Person | None, today: dt.date) -> list[Contest]:
    """The rounds of this and the last plan year that a person takes part in, or whose team does; all for
    those who see all pay. Later ones first."""
    versions = PlanVersion.objects.filter(state=VersionState.APPROVED, days__isnull=False)
    found = [one for version in versions.select_related("plan") for one in _contests_of(version, today)]
    seen = [one for one in found if _takes_part(user, one)]
    return sorted(seen, key=lambda one: (one.round.last, one.component.name), reverse=True)


def contest_visible_to(
    user: Person | None, version: int, code: str, last: str, today: dt.date
) -> Contest | None:
    """One of them, by its version, component and last day (ISO)."""
    wanted = (version, code, last)
    for one in contests_visible_to(user, today):
        if (one.version.pk, one.component.code, one.round.last.isoformat()) == wanted:
            return one
    return None


def board_of(contest: Contest) -> Board:
    """The ranking as it stands now: everybody on the plan in those days, whether ranked yet or not."""
    book = plan_book(contest.version, contest.year)
    parts = calculated(book)
    if not parts:
        return Board(contest, [], Decimal(0))
    code = contest.component.code
    number = next(n for n, one in enumerate(book.plan.components) if one.code == code)
    paid = sum((used(part.calculation, number) for part in parts), Decimal(0))
    ranking = places(parts[0].calculation, number, contest.round)
    return Board(contest, _standings(book, contest, ranking), round(paid, book.plan.places))


def _standings(book: PlanBook, contest: Contest, ranking: list[Place]) -> list[Standing]:
    inside = members(contest.version.plan, contest.round.first, contest.round.last)
    reps = Rep.objects.in_bulk([rep for rep in book.reps if rep in inside])
    return [
        Standing(reps[book.reps[one.person]], one.rank, one.amount, one.prize, one.gap)
        for one in ranking
        if book.reps[one.person] in reps
    ]


def _contests_of(version: PlanVersion, today: dt.date) -> list[Contest]:
    try:
        plan = read_terms(version.terms)
    except BadPlan:  # terms of before a word was withdrawn: its pages say so
        return []
    this = dt.date(today.year - (today.month < plan.year_begins), plan.year_begins, 1)
    years = [this.replace(year=this.year - back) for back in range(YEARS_BACK, -1, -1)]
    return [
        Contest(version, plan, place, year, one)
        for place, component in enumerate(plan.components)
        if is_contest(component)
        for year in years
        for one in rounds(component, year)
        if _holds(version, one)
    ]


def _holds(version: PlanVersion, one: Round) -> bool:
    """Whether the version is in force on the last day of a round: it pays it."""
    days: Any = version.days
    return (days.lower is None or days.lower <= one.last) and (days.upper is None or one.last < days.upper)


def _takes_part(user: Person | None, contest: Contest) -> bool:
    if sees_all_pay(user):
        return True
    mine = set(reps_paid_visible_to(user).order_by().values_list("pk", flat=True))
    return bool(mine & set(members(contest.version.plan, contest.round.first, contest.round.last)))
