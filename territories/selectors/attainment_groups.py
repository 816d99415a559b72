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
from crm.selectors.bookings import bookings_of
from crm.selectors.pipeline_deals import CHANCE, bare
from crm.selectors.teams import memberships_visible_to
from territories.engine.attainment.periods import Period
from territories.models import QuotaMeasure
from territories.selectors.attainment import (
    ZERO,
    Asked,
    Attainment,
    Line,
    Maker,
    Open,
    Pieces,
    attainment,
    from_the_first,
    open_deals,
    outlook_of,
    past_spans,
    pieces_by_rep,
    ranked,
    total_of,
    worth,
)
from territories.selectors.attainment_quotas import quotas_in
from territories.selectors.attainment_sums import Group, Question, sums
from territories.selectors.attainment_territories import by_overlay, by_territory


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
    """What each product adds, and where it will end: quotas are not set by product, so a line has none of its
    own. A deal with lines adds a part to the product of each."""
    total = attainment(user, asked).total
    found = _pieces_by_product(user, asked)
    names = dict(Product.objects.filter(code__in=[key for key in found if key]).values_list("code", "name"))
    lines = [_of_product(asked, key or "", names, one) for key, one in worth(found)]
    return Attainment(asked, total, ranked(lines))


def _of_product(asked: Asked, key: str, names: dict[str, str], one: Pieces) -> Line:
    outlook = None if asked.is_over else outlook_of(one)
    name = names.get(key, "No product")
    return Line(key, name, None, one.closed, one.count, open=one.open, outlook=outlook)


def _pieces_by_product(user: Person | None, asked: Asked) -> dict[str | None, Pieces]:
    found: dict[str | None, Pieces] = defaultdict(Pieces)
    for one in sums(user, asked.question(Group.PRODUCT)):
        found[one.key].closed += one.money
        found[one.key].count += one.count
    if asked.is_over:
        return found
    for key, open_ones in _open_by_product(user, asked).items():
        found[key].open += open_ones
    spans, only_new = past_spans(asked), asked.measure == QuotaMeasure.BOOKINGS
    rows = sums(user, Question(asked.measure, spans, Group.PRODUCT, asked.credit, only_new))
    for key, news in from_the_first(rows, len(spans)).items():
        found[key].add_news(news)
    return found


def _open_by_product(user: Person | None, asked: Asked) -> dict[str | None, Open]:
    """The parts of open deals by the product of each line; sales say nothing of open deals."""
    if asked.measure != QuotaMeasure.BOOKINGS:
        return {}
    rows: Any = bookings_of(bare(open_deals(user, asked))).order_by("deal", "line")
    parts: dict[str | None, list[tuple[float, float]]] = defaultdict(list)
    for key, money, chance in rows.values_list("product_code", "base_money", CHANCE):
        parts[key].append((float(money or 0), float(chance)))
    return {key: Open(*(tuple(part) for part in zip(*many, strict=True))) for key, many in parts.items()}


BY: dict[str, tuple[str, Callable[[Person | None, Asked], Attainment]]] = {
    "rep": ("Rep", attainment),
    "team": ("Team", by_team),
    "territory": ("Territory", by_territory),
    "product": ("Product", by_product),
    "overlay": ("Overlay", by_overlay),
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
