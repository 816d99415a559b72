"""The same year, had everybody sold more or less: credits stretched until the quotas are reached to a level.

Each component gets a column of its own, so that all components with a quota are at the level at once, gates
and multipliers between them included. The pattern within the year, the number of deals and their words stay.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from compensation.engine.book import NOBODY, Book
from compensation.engine.counting import Work
from compensation.engine.exact import TICKS, Ints
from compensation.engine.plan import Against, Attained, Component, Plan, Whose
from compensation.engine.plan_asking import asked_by
from compensation.engine.simulation import Terms, YearOfPay, year_of_pay

ZERO = Fraction(0)
JUST_BELOW = Fraction(1, 10_000)
STEP = Fraction(1, 10)

Factors = list[list[Fraction]]


@dataclass(frozen=True)
class Owned:
    """A component's credits by who owns them. rows, person: of the credits that count. totals: (people,) in
    ticks, what each brings towards the attainment in the year; seen: the same with what others bring for
    them; quota: (people,) of the year. keeps: whether what is taken back stays in the attainment."""

    component: Component
    rows: Ints
    person: Ints
    taken_back: Ints
    totals: Ints
    seen: Ints
    quota: Ints
    keeps: bool


def owned(plan: Plan, book: Book) -> list[Owned]:
    """By component."""
    alone = [replace(one, measure=replace(one.measure, whose=Whose.OWN)) for one in plan.components]
    by_owner = replace(plan, components=tuple(alone))
    found = []
    for place, component in enumerate(plan.components):
        mine = Work(by_owner, book, place)
        found.append(
            Owned(
                component,
                mine.counted.credit,
                mine.counted.person,
                mine.counted.taken_back,
                mine.totals.sum(axis=1),
                Work(plan, book, place).totals.sum(axis=1),
                book.quota(component).sum(axis=1),
                plan.clawback.attainment is Attained.KEPT,
            )
        )
    return found


def out_of_reach(plan: Plan, book: Book) -> list[int]:
    """Those with a quota of an own measure and no credits towards it: no stretching lifts them."""
    found = set()
    for one in owned(plan, book):
        if one.component.measure.whose is Whose.OWN:
            found |= set(np.flatnonzero((one.quota > 0) & (one.totals <= 0)).tolist())
    return sorted(found)


def factors_at(plan: Plan, book: Book, levels: Sequence[Fraction]) -> Factors:
    """By component and person what credits are multiplied by, so that attainment is at the person's level.

    Own measures: level × quota / reached. Measures of a group: the members' levels × the quotas of all who
    are measured by it / what they reached, so the group is at the mean of its members' levels, by their
    credits. Without a quota: the person's factor of the first component that has one, or else the level.
    """
    return _factors(owned(plan, book), book, levels)


def _factors(parts: list[Owned], book: Book, levels: Sequence[Fraction]) -> Factors:
    found: list[list[Fraction | None]] = [_with_quota(one, book, levels) for one in parts]
    filled: Factors = []
    for factors in found:
        row = []
        for person, factor in enumerate(factors):
            others = (other[person] for other in found if other[person] is not None)
            known = factor if factor is not None else next(others, levels[person])
            row.append(levels[person] if known is None else known)
        filled.append(row)
    return filled


def _with_quota(one: Owned, book: Book, levels: Sequence[Fraction]) -> list[Fraction | None]:
    found: list[Fraction | None] = [None] * len(levels)
    for members in _groups(one.component, book):
        counted = [p for p in members if one.quota[p] > 0 and one.seen[p] > 0]
        reached = sum(int(one.seen[p]) for p in counted)
        if not reached:
            continue
        normal = Fraction(sum(int(one.quota[p]) for p in counted), reached)
        for person in members:
            found[person] = levels[person] * normal
    return found


def _groups(component: Component, book: Book) -> list[list[int]]:
    """Whose credits are stretched alike: each person's, each team's, or everybody's."""
    people = range(len(book.people.ids))
    if component.measure.whose is Whose.OWN:
        return [[person] for person in people]
    if component.measure.whose is not Whose.TEAM:
        return [list(people)]
    teams: dict[tuple[str, int], list[int]] = {}
    for person in people:
        name = book.people.team[person]
        teams.setdefault((name, -1 if name else person), []).append(person)
    return list(teams.values())


def stretched(plan: Plan, book: Book, factors: Factors) -> tuple[Plan, Book]:
    """The plan with a column for each component, and the book with those columns. What a person (or, to the
    last tick, a group) brings in the year is exact; single credits are rounded to a tick."""
    return _stretched(plan, book, owned(plan, book), factors)


