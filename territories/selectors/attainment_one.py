"""Attainment of one rep, and what was new in the rest of that rep's past periods."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from core.models import Person
from crm.models import Rep
from territories.models import QuotaMeasure
from territories.selectors.attainment import (
    Asked,
    Line,
    Maker,
    Pieces,
    past_spans,
    pieces_by_rep,
    total_of,
)
from territories.selectors.attainment_sums import Group, Question, sums


@dataclass(frozen=True)
class Rest:
    """The rest of a past period, from the point on at which the present one is: what came of it."""

    first: dt.date
    last: dt.date
    money: Decimal
    count: int


def attainment_of(user: Person | None, asked: Asked, rep: Rep) -> Line:
    """The line of one rep; its win rate is that of all reps one sees where the own deals are few."""
    pieces = pieces_by_rep(user, asked, {rep.pk})
    make = Maker(asked, total_of(pieces.values()))
    return make.of_rep(rep, pieces.get(rep.pk, Pieces()))


def past_news(user: Person | None, asked: Asked, rep: Rep) -> list[Rest]:
    """What the expected new amount is the mean of, the newest first; nothing once the period is over."""
    if asked.is_over:
        return []
    spans = past_spans(asked)
    only_new = asked.measure == QuotaMeasure.BOOKINGS
    rows = sums(user, Question(asked.measure, spans, Group.REP, asked.credit, only_new, rep.pk))
    have = {row.place: row for row in rows}
    begun = min(have, default=len(spans))
    return [
        Rest(*spans[place], have[place].money, have[place].count)
        if place in have
        else Rest(*spans[place], Decimal(0), 0)
        for place in range(len(spans) - 1, begun - 1, -1)
    ]
