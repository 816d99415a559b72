"""Reading what the streams said: who, when, why, before and after, and what came of it."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from catalog.selectors import reach_of
from core import company
from core.models import Person
from gathering.models import Sales
from planning.models import ConsensusCell, Cycle, DemandEvent, DemandInput
from planning.selectors.demand_coverage import Trees

SUMS = f"""
    SELECT coalesce(sum(baseline), 0), coalesce(sum(quantity), 0) FROM {ConsensusCell._meta.db_table}
    WHERE cycle_id = %s AND month = %s AND demand_unit_id = ANY(%s::bigint[])
"""  # noqa: S608 - the name is ours
# Every statement's own cells, summed in one query: families and markets come as lists of ids.
COVERED = f"""
    SELECT w.id, coalesce(sum(c.quantity), 0), coalesce(sum(c.baseline), 0), sum(s.quantity)::float8
    FROM jsonb_to_recordset(%s::jsonb)
         AS w(id bigint, month date, product bigint, families bigint[], markets bigint[])
    JOIN {ConsensusCell._meta.db_table} c ON c.cycle_id = %s AND c.month = w.month
    JOIN catalog_demandunit d ON d.id = c.demand_unit_id
    JOIN catalog_product p ON p.id = d.product_id
    LEFT JOIN {Sales._meta.db_table} s ON s.demand_unit_id = d.id AND s.month = w.month
    WHERE (w.product IS NULL OR p.id = w.product)
      AND (w.families IS NULL OR p.family_id = ANY(w.families))
      AND (w.markets IS NULL OR d.market_id = ANY(w.markets))
    GROUP BY w.id
"""  # noqa: S608 - the names are ours


@dataclass(frozen=True)
class Outcome:
    """A statement's cells now: consensus and baseline, and what was sold once the month is over."""

    consensus: float
    baseline: float
    actual: float | None

    @property
    def helped(self) -> bool | None:
        """Whether the consensus came nearer to what was sold than the baseline; None before that."""
        if self.actual is None:
            return None
        return abs(self.actual - self.consensus) < abs(self.actual - self.baseline)


def inputs_visible_to(user: Person | None) -> QuerySet[DemandInput]:
    """Statements about the person's families and markets, and those about all of them."""
    reach = reach_of(user)
    rows = DemandInput.objects.select_related("cycle", "family", "product", "market", "author")
    family = reach.of_family("family") | reach.of_family("product__family") | Q(family=None, product=None)
    market = reach.of_market("market", or_everywhere=True)
    return rows.filter(family if reach.families else Q(), market)


def events_visible_to(user: Person | None) -> QuerySet[DemandEvent]:
    """Promotions, launches and phase-outs in the person's families and markets."""
    reach = reach_of(user)
    rows = DemandEvent.objects.select_related("cycle", "product", "market", "owner")
    return rows.filter(reach.of_family("product__family"), reach.of_market("market", or_everywhere=True))


def without_reason(cycle: Cycle) -> QuerySet[DemandInput]:
    """Statements that change the baseline by more than the company's limit and do not say why."""
    limit = float(company.value("override_percent"))
    silent = Q(reason_code="") | Q(note="")
    live = cycle.inputs.filter(silent, is_withdrawn=False).select_related("family", "product", "market")
    return live.filter(pk__in=[row.pk for row in live if abs(change_percent(row)) >= limit])


def change_percent(row: DemandInput) -> float:
    """What a statement changes against the baseline of its cells, in percent; from nothing, 100."""
    baseline, value = float(row.baseline), float(row.value)
    if row.kind == "percent":
        return value
    change = value if row.kind == "add" else value - baseline
    return 100 * change / baseline if baseline else (100.0 if change else 0.0)


def sums_of(cycle: Cycle, month: dt.date, ids: list[int]) -> tuple[float, float]:
    """Baseline and consensus of some demand units in a month, in units."""
    with connection.cursor() as cursor:
        cursor.execute(SUMS, [cycle.pk, month, ids])
        baseline, consensus = cursor.fetchone()
    return baseline, consensus


def outcomes_of(cycle: Cycle, rows: Iterable[DemandInput]) -> dict[int, Outcome]:
    """What became of these statements of a cycle, by key. Three queries."""
    trees = Trees()
    wanted = [_wanted(row, trees) for row in rows]
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(COVERED, [json.dumps(wanted), cycle.pk])
        return {key: Outcome(agreed, base, actual) for key, agreed, base, actual in cursor.fetchall()}


def with_outcomes(cycle: Cycle, rows: list[DemandInput]) -> list[DemandInput]:
    """The rows with what came of them, in `outcome`."""
    outcomes = outcomes_of(cycle, rows)
    for row in rows:
        row.outcome = outcomes.get(row.pk)  # type: ignore[attr-defined]
    return rows


def _wanted(row: DemandInput, trees: Trees) -> dict[str, object]:
    return {
        "id": row.pk,
        "month": row.month.isoformat(),
        "product": row.product_id,
        "families": trees.families[row.family_id] if row.family_id else None,
        "markets": trees.markets[row.market_id] if row.market_id else None,
    }