def _stretched(plan: Plan, book: Book, parts: list[Owned], factors: Factors) -> tuple[Plan, Book]:
    amounts, components = dict(book.credits.amounts), []
    for one, row in zip(parts, factors, strict=True):
        if one.component.measure.per:  # selling more of the same leaves a ratio as it is
            components.append(one.component)
            continue
        name = f"{one.component.measure.of}@{one.component.code}"
        amounts[name] = _column(one, book, row)
        components.append(replace(one.component, measure=replace(one.component.measure, of=name)))
    credits = replace(book.credits, amounts=amounts)
    return replace(plan, components=tuple(components)), replace(book, credits=credits)


def _column(one: Owned, book: Book, factors: Sequence[Fraction]) -> Ints:
    """The measured column, stretched."""
    credits, of = book.credits, one.component.measure.of
    base = TICKS * np.where(credits.reverses == NOBODY, 1, -1) if of == "count" else credits.amounts[of]
    rate = np.array([float(factor) for factor in factors])
    column = np.rint(base * rate[credits.person]).astype(np.int64) if len(base) else base.copy()
    first = np.searchsorted(one.person, np.arange(len(factors) + 1))
    for members in _groups(one.component, book):
        exact, before = ZERO, 0
        for person in members:
            exact += factors[person] * int(one.totals[person])
            rows = slice(first[person], first[person + 1])
            _settle(column, one.rows[rows], one.taken_back[rows], one, math.floor(exact) - before)
            before = math.floor(exact)
    return column


def _settle(column: Ints, rows: Ints, taken_back: Ints, one: Owned, wanted: int) -> None:
    """Give the largest credit what rounding has left over."""
    kept = rows[taken_back == 0]
    if not len(kept):
        return
    counting = kept if one.keeps else rows
    column[kept[np.argmax(column[kept])]] += wanted - int(column[counting].sum())


def levels_of(terms: Terms, top: Fraction) -> list[Fraction]:
    """The attainments at which a pay curve is worked out: every tenth up to `top`, and each bound of the
    plans with a point just below it, where pay may jump."""
    bounds = {bound for plan in (terms.plan, *terms.own.values()) for bound in _bounds(plan)}
    wanted = {STEP * place for place in range(math.ceil(top / STEP) + 1)}
    wanted |= {one for bound in bounds for one in (bound, bound - JUST_BELOW) if one > 0}
    return sorted(one for one in wanted if one <= max(top, STEP * math.ceil(top / STEP)))


def _bounds(plan: Plan) -> set[Fraction]:
    """Every share of a quota that the plan names."""
    found: set[Decimal] = set()
    for one in plan.components:
        for by, bounds in asked_by(one):
            of_quota = by.against is Against.QUOTA and not plan.component(by.component).measure.per
            found |= set(bounds) if of_quota else set()
        if one.against is Against.QUOTA:
            found |= {tier.start for tier in one.tiers} | ({one.until} if one.until is not None else set())
            found |= set(one.table.at) if one.table else set()
    return {Fraction(bound) for bound in found}


class Stretcher:
    """A year of pay at any level: what does not change with the level is worked out once for all of them."""

    def __init__(self, terms: Terms, book: Book) -> None:
        self.terms, self.book = terms, book
        self._parts: dict[Plan, list[Owned]] = {}

    def at_levels(self, levels: Sequence[Fraction]) -> YearOfPay:
        """The year with each person at the own level."""

        def prepare(plan: Plan, book: Book) -> tuple[Plan, Book]:
            parts = self._parts_of(plan)
            return _stretched(plan, book, parts, _factors(parts, book, levels))

        return year_of_pay(self.terms, self.book, prepare)

    def at_level(self, level: Fraction) -> YearOfPay:
        """The year with everybody at the level."""
        return self.at_levels([level] * len(self.book.people.ids))

    def _parts_of(self, plan: Plan) -> list[Owned]:
        if plan not in self._parts:
            self._parts[plan] = owned(plan, self.book)
        return self._parts[plan]


def at_levels(terms: Terms, book: Book, levels: Sequence[Fraction]) -> YearOfPay:
    """One year with each person at the own level."""
    return Stretcher(terms, book).at_levels(levels)


def at_level(terms: Terms, book: Book, level: Fraction) -> YearOfPay:
    """One year with everybody at the level."""
    return Stretcher(terms, book).at_level(level)
