"""The one way from the database to the engine: a plan version, its people, credits and quotas of a year."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.engine.months import months_from
from catalog.selectors.rates import base_currency
from compensation.engine.book import NOBODY, Book, Credits, People
from compensation.engine.calculation import Calculation, calculate
from compensation.engine.changed_terms import Paid, changing, paid_by_others
from compensation.engine.exact import Ints
from compensation.engine.own_terms import laid_over
from compensation.engine.plan import ONE, Form, Plan, Whose
from compensation.models import Credit, PayPlan, PlanVersion
from compensation.pipeline.plan_credits import Asked, ExtraCredit, Found, rate_in, read_credits
from compensation.pipeline.plan_measures import counted_in_credits
from compensation.pipeline.plan_quotas import (
    Source,
    Step,
    Terms,
    presences,
    quotas_of,
    ramp_of,
    season_of,
    starts_of,
    there,
)
from compensation.selectors.members import Member, members
from compensation.selectors.plans import read_terms
from crm.models import Rep, TeamMembership

SHARED = frozenset({Form.POOL, Form.CONTEST})
NEVER = 10**9


@dataclass(frozen=True)
class PlanBook:
    """A plan's year. reps: by place of a person; members: by place, of those whom the plan pays. keys: the
    credit behind each place, 0 for a supposed one. own_terms: by place, the plan of each month for people
    with own terms. orphans: credits that take back one from outside the book (an earlier year): they are not
    in it.
    """

    plan: Plan
    book: Book
    first: dt.date
    currency: str
    reps: tuple[int, ...]
    members: dict[int, Member]
    own_terms: dict[int, tuple[Plan, ...]]
    keys: Ints
    orphans: tuple[int, ...]
    sources: dict[tuple[str, int], Source]
    terms: dict[int, Terms]

    def place(self, rep: int) -> int:
        """Raises ValueError for a rep who is not in the book."""
        return self.reps.index(rep)

    def plan_of(self, place: int, month: int = -1) -> Plan:
        """The plan that holds for a person in a month, the last one without."""
        own = self.own_terms.get(place)
        return self.plan if own is None else own[month]

    def quota_steps(self, component: str, place: int, month: int) -> list[Step]:
        """How a person's quota of a month came about."""
        source = self.sources.get((component, place))
        if source is None:
            return []
        day = months_from(self.first, month + 1)[month]
        if source.members:
            return [
                Step(
                    f"Sum of the quotas of {len(source.members)} people", self._quota(component, place, month)
                )
            ]
        if source.monthly:
            return self._territory_steps(component, place, month, source)
        return self._pay_steps(component, place, month, source, day)

    def _quota(self, component: str, place: int, month: int) -> Decimal:
        return Decimal(int(self.book.quotas[component][place, month])).scaleb(-4)

    def _territory_steps(self, component: str, place: int, month: int, source: Source) -> list[Step]:
        year = sum((amount for _, amount in source.monthly), Decimal(0))
        return [
            Step("Approved quota of the year", year),
            Step("Of it in this month", self._quota(component, place, month)),
        ]

    def _pay_steps(self, component: str, place: int, month: int, source: Source, day: dt.date) -> list[Step]:
        steps: list[Step] = []
        terms = self.terms.get(place)
        quota = self.plan_of(place, month).quota
        for row in source.rows:
            days = months_from(row.first_month, row.months)
            if day in days:
                share = season_of(quota, row)[days.index(day)]
                steps += [
                    Step(f"Quota of {row.months} months from {row.first_month:%b %Y}", row.amount),
                    Step("Season: the month's share", share),
                    Step("Days on the plan", there(quota, day, terms)),
                    Step("Ramp of the first months", ramp_of(quota, day, terms)),
                ]
        return [*steps, Step("Quota of the month", self._quota(component, place, month))] if steps else []


