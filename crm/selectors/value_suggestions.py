"""What an unknown value of a CRM may be here: alike in spelling only, a person decides."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from catalog.models import Currency, Market, Product
from crm.models import Account, DealStage, LeadState, PaperState, Rep, ValueKind

Name = tuple[str, str]  # kind, value
TABLES: dict[str, type[models.Model]] = {
    ValueKind.STAGE: DealStage,
    ValueKind.OWNER: Rep,
    ValueKind.ACCOUNT: Account,
    ValueKind.PRODUCT: Product,
    ValueKind.CURRENCY: Currency,
    ValueKind.MARKET: Market,
}
# Kinds whose values are states of ours, not rows.
STATES: dict[str, list[tuple[str, str]]] = {
    ValueKind.PAPER: list(PaperState.choices),
    ValueKind.LEAD: list(LeadState.choices),
}
# So few that all of them are offered, in their own order.
SHORT = {ValueKind.STAGE, ValueKind.CURRENCY}
QUERY = """
    SELECT wanted.value, found.code, found.name, found.likeness
    FROM unnest(%(values)s::text[]) AS wanted(value)
    CROSS JOIN LATERAL (
        SELECT code, name,
               GREATEST(similarity(name, wanted.value), similarity(code, wanted.value)) AS likeness
        FROM {table}
        WHERE name %% wanted.value OR code %% wanted.value
        ORDER BY likeness DESC, code
        LIMIT %(limit)s
    ) AS found
"""


@dataclass(frozen=True)
class Suggestion:
    """A row or state that an unknown value may be; `likeness` from 0 to 1, 0 where it was not asked."""

    code: str
    name: str
    likeness: float = 0.0


def suggestions_for(names: Iterable[Name], limit: int = 3) -> dict[Name, list[Suggestion]]:
    """The likeliest meanings of each unknown (kind, value), best first: one query for each kind."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for kind, value in names:
        by_kind[kind].add(value)
    found: dict[Name, list[Suggestion]] = {}
    for kind, values in by_kind.items():
        likely = _likely(kind, values, limit) if kind in TABLES else {}
        found |= {(kind, value): likely.get(value, []) for value in values}
    return found


def _likely(kind: str, values: set[str], limit: int) -> dict[str, list[Suggestion]]:
    table = connection.ops.quote_name(TABLES[kind]._meta.db_table)
    likely: dict[str, list[Suggestion]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(QUERY.format(table=table), {"values": sorted(values), "limit": limit})
        for value, code, name, likeness in cursor.fetchall():
            likely[value].append(Suggestion(code, name, likeness))
    return likely


def offered(kind: str) -> list[Suggestion]:
    """Everything of a kind that has few: its states, the stages, the currencies. Else nothing."""
    if kind in STATES:
        return [Suggestion(code, str(label)) for code, label in STATES[kind]]
    if kind not in SHORT:
        return []
    rows: Any = TABLES[kind]._default_manager.all()
    return [Suggestion(row.code, row.name) for row in rows]


def found_by(kind: str, text: str, limit: int = 20) -> list[Suggestion]:
    """Rows of a kind whose code or name contains the text: for choosing one by hand."""
    if kind not in TABLES:
        return [one for one in offered(kind) if text.casefold() in f"{one.code} {one.name}".casefold()]
    rows: Any = TABLES[kind]._default_manager.all()
    wanted = models.Q(code__icontains=text) | models.Q(name__icontains=text)
    return [Suggestion(row.code, row.name) for row in rows.filter(wanted).order_by("code")[:limit]]
