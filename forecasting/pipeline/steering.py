"""What planners said about the lives and months of demand units, as the engine takes it.

Everything here is part of what makes two runs the same work (`steering_hash`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection

from catalog.engine.months import months_apart
from forecasting.engine.panel import Bools, Floats
from forecasting.models import MonthMark, MonthSaid, Succession

# The months of dated events, for the demand units in the markets below each event's.
MASKED = """
    WITH RECURSIVE below AS (
        SELECT id AS top, id FROM catalog_market
        UNION ALL
        SELECT below.top, m.id FROM below JOIN catalog_market m ON m.parent_id = below.id
    )
    SELECT DISTINCT d.id AS unit, months.m::date AS month
    FROM forecasting_maskedperiod p
    JOIN catalog_demandunit d ON d.product_id = p.product_id
    CROSS JOIN generate_series(p.first_month, least(p.last_month, %(last)s), interval '1 month') months(m)
    WHERE NOT p.is_over AND p.first_month <= %(last)s AND (p.market_id IS NULL OR EXISTS (
        SELECT 1 FROM below WHERE below.top = p.market_id AND below.id = d.market_id))
"""
# One line for everything that was said; sales of units that are named without being forecast themselves.
DIGEST = f"""
    WITH masked AS ({MASKED}), named AS (
        SELECT old_id AS unit FROM forecasting_succession WHERE NOT is_withdrawn
        UNION SELECT k.demand_unit_id FROM forecasting_launchlike k
        JOIN forecasting_launch l ON l.id = k.launch_id WHERE NOT l.is_withdrawn
    ), said AS (
        SELECT concat_ws(' ', 'masked', m.unit, m.month) AS line FROM masked m
        JOIN catalog_demandunit d ON d.id = m.unit WHERE d.is_active
        UNION ALL
        SELECT concat_ws(' ', 'month', demand_unit_id, month, said) FROM forecasting_monthmark
        WHERE month <= %(last)s AND said <> 'nothing'
        UNION ALL
        SELECT concat_ws(' ', 'launch', l.demand_unit_id, l.first_month, coalesce(l.level::text, '-'),
            string_agg(k.demand_unit_id || '=' || k.weight, ',' ORDER BY k.demand_unit_id))
        FROM forecasting_launch l JOIN forecasting_launchlike k ON k.launch_id = l.id
        WHERE NOT l.is_withdrawn GROUP BY l.id
        UNION ALL
        SELECT concat_ws(' ', 'succession', old_id, coalesce(new_id, 0), first_month, ramp)
        FROM forecasting_succession WHERE NOT is_withdrawn
        UNION ALL
        SELECT concat_ws(' ', 'ends', d.id, p.discontinued_on) FROM catalog_demandunit d
        JOIN catalog_product p ON p.id = d.product_id
        WHERE d.is_active AND p.discontinued_on IS NOT NULL
        UNION ALL
        SELECT concat_ws(' ', 'sold', d.id, (
            SELECT md5(string_agg(s.month || '=' || s.quantity, ',' ORDER BY s.month))
            FROM gathering_sales s WHERE s.demand_unit_id = d.id AND s.month <= %(last)s))
        FROM catalog_demandunit d WHERE NOT d.is_active AND d.id IN (SELECT unit FROM named)
    )
    SELECT encode(sha256(convert_to(string_agg(line, ';' ORDER BY line), 'UTF8')), 'hex') FROM said
"""


def steering_hash(last_month: dt.date) -> str:
    """SHA-256 over what planners and the catalog say about the lives of demand units and about months up
    to this one; empty where nobody said anything."""
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, {"last": last_month})
        return str(cursor.fetchone()[0] or "")


@dataclass(frozen=True)
class Link:
    """A succession between two neighbours of a line; new is None at the end of a phase-out."""

    old: int
    new: int | None
    first_month: dt.date
    ramp: tuple[int, ...]

    def taken(self, month: dt.date) -> float:
        """The share of both that the new one has in a month."""
        place = months_apart(self.first_month, month)
        if place < 0:
            return 0.0
        return self.ramp[place] / 100 if place < len(self.ramp) else 1.0


@dataclass(frozen=True)
class Line:
    """Demand units that follow each other, the oldest first, and the links between them; the last link
    may lead to nothing."""

    units: tuple[int, ...]
    links: tuple[Link, ...]

    def shares(self, unit: int, months: Sequence[dt.date]) -> Floats:
        """(months,): the unit's part of what the whole line sells; those of all units sum to 1, until
        the line ends."""
        place = self.units.index(unit)
        own = np.array([self.links[place - 1].taken(month) for month in months]) if place else 1.0
        for link in self.links[place:]:
            own = own * np.array([1 - link.taken(month) for month in months])
        return np.asarray(own * np.ones(len(months)))


def lines_of() -> dict[int, Line]:
    """The line of every demand unit that follows another one, is followed, or is phased out."""
    rows = Succession.objects.filter(is_withdrawn=False)
    links = {
        old: Link(old, new, first, tuple(ramp))
        for old, new, first, ramp in rows.values_list("old_id", "new_id", "first_month", "ramp")
    }
    followers = {link.new for link in links.values()}
    found: dict[int, Line] = {}
    for oldest in [old for old in links if old not in followers]:
        units, chain = [oldest], []
        while (link := links.get(units[-1])) is not None:
            chain.append(link)
            if link.new is None:
                break
            units.append(link.new)
        line = Line(tuple(units), tuple(chain))
        found |= dict.fromkeys(units, line)
    return found


def marks_of(
    units: Sequence[int], members: Sequence[Sequence[int]], first: dt.date, last_month: dt.date
) -> tuple[Bools | None, Bools | None]:
    """Masked and kept months, (months, units) each, None where there is none. `members`: the demand units
    whose history each column holds."""
    column: dict[int, list[int]] = {}
    for place, inside in enumerate(members):
        for unit in inside:
            column.setdefault(unit, []).append(place)
    shape = (months_apart(first, last_month) + 1, len(units))
    masked, kept = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    said = MonthMark.objects.filter(demand_unit__in=column, month__range=(first, last_month))
    people = list(said.values_list("demand_unit_id", "month", "said"))
    marks = [(masked, unit, month) for unit, month in _masked_by_events(column, last_month)]
    marks += [(masked, unit, month) for unit, month, what in people if what == MonthSaid.MASKED]
    marks += [(kept, unit, month) for unit, month, what in people if what == MonthSaid.KEPT]
    for into, unit, month in marks:
        if month >= first:
            into[months_apart(first, month), column[unit]] = True
    return (masked if masked.any() else None), (kept if kept.any() else None)


def _masked_by_events(units: dict[int, list[int]], last_month: dt.date) -> list[tuple[int, dt.date]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT unit, month FROM ({MASKED}) masked WHERE unit = ANY(%(units)s)",
            {"last": last_month, "units": list(units)},
        )
        return list(cursor.fetchall())
