"""Which credits a component of a statement counted: where the trace of pay for a whole period goes on."""

import numpy as np

from catalog.engine.months import months_apart
from compensation.engine.counting import Work
from compensation.engine.exact import Ints
from compensation.engine.plan import MONTHS
from compensation.engine.plan_cells import BadPlan
from compensation.models import StatementPart
from compensation.pipeline.books import PlanBook, plan_book
from compensation.pipeline.plan_credits import NoRate
from compensation.pipeline.run_lines import year_first
from compensation.selectors.plans import read_terms


def credits_counted(part: StatementPart) -> list[int]:
    """The primary keys of the credits from the begin of the component's window to the month of the statement,
    of everybody whose credits count, as credits are today. Nothing for a plan that can no longer be read."""
    statement, version = part.statement, part.version
    try:
        first = year_first(statement.run.month, read_terms(version.terms).year_begins)
        book = plan_book(version, first, reps=[statement.rep_id])
        place = book.place(statement.rep_id)
    except (BadPlan, NoRate, ValueError):
        return []
    month = months_apart(first, statement.run.month)
    plan = book.plan_of(place, month)
    number = next((n for n, one in enumerate(plan.components) if one.code == part.component), None)
    return [] if number is None else _keys(book, Work(plan, book.book, number), place, month)


def _keys(book: PlanBook, work: Work, place: int, month: int) -> list[int]:
    credits, measure = book.book.credits, work.component.measure
    people = dict(book.book.people.counting_for(measure.whose))[place]
    rows, _ = credits.measured(measure)
    length = MONTHS[work.window]
    begin = month // length * length
    inside = np.isin(credits.person[rows], people) & (credits.month[rows] >= begin)
    counted: Ints = rows[inside & (credits.month[rows] <= month)]
    return [int(key) for key in book.keys[counted] if key]
