"""Forecast value added: the stair from a year ago to the released plan, by family and by person.

A year ago's sales are the step to beat; then the statistical baseline, each stream where it spoke, the
consensus, and what supply made of it. A gain is WAPE before less WAPE after, on the same cells.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from catalog.engine.months import add_months
from catalog.models import Family, Market
from catalog.selectors import families_below, markets_below
from core.models import Person
from forecasting.engine.measures import Gain, gain_from_sums, gain_of
from gathering.selectors.facts import last_month_of_sales
from planning.models import StreamName
from planning.selectors.accuracy_cells import MAKERS, SPEAKING, Asked, Frame, cells_of
from planning.selectors.accuracy_table import GROUPED
from planning.selectors.measured_people import people_measured_for
from planning.selectors.reach_ids import reach_ids_of, within

# Each step and what it is measured against.
STAIR = (
    ("statistical", "naive"),
    *((name, "statistical") for name in SPEAKING),
    ("consensus", "statistical"),
    ("released", "consensus"),
)
FAMILY_STEPS = (("statistical", "naive"), ("consensus", "statistical"), ("released", "consensus"))
CELLS = """
    FROM planning_release r
    JOIN planning_cycle c ON c.id = r.cycle_id AND c.stage = 'released'
    JOIN planning_supplyrun run ON run.id = r.run_id
    JOIN planning_demandvalue v ON v.version_id = run.version_id
    JOIN catalog_demandunit u ON u.id = v.demand_unit_id
    JOIN catalog_product p ON p.id = u.product_id
    LEFT JOIN gathering_sales s ON s.demand_unit_id = v.demand_unit_id AND s.month = v.month
    CROSS JOIN LATERAL (SELECT coalesce(s.quantity, 0)::float8 AS units) a
"""
PEOPLE = f"""
    WITH RECURSIVE family_below AS (
        SELECT id AS top, id FROM catalog_family
        UNION ALL SELECT b.top, f.id FROM family_below b JOIN catalog_family f ON f.parent_id = b.id
    ), market_below AS (
        SELECT id AS top, id FROM catalog_market
        UNION ALL SELECT b.top, m.id FROM market_below b JOIN catalog_market m ON m.parent_id = b.id
    ), said AS (
        SELECT DISTINCT i.author_id, i.stream, v.id, v.baseline, v.price, a.units,
               CASE i.stream WHEN 'sales' THEN v.sales WHEN 'marketing' THEN v.marketing
                             WHEN 'finance' THEN v.finance ELSE v.pipeline END AS value
        {CELLS}
        JOIN planning_demandinput i ON i.cycle_id = c.id AND i.month = v.month AND NOT i.is_withdrawn
        WHERE v.month > %(since)s AND v.month <= %(last)s
          AND v.month = (c.month + make_interval(months => %(lag)s - 1))::date
          AND {within("p.family_id", "u.market_id")}
          AND (%(below)s::bigint[] IS NULL OR p.family_id = ANY(%(below)s))
          AND (%(where)s::bigint[] IS NULL OR u.market_id = ANY(%(where)s))
          AND (%(people)s::bigint[] IS NULL OR i.author_id = ANY(%(people)s))
          AND (i.product_id IS NULL OR i.product_id = p.id)
          AND (i.family_id IS NULL
               OR EXISTS (SELECT 1 FROM family_below b WHERE b.top = i.family_id AND b.id = p.family_id))
          AND (i.market_id IS NULL
               OR EXISTS (SELECT 1 FROM market_below b WHERE b.top = i.market_id AND b.id = u.market_id))
    ), missed AS (
        SELECT author_id, stream, price, abs(units) AS sold, abs(value - units) AS after,
               abs(baseline - units) AS before
        FROM said WHERE value IS NOT NULL
    )
    SELECT core_person.name, stream, count(*), sum(sold), sum(before), sum(after),
           sum((before - after) ^ 2), sum((before - after) * price)
    FROM missed JOIN core_person ON core_person.id = author_id
    GROUP BY core_person.id, core_person.name, stream