def plan_book(
    version: PlanVersion,
    first: dt.date,
    months: int = 12,
    *,
    terms: Mapping[str, Any] | None = None,
    reps: Collection[int] | None = None,
    extra: Sequence[ExtraCredit] = (),
    without: Collection[int] = (),
    whom: Mapping[int, Member] | None = None,
    only_quotas: bool = False,
) -> PlanBook:
    """The book of a version from its year's `first` month on.

    terms: in place of those of the version. reps: only what pays these needs to be there. extra: supposed
    credits. without: primary keys of credits that are left out. whom: by rep, in place of those who are on
    the plan. only_quotas: no credits are read. Raises BadPlan, and NoRate where the currency has no rate.
    """
    said = version.terms if terms is None else terms
    plan = counted_in_credits(read_terms(said))
    last = months_from(first, months + 1)[months] - dt.timedelta(days=1)
    on_plan = members(version.plan, first, last) if whom is None else dict(whom)
    paid = _needed(plan, on_plan, reps)
    people_reps = _counted(plan, sorted(paid), last)
    currency = plan.currency or base_currency()
    own = _own_plans(said, people_reps, paid, plan, months_from(first, months))
    counts = _with_own_terms(plan, own)
    asked = Asked(counts, [] if only_quotas else people_reps, first, last, currency, extra, tuple(without))
    found = _on_their_days(read_credits(asked), people_reps, on_plan)
    starts = starts_of(people_reps, paid)
    place = {rep: number for number, rep in enumerate(people_reps)}
    by_place = {
        place[rep]: Terms(own[place[rep]][-1] if place[rep] in own else plan, one.spans, starts[rep])
        for rep, one in paid.items()
    }
    people = _people(plan, people_reps, paid, by_place, first, months, last)
    rate = ONE if currency == base_currency() else rate_in(currency, first)
    quotas = quotas_of(version.plan, plan, people, people_reps, first, months, by_place, rate)
    scores = _scores(version.plan, place, first, months)
    return PlanBook(
        plan=plan,
        book=Book(found.credits, people, months, quotas.by_component, scores),
        first=first,
        currency=currency,
        reps=tuple(people_reps),
        members={place[rep]: one for rep, one in paid.items()},
        own_terms=own,
        keys=found.keys,
        orphans=found.orphans,
        sources=quotas.sources,
        terms=by_place,
    )


@dataclass(frozen=True)
class Part:
    """What people with the same terms are paid: the months in which the terms are theirs, by place, and the
    calculation with only the lines of these."""

    months: dict[int, frozenset[int]]
    calculation: Calculation

    @property
    def places(self) -> frozenset[int]:
        """Whom it pays in some month."""
        return frozenset(self.months)

    def pays(self, place: int, month: int) -> bool:
        """Whether these terms are the person's in the month."""
        return month in self.months.get(place, ())


def calculated(one: PlanBook, through: int | None = None) -> list[Part]:
    """The lines of all members for the months before `through` (all without it): a part for those with the
    plan's own terms, and one for each set of other terms."""
    groups: dict[Plan, dict[int, set[int]]] = {one.plan: {}}
    for place in one.members:
        for month in range(one.book.months):
            groups.setdefault(one.plan_of(place, month), {}).setdefault(place, set()).add(month)
    sets = [_paid(one.book, plan, _theirs(one, months), through) for plan, months in groups.items() if months]
    return [_part(each) for each in _taken_back_as_paid(sets, through)]


def _theirs(one: PlanBook, months: dict[int, set[int]]) -> NDArray[np.bool_]:
    theirs = np.zeros((len(one.reps), one.book.months), bool)
    for place, some in months.items():
        theirs[place, sorted(some)] = True
    return theirs


def _paid(book: Book, plan: Plan, theirs: NDArray[np.bool_], through: int | None) -> Paid:
    calculation = calculate(plan, book, through)
    lines = calculation.lines
    kept = np.flatnonzero(theirs[lines.person, lines.month])
    return Paid(theirs, replace(calculation, lines=lines.at(kept)))


