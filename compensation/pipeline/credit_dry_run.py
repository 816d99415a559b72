"""What a rule would change: credits staged without and with it, and nothing stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from compensation.models import Basis
from compensation.pipeline.credit_shares import share_out
from compensation.pipeline.credit_sources import gather
from compensation.selectors.credits_current import bases_credited
from core import company

KEPT = """
    CREATE TEMP TABLE credit_before AS
    SELECT place, rep_id, kind, amount, deal FROM ({now}) now"""
NOW = """
    SELECT c.place, c.rep_id, c.kind, c.amount, coalesce(s.deal_id::text, s.source) AS deal
    FROM credit_share c JOIN credit_source s ON s.place = c.place"""
# What is the same before and after falls out; what is left is summed by rep and kind.
DIFFERENCE = """
    WITH both_ways AS (
        SELECT rep_id, kind, place, deal, sum(-amount) AS amount, -count(*) AS many
        FROM credit_before GROUP BY rep_id, kind, place, deal
        UNION ALL
        SELECT rep_id, kind, place, deal, sum(amount), count(*) FROM ({now}) now
        GROUP BY rep_id, kind, place, deal
    ), changed AS (
        SELECT rep_id, kind, place, deal, sum(amount) AS amount, sum(many) AS many FROM both_ways
        GROUP BY rep_id, kind, place, deal HAVING sum(amount) <> 0 OR sum(many) <> 0
    )
    SELECT rep.name, changed.kind, sum(changed.amount), sum(changed.many), count(DISTINCT deal)
    FROM changed JOIN crm_rep rep ON rep.id = changed.rep_id
    GROUP BY rep.id, rep.name, changed.kind ORDER BY abs(sum(changed.amount)) DESC, rep.name, changed.kind
    """
NOBODY = """
    SELECT count(*) FROM credit_source s WHERE NOT EXISTS (
        SELECT 1 FROM {table} c WHERE c.place = s.place AND c.kind IN ('direct', 'split'))"""


@dataclass(frozen=True)
class Effect:
    """What changes for a rep: credit in base currency, credits, more or less; on how many deals."""

    rep: str
    kind: str
    amount: Decimal
    credits: int
    deals: int


@dataclass(frozen=True)
class DryRun:
    """By rep, the largest change first; and how many events nobody is credited for, before and after."""

    effects: tuple[Effect, ...]
    nobody_before: int
    nobody_after: int


class _Undo(Exception):
    """Takes back what was only tried."""


def tried(change: Callable[[], Any], bases: Sequence[str] = ()) -> DryRun:
    """What `change` (a service call that adds or changes a rule) would do to the credits of some bases, or of
    all. Whatever it writes is taken back. What it refuses is raised."""
    wanted = [basis for basis in bases_credited() if not bases or basis in bases] or list(bases_credited())
    found: list[DryRun] = []
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            found.append(_compared(cursor, wanted, change))
            raise _Undo
    except _Undo:
        return found[0]


def _compared(cursor: Any, bases: Sequence[Basis], change: Callable[[], Any]) -> DryRun:
    zone = company.value("time_zone")
    gather(cursor, bases)
    share_out(cursor, zone)
    cursor.execute("DROP TABLE IF EXISTS credit_before")
    cursor.execute(KEPT.format(now=NOW))
    cursor.execute(NOBODY.format(table="credit_before"))
    before = cursor.fetchone()[0]
    change()
    share_out(cursor, zone)
    cursor.execute(DIFFERENCE.format(now=NOW))
    effects = tuple(Effect(*row) for row in cursor.fetchall())
    cursor.execute(NOBODY.format(table="credit_share"))
    return DryRun(effects, before, cursor.fetchone()[0])
