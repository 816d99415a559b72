"""Attainment by team, territory and product, and from one period to the next."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.models import Product
from core.models import Person
from crm.selectors.accounts import reps_visible_to
from crm.selectors.teams import memberships_visible_to
from territories.engine.attainment.periods import Period
from territories.selectors.attainment import (
    ZERO,
    Asked,
    Attainment,
    Line,
    Maker,
    Pieces,
    attainment,
    pieces_by_rep,
    ranked,
    total_of,
    worth,
)
from territories.selectors.attainment_quotas import quotas_in
from territories.selectors.attainment_sums import Group, Question, sums
from territories.selectors.attainment_territories import by_territory


def by_team(user: Person | None, asked: Asked) -> Attainment:
    """The same by team. A rep counts with the team of the period's last day."""
    pieces = pieces_by_rep(user, asked, set(reps_visible_to(user).values_list("pk", flat=True)))
    rows = memberships_visible_to(user).filter(days__contains=asked.period.last)
    team_of = {row.rep_id: (row.team.code, row.team.name) for row in rows}
    teams: dict[tuple[str, str], list[Pieces]] = defaultdict(list)
    for rep, one in pieces.items():
        teams[team_of.get(rep or 0, ("", "No team"))].append(one)
    make = Maker(asked, total_of(pieces.values()))
    whole = {team: total_of(many) for team, many in teams.items()}
    lines = [make.line(code, name, one) for (code, name), one in worth(whole)]
    return Attainment(asked, make.total(), ranked(lines))


def by_product(user: Person | None, asked: Asked) -> Attainment:
    """What each product adds: quotas are not set by product, so a line has none of its own."""
    total = attainment(user, asked).total
    found: dict[str | None, Pieces] = defaultdict(Pieces)
    for one in sums(user, asked.question(Group.PRODUCT)):
        found[one.key].closed += one.money
        found[one.key].count += one.count
    names = dict(Product.objects.filter(code__in=[key for key in found if key]).values_list("code", "name"))
    lines = [
        Line(key or "", names.get(key or "", "No product"), None, one.closed, one.count)
        for key, one in found.items()
    ]
    return Attainment(asked, total, ranked(lines))


BY: dict[str, tuple[str, Callable[[Person | None, Asked], Attainment]]] = {
    "rep": ("Rep", attainment),
    "team": ("Team", by_team),
    "territory": ("Territory", by_territory),
    "product": ("Product", by_product),
}


@dataclass(frozen=True)
class Past:
    """A period of the trend."""

    period: Period
    quota: Decimal | None
    closed: Decimal

    @property
    def attained(self) -> Decimal | None:
        """Closed over quota; None without a quota."""
        return self.closed / self.quota if self.quota else None


def trend(user: Person | None, asked: Asked, count: int = 8, rep: int | None = None) -> list[Past]:
    """The period asked for and those before it, the oldest first; of one rep, or of everybody one sees."""
    periods = [asked.period.moved(-back) for back in range(count - 1, -1, -1)]
    closed = _closed(user, asked, periods, rep)
    quota = _quotas(user, asked.measure, periods, rep)
    return [Past(one, quota.get(place), closed.get(place, ZERO)) for place, one in enumerate(periods)]


def _closed(user: Person | None, asked: Asked, periods: list[Period], rep: int | None) -> dict[int, Decimal]:
    spans = [(one.first, one.last) for one in periods]
    found: dict[int, Decimal] = defaultdict(Decimal)
    for one in sums(user, Question(asked.measure, spans, Group.REP, asked.credit, rep=rep)):
        found[one.place] += one.money
    return found


def _quotas(user: Person | None, measure: str, periods: list[Period], rep: int | None) -> dict[int, Decimal]:
    seen = {rep} if rep is not None else set(reps_visible_to(user).values_list("pk", flat=True))
    place_of: dict[dt.date, int] = {month: n for n, one in enumerate(periods) for month in one.months}
    found: dict[int, Decimal] = {}
    for one in quotas_in(user, measure, periods[0].first, periods[-1].last):
        if one.rep in seen:
            place: Any = place_of[one.month]
            found[place] = found.get(place, ZERO) + one.amount
    return found