def _taken_back_as_paid(sets: list[Paid], through: int | None) -> list[Paid]:
    """Once more for those whose terms change, now with what each of their terms paid."""
    some = changing(sets) if len(sets) > 1 else np.zeros(0, bool)
    if not some.any():
        return sets
    found = []
    for number, one in enumerate(sets):
        if (one.theirs.any(axis=1) & some).any():
            book = replace(one.calculation.book, paid_before=paid_by_others(sets, number))
            one = _paid(book, one.calculation.plan, one.theirs, through)
        found.append(one)
    return found


def _part(one: Paid) -> Part:
    months = {int(place): one.theirs[place] for place in np.flatnonzero(one.theirs.any(axis=1))}
    held = {place: frozenset(np.flatnonzero(some).tolist()) for place, some in months.items()}
    return Part(held, one.calculation)


def _needed(plan: Plan, on_plan: dict[int, Member], reps: Collection[int] | None) -> dict[int, Member]:
    """Whom the book pays: those asked for; all, where what others bring decides what somebody gets."""
    shared = any(one.form in SHARED or one.budget is not None for one in plan.components)
    if reps is None or shared:
        return on_plan
    return {rep: one for rep, one in on_plan.items() if rep in set(reps)}


def _counted(plan: Plan, paid: list[int], last: dt.date) -> list[int]:
    """The people whose credits are needed, in the order of their keys."""
    whose = {one.measure.whose for one in plan.components}
    found = set(paid)
    if Whose.COMPANY in whose:
        found |= set(Credit.objects.filter(is_gone=False).order_by().values_list("rep", flat=True).distinct())
    if Whose.TEAM in whose:
        teams = _teams(last)
        mine = {teams[rep] for rep in paid if rep in teams}
        found |= {rep for rep, team in teams.items() if team in mine}
    if whose & {Whose.REPORTS, Whose.BELOW}:
        found |= _below(paid)
    return sorted(found)


def _teams(day: dt.date) -> dict[int, int]:
    """The team of each rep: the newest membership that began by a day."""
    rows = TeamMembership.objects.filter(days__startswith__lte=day).order_by("days")
    return dict(rows.values_list("rep", "team"))


def _below(reps: Collection[int]) -> set[int]:
    above = dict(Rep.objects.values_list("pk", "manager"))
    found, edge = set[int](), set(reps)
    while edge:
        edge = {rep for rep, manager in above.items() if manager in edge} - found
        found |= edge
    return found


def _own_plans(
    said: Mapping[str, Any], reps: list[int], paid: dict[int, Member], plan: Plan, days: list[dt.date]
) -> dict[int, tuple[Plan, ...]]:
    """By place, for people with own terms in some span: the plan of each month."""
    found = {}
    for place, rep in enumerate(reps):
        if rep in paid and any(span.changes for span in paid[rep].spans):
            plans = [
                counted_in_credits(read_terms(laid_over(said, span.changes))) if span.changes else plan
                for span in paid[rep].spans
            ]
            found[place] = tuple(plans[_span_of(paid[rep], day)] for day in days)
    return found


def _with_own_terms(plan: Plan, own: Mapping[int, tuple[Plan, ...]]) -> Plan:
    """The plan with the components of all own terms as well: credits have what any of them counts."""
    others = {id(each): each for plans in own.values() for each in plans}
    parts = (one for each in others.values() for one in each.components)
    return replace(plan, components=tuple(dict.fromkeys((*plan.components, *parts))))


def _span_of(member: Member, month: dt.date) -> int:
    """The number of the span that holds last in a month; in a gap the one before, at the begin the first."""
    end = months_from(month, 2)[1]
    begun = [number for number, span in enumerate(member.spans) if span.first is None or span.first < end]
    return begun[-1] if begun else 0


