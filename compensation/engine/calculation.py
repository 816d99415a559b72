"""A plan and a book of credits → lines. The same input gives the same cents, in any order of its rows."""

from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np

from compensation.engine.adjustments import by_credit, by_period
from compensation.engine.book import Book
from compensation.engine.by_level import level_lines, scorecard_lines
from compensation.engine.by_result import result_lines
from compensation.engine.by_tier import tier_lines
from compensation.engine.counting import Reached, Work
from compensation.engine.exact import Ints
from compensation.engine.lines import Lines, together
from compensation.engine.plan import Attainment, Component, Form, Plan
from compensation.engine.shared import contest_lines, pool_lines
from compensation.engine.taking_back import taken_back

BY_TIER = frozenset({Form.FLAT, Form.MARGINAL, Form.WHOLE, Form.WHOLE_UNTIL})
BY_LEVEL = frozenset({Form.CURVE, Form.STEPS, Form.MATRIX})


@dataclass(frozen=True)
class Calculation:
    """lines: everything paid up to the month `through`, not included. works: by component, what counted."""

    plan: Plan
    book: Book
    works: tuple[Work, ...]
    lines: Lines

    def attained(self, component: str, person: int, month: int) -> Fraction:
        """The share of a component's quota, or the ratio, reached in its window by the end of a month."""
        return self.looked_at(Attainment(component), person, month)

    def looked_at(self, by: Attainment, person: int, month: int) -> Fraction:
        """What a gate, multiplier or matrix sees of a component by the end of a month."""
        return _looked_at(self.works, by, person, month)


def calculate(plan: Plan, book: Book, through: int | None = None) -> Calculation:
    """All lines of the months before `through` (all without it). Raises KeyError for unknown columns or
    components, ValueError for what cannot be worked out, OverflowError for amounts beyond every size."""
    works = tuple(Work(plan, book, place) for place in range(len(plan.components)))
    lines = together([_component(work, works) for work in works])
    due = np.flatnonzero(lines.month < (book.months if through is None else through))
    return Calculation(plan, book, works, _sorted(lines.at(due), book.credits.rank))


def _component(work: Work, works: tuple[Work, ...]) -> Lines:
    attained = partial(_looked_at, works)
    qualifies = partial(passes_gates, work.component, attained)
    form = work.component.form
    if form is Form.POOL:
        return pool_lines(work, qualifies)
    if form is Form.CONTEST:
        return contest_lines(work, qualifies)
    if form is Form.SCORECARD:
        lines = scorecard_lines(work)
    elif form in BY_LEVEL:
        lines = level_lines(work, attained)
    else:
        lines = tier_lines(work) if form in BY_TIER else result_lines(work)
        lines = together([lines, by_credit(work, lines)])
        lines = together([lines, taken_back(work, lines)])
    return together([lines, by_period(work, lines, attained)])


def passes_gates(component: Component, attained: Reached, person: int, month: int) -> bool:
    """Whether a person reached, by the end of a month, all that a component of shared money asks for."""
    gates = component.gates
    return all(attained(gate.by, person, month) >= Fraction(gate.least) for gate in gates)


def _looked_at(works: tuple[Work, ...], by: Attainment, person: int, month: int) -> Fraction:
    work = next((one for one in works if one.component.code == by.component), None)
    if work is None:
        raise KeyError(by.component)
    return work.looked_at(by.against, person, month)


def _sorted(lines: Lines, rank: Ints) -> Lines:
    """By person, month, component, credit in the order of the calculation, tier."""
    credit = (
        np.where(lines.credit >= 0, rank[np.maximum(lines.credit, 0)], len(rank))
        if len(rank)
        else lines.credit
    )
    return lines.at(np.lexsort((lines.tier, lines.kind, credit, lines.component, lines.month, lines.person)))
