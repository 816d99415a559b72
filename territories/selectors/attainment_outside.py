"""Sold outside the own territory: order lines whose rep has no role in the territory of the account.

The territory is where the account lies on the day of the line, by the model in force then; a role in a
territory above it counts as well. Lines without a rep, or whose account lies nowhere, are told apart.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection

from catalog.selectors import rate_join
from core.models import Person
from crm.selectors.accounts import own_reps, reps_visible_to
from gathering.selectors.facts import lines_visible_to
from territories.models import Territory, TerritoryRep
from territories.selectors.attainment_sums import PLACED, Group

TERRITORIES, REPS = Territory._meta.db_table, TerritoryRep._meta.db_table
WITHIN, OUTSIDE, NOWHERE = "within", "outside", "nowhere"


@dataclass(frozen=True)
class Part:
    """Order lines and their revenue less returns, in base currency."""

    lines: int = 0
    revenue: Decimal = Decimal(0)

    def __add__(self, other: "Part") -> "Part":
        return Part(self.lines + other.lines, self.revenue + other.revenue)


@dataclass(frozen=True)
class Row:
    """One rep's (or everybody's, or one territory's) lines: within the own territories, outside of them, and
    where the account lies in no territory."""

    key: str
    name: str
    within: Part = Part()
    outside: Part = Part()
    nowhere: Part = Part()
    pk: int | None = None

    @property
    def all(self) -> Part:
        """Everything the rep sold, wherever the account lies."""
        return self.within + self.outside + self.nowhere

    @property
    def share_of_lines(self) -> float | None:
        """The share of order lines outside, 0 to 1; None without any."""
        return self.outside.lines / self.all.lines if self.all.lines else None

    @property
    def share_of_revenue(self) -> float | None:
        """The share of revenue outside, 0 to 1; None without any."""
        return float(self.outside.revenue / self.all.revenue) if self.all.revenue else None

    def with_more(self, where: str, part: Part) -> "Row":
        """The same row with more of `where`: within, outside or nowhere."""
        return replace(self, **{where: getattr(self, where) + part})


@dataclass(frozen=True)
class SoldOutside:
    """What was sold outside: in all, by rep, and by the territory in which it was sold."""

    total: Row
    reps: list[Row]
    territories: list[Row]


def sold_outside(user: Person | None, first: dt.date, last: dt.date) -> SoldOutside:
    """The lines of the days from `first` to `last` that have a rep whom the person sees. Four queries."""
    counted = _counted(user, first, last)
    reps = {rep.pk: rep for rep in reps_visible_to(user)}
    places = Territory.objects.in_bulk({key for _, key, _, _ in counted if key})
    by_rep: dict[int, Row] = {}
    by_place: dict[int, Row] = defaultdict(lambda: Row("", ""))
    total = Row("", "All")
    for rep, place, where, part in counted:
        who = reps[rep]
        by_rep[rep] = by_rep.get(rep, Row(who.code, who.name, pk=rep)).with_more(where, part)
        total = total.with_more(where, part)
        if place is not None:
            named = by_place.get(place, Row(places[place].code, places[place].name, pk=place))
            by_place[place] = named.with_more(where, part)
    return SoldOutside(total, _ranked(by_rep.values()), _ranked(by_place.values()))


def _ranked(rows: Any) -> list[Row]:
    """The most revenue outside first."""
    return sorted(rows, key=lambda row: (-row.outside.revenue, -row.outside.lines, row.name))


def _counted(user: Person | None, first: dt.date, last: dt.date) -> list[tuple[int, int | None, str, Part]]:
    """(rep, territory, within or outside or nowhere, lines and revenue). One query."""
    own = own_reps(user)
    lines = lines_visible_to(user).select_related(None).order_by()
    lines = lines.filter(day__range=(first, last), rep__in=reps_visible_to(user).order_by().values("pk"))
    if own is not None:
        lines = lines.filter(rep__in=own.values("pk"))
    facts, params = lines.values(
        "day", "account_id", "rep_id", "revenue", "currency", "kind"
    ).query.sql_with_params()
    rate = rate_join("l.currency", "l.day")
    query = f"""
        WITH RECURSIVE up (territory_id, above_id) AS (
            SELECT id, id FROM {TERRITORIES}
            UNION ALL
            SELECT up.territory_id, t.parent_id FROM up JOIN {TERRITORIES} t ON t.id = up.above_id
            WHERE t.parent_id IS NOT NULL
        ), held AS MATERIALIZED (
            SELECT tr.rep_id, up.territory_id, range_agg(tr.days) AS days
            FROM {REPS} tr JOIN up ON up.above_id = tr.territory_id GROUP BY 1, 2
        )
        SELECT l.rep_id, p.territory_id,
               CASE WHEN p.territory_id IS NULL THEN '{NOWHERE}'
                    WHEN held.days @> l.day THEN '{WITHIN}' ELSE '{OUTSIDE}' END,
               count(*),
               sum(CASE l.kind WHEN 'return' THEN -l.revenue ELSE l.revenue END * ({rate.value}))
        FROM ({facts}) l {rate.join}
        LEFT JOIN ({PLACED[Group.TERRITORY]}) p ON p.account_id = l.account_id AND p.days @> l.day
        LEFT JOIN held ON held.rep_id = l.rep_id AND held.territory_id = p.territory_id
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """  # noqa: S608 - the names are ours, what is asked for are parameters
    with connection.cursor() as cursor:
        cursor.execute(query, [*rate.params, *params])
        rows = cursor.fetchall()
    return [(rep, place, where, Part(count, money or Decimal(0))) for rep, place, where, count, money in rows]