def _on_their_days(found: Found, reps: list[int], on_plan: dict[int, Member]) -> Found:
    """Without the credits of members on days when they were not on the plan; what takes back a credit
    goes and stays with it."""
    credits = found.credits
    keep = np.zeros(len(credits.person), bool)
    for first, last in _ranges(reps, on_plan):
        keep |= (first[credits.person] <= credits.day) & (credits.day <= last[credits.person])
    backs = np.flatnonzero(credits.reverses != NOBODY)
    keep[backs] = keep[credits.reverses[backs]]
    return found if keep.all() else _kept(found, np.flatnonzero(keep))


def _ranges(reps: list[int], on_plan: dict[int, Member]) -> list[tuple[Ints, Ints]]:
    """(first day, last day) of everybody's first, second … span; who is not on the plan counts always."""
    most = max([1, *(len(one.spans) for one in on_plan.values())])
    found = []
    for number in range(most):
        first, last = np.full(len(reps), NEVER, np.int64), np.zeros(len(reps), np.int64)
        for place, rep in enumerate(reps):
            member = on_plan.get(rep)
            if member is None:
                first[place], last[place] = 0, NEVER
            elif number < len(member.spans):
                span = member.spans[number]
                first[place] = span.first.toordinal() if span.first else 0
                last[place] = span.last.toordinal() if span.last else NEVER
        found.append((first, last))
    return found


def _kept(found: Found, rows: Ints) -> Found:
    credits = found.credits
    moved = np.full(len(credits.person), NOBODY, np.int64)
    moved[rows] = np.arange(len(rows))
    reverses = credits.reverses[rows]
    return Found(
        Credits(
            person=credits.person[rows],
            deal=credits.deal[rows],
            day=credits.day[rows],
            month=credits.month[rows],
            amounts={name: column[rows] for name, column in credits.amounts.items()},
            words={name: replace(words, code=words.code[rows]) for name, words in credits.words.items()},
            reverses=np.where(reverses == NOBODY, NOBODY, moved[reverses]),
            deals=credits.deals,
        ),
        found.keys[rows],
        found.orphans,
    )


def _people(
    plan: Plan,
    reps: list[int],
    paid: dict[int, Member],
    terms: dict[int, Terms],
    first: dt.date,
    months: int,
    last: dt.date,
) -> People:
    rows = {rep.pk: rep for rep in Rep.objects.filter(pk__in=reps)}
    teams = _teams(last)
    place = {rep: number for number, rep in enumerate(reps)}
    target = np.full((len(reps), months), Fraction(0), dtype=object)
    here = np.zeros((len(reps), months), bool)
    days = months_from(first, months)
    for number, one in terms.items():
        for month, day in enumerate(days):
            shares = presences(one.plan.quota, day, one.spans)
            here[number, month] = any(_touches(span.first, span.last, day) for span in one.spans)
            target[number, month] = sum(
                (_yearly(one.plan, span.target) / 12 * share for span, share in shares), Fraction(0)
            )
    return People(
        ids=tuple(rows[rep].code for rep in reps),
        team=tuple(str(teams.get(rep, "")) for rep in reps),
        role=tuple(paid[rep].role if rep in paid else "" for rep in reps),
        manager=np.array([place.get(rows[rep].manager_id or 0, NOBODY) for rep in reps], np.int64),
        target=target,
        here=here,
    )


def _yearly(plan: Plan, target: Decimal | None) -> Fraction:
    return Fraction(plan.target_incentive if target is None else target)


def _touches(first: dt.date | None, last: dt.date | None, month: dt.date) -> bool:
    end = months_from(month, 2)[1]
    return (first is None or first < end) and (last is None or last >= month)


def _scores(
    plan: PayPlan, place: dict[int, int], first: dt.date, months: int
) -> dict[tuple[str, str, int, int], Decimal]:
    days = {day: month for month, day in enumerate(months_from(first, months))}
    rows = plan.scores.filter(rep__in=list(place), month__in=list(days))
    return {(row.component, row.objective, place[row.rep_id], days[row.month]): row.achieved for row in rows}
