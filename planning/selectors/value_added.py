"""Forecast value added: what each step of planning gained over the one before, and each person's word.

A year ago's sales are the step to beat; then the statistical baseline, each stream where it spoke,
and the consensus. A gain is WAPE before less WAPE after, on the same cells.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalog.engine.months import add_months
from core.models import Person
from gathering.selectors.facts import last_month_of_sales
from forecasting.engine.measures import points_gained, share
from planning.models import StreamName
from planning.selectors.monitoring import MONTHS_BACK
from planning.selectors.reach_ids import reach_ids_of, within

SPEAKING = ("sales", "marketing", "finance", "pipeline")

_STREAMS = ",\n           ".join(
    f"sum(abs(v.{name} - a.units)) FILTER (WHERE v.{name} IS NOT NULL),"
    f" sum(abs(v.baseline - a.units)) FILTER (WHERE v.{name} IS NOT NULL),"
    f" sum(abs(a.units)) FILTER (WHERE v.{name} IS NOT NULL)"
    for name in SPEAKING
)
_CELLS = """
    FROM planning_release r
    JOIN planning_cycle c ON c.id = r.cycle_id AND c.stage = 'released'
    JOIN planning_supplyrun run ON run.id = r.run_id
    JOIN planning_demandvalue v ON v.version_id = run.version_id
    JOIN catalog_demandunit u ON u.id = v.demand_unit_id
    JOIN catalog_product p ON p.id = u.product_id
    LEFT JOIN gathering_sales s ON s.demand_unit_id = v.demand_unit_id AND s.month = v.month
    CROSS JOIN LATERAL (SELECT coalesce(s.quantity, 0)::float8 AS units) a
"""
STEPS = f"""
    SELECT count(*), sum(abs(a.units)), sum(abs(coalesce(ago.quantity, 0)::float8 - a.units)),
           sum(abs(v.baseline - a.units)), sum(abs(v.quantity - a.units)),
           {_STREAMS}
    {_CELLS}
    LEFT JOIN gathering_sales ago ON ago.demand_unit_id = v.demand_unit_id
        AND ago.month = (v.month - interval '1 year')::date
    WHERE c.month >= %(since)s AND v.month <= %(last)s
      AND v.month = (c.month + make_interval(months => %(lag)s - 1))::date
      AND {within("p.family_id", "u.market_id")}
"""
PEOPLE = f"""
    WITH RECURSIVE family_below AS (
        SELECT id AS top, id FROM catalog_family
        UNION ALL SELECT b.top, f.id FROM family_below b JOIN catalog_family f ON f.parent_id = b.id
    ), market_below AS (
        SELECT id AS top, id FROM catalog_market
        UNION ALL SELECT b.top, m.id FROM market_below b JOIN catalog_market m ON m.parent_id = b.id
    ), said AS (
        SELECT DISTINCT i.author_id, i.stream, v.id, v.baseline, a.units,
               CASE i.stream WHEN 'sales' THEN v.sales WHEN 'marketing' THEN v.marketing
                             WHEN 'finance' THEN v.finance ELSE v.pipeline END AS value
        {_CELLS}
        JOIN planning_demandinput i ON i.cycle_id = c.id AND i.month = v.month AND NOT i.is_withdrawn
        WHERE c.month >= %(since)s AND v.month <= %(last)s AND {within("p.family_id", "u.market_id")}
          AND (i.product_id IS NULL OR i.product_id = p.id)
          AND (i.family_id IS NULL
               OR EXISTS (SELECT 1 FROM family_below b WHERE b.top = i.family_id AND b.id = p.family_id))
          AND (i.market_id IS NULL
               OR EXISTS (SELECT 1 FROM market_below b WHERE b.top = i.market_id AND b.id = u.market_id))
    )
    SELECT core_person.name, said.stream, count(*), sum(abs(said.units)), sum(abs(said.value - said.units)),
           sum(abs(said.baseline - said.units))
    FROM said JOIN core_person ON core_person.id = said.author_id
    WHERE said.value IS NOT NULL
    GROUP BY core_person.id, core_person.name, said.stream
"""  # noqa: S608 - put together from our own pieces


@dataclass(frozen=True)
class Step:
    """A step of planning: its WAPE, that of what it is measured against on the same cells, in shares."""

    label: str
    against: str
    wape: float | None
    before: float | None
    units: float

    @property
    def gained(self) -> float | None:
        return points_gained(self.before, self.wape)


@dataclass(frozen=True)
class PersonsWord:
    """What one person's inputs to a stream gained over the baseline, on the cells they spoke about."""

    person: str
    stream: str
    cells: int
    wape: float | None
    before: float | None

    @property
    def gained(self) -> float | None:
        return points_gained(self.before, self.wape)


def steps_of(user: Person | None, lag: int = 1) -> list[Step]:
    """A year ago, baseline, each stream that spoke, consensus: at one lag (1 to 12), over the last year."""
    found = _fetch(STEPS, user, lag=lag)
    if not found or not found[0][0]:
        return []
    _, sold, ago, baseline, consensus, *streams = found[0]
    wapes = [share(error, sold) for error in (ago, baseline, consensus)]
    steps = [
        Step("Same month last year", "", wapes[0], None, sold),
        Step("Statistical baseline", "Same month last year", wapes[1], wapes[0], sold),
    ]
    for name, (error, before, units) in zip(SPEAKING, _threes(streams), strict=True):
        if units is not None:
            gained_on, label = "Statistical baseline", StreamName(name).label
            steps.append(Step(label, gained_on, share(error, units), share(before, units), units))
    return [*steps, Step("Consensus", "Statistical baseline", wapes[2], wapes[1], sold)]


def people_of(user: Person | None) -> list[PersonsWord]:
    """Each person and stream, the largest gain first."""
    rows = [
        PersonsWord(name, StreamName(stream).label, cells, share(error, sold), share(before, sold))
        for name, stream, cells, sold, error, before in _fetch(PEOPLE, user)
    ]
    return sorted(rows, key=lambda row: (row.gained is None, -(row.gained or 0), row.person))


def _threes(values: list[Any]) -> list[list[Any]]:
    return [values[at : at + 3] for at in range(0, len(values), 3)]


def _fetch(query: str, user: Person | None, **more: Any) -> list[Any]:
    last = last_month_of_sales()
    if last is None:
        return []
    parameters = {"last": last, "since": add_months(last, -MONTHS_BACK), **more}
    with connection.cursor() as cursor:
        cursor.execute(query, parameters | reach_ids_of(user).parameters)
        return cursor.fetchall()