"""  # noqa: S608 - put together from our own pieces


@dataclass(frozen=True)
class Measured:
    """What somebody or something gained, as shares, units sold and base currency."""

    gain: Gain

    @property
    def wape(self) -> float | None:
        """WAPE after the step."""
        return self.gain.after

    @property
    def before(self) -> float | None:
        """WAPE before the step."""
        return self.gain.before

    @property
    def gained(self) -> float | None:
        """How much WAPE fell."""
        return self.gain.gained

    @property
    def units(self) -> float:
        """Units sold in the cells that were measured."""
        return self.gain.sold

    @property
    def cells(self) -> int:
        """How many cells were measured."""
        return self.gain.cells

    @property
    def money(self) -> float | None:
        """Errors avoided in base currency; None where there was nothing to compare with."""
        return None if self.gain.before is None else self.gain.money

    @property
    def caution(self) -> str:
        """How far the gain is to be believed, in words."""
        if self.gained is None:
            return "The step to beat"
        if not self.gain.changed:
            return "No change"
        if self.gain.is_few:
            return "Too few cells to say"
        if not self.gain.likely:
            return "Could be chance"
        return "Better" if self.gained > 0 else "Worse"


@dataclass(frozen=True)
class Step(Measured):
    """A step of planning, and the step that it is measured against."""

    label: str
    against: str


@dataclass(frozen=True)
class PersonsWord(Measured):
    """What one person's inputs to a stream gained over the baseline, on the cells they spoke about."""

    person: str
    stream: str


@dataclass(frozen=True)
class FamilySteps:
    """The stair of one family: what narrows to it, and its gains by step."""

    label: str
    narrow: dict[str, str]
    is_leaf: bool
    steps: dict[str, Step]


def steps_of(user: Person | None, lag: int = 1) -> list[Step]:
    """A year ago, baseline, each stream that spoke, consensus, released: at one lag, over the last year."""
    return steps_in(cells_of(user, Asked(lag=lag)))


def steps_in(frame: Frame) -> list[Step]:
    """The stair on some cells; empty without any."""
    if not len(frame):
        return []
    found = [_step(frame, name, against) for name, against in STAIR]
    ago = gain_of(frame["actual"], frame["naive"], frame["naive"], frame["price"])
    first = Step(
        Gain(ago.cells, ago.sold, None, ago.after, 0.0, likely=False, changed=False), MAKERS["naive"], ""
    )
    return [first, *(step for step in found if step.cells)]


def steps_by_family(user: Person | None, frame: Frame, asked: Asked) -> list[FamilySteps]:
    """The stair of each family just below the one asked for; where the consensus lost most comes first."""
    if not len(frame):
        return []
    groups, named = GROUPED["family"](user, frame, asked)
    names = named([int(key) for key in np.unique(groups)])
    rows = [
        FamilySteps(*name, {maker: _step(part, maker, against) for maker, against in FAMILY_STEPS})
        for key, name in names.items()
        for part in [frame.at(groups == key)]
    ]
    return sorted(rows, key=lambda row: (row.steps["consensus"].money or 0.0, row.label))


def people_of(user: Person | None, asked: Asked | None = None) -> list[PersonsWord]:
    """Each person and stream that this reader may see measured, the largest gain first: the own, that of
    the reps below, or everybody's for those who lead planning."""
    wanted, last = asked or Asked(), last_month_of_sales()
    if last is None:
        return []
    people = people_measured_for(user)
    parameters: dict[str, Any] = {
        "last": last,
        "since": add_months(last, -wanted.months),
        "lag": wanted.lag,
        "below": _ids(wanted.family, families_below),
        "where": _ids(wanted.market, markets_below),
        "people": None if people is None else sorted(people),
    }
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, parameters | reach_ids_of(user).parameters)
        rows = [_word(*row) for row in cursor.fetchall()]
    return sorted(rows, key=lambda row: (row.gained is None, -(row.gained or 0), row.person))


def _word(
    name: str, stream: str, cells: int, sold: float, before: float, after: float, squares: float, money: float
) -> PersonsWord:
    gain = gain_from_sums(cells=cells, sold=sold, before=before, after=after, squares=squares, money=money)
    return PersonsWord(gain, name, StreamName(stream).label)


def _step(frame: Frame, name: str, against: str) -> Step:
    gain = gain_of(frame["actual"], frame[against], frame[name], frame["price"])
    return Step(gain, MAKERS[name], MAKERS[against])


def _ids(top: Family | Market | None, below: Any) -> list[int] | None:
    return None if top is None else list(below([top.pk]).values_list("pk", flat=True))
