"""Which known rows an unknown name may mean. Only ever shown: a person decides."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from catalog.models import Currency, Family, Market, Product, Resource, Site, Unit, WorkingCalendar
from crm.models import Account, Deal, DealStage, LeadSource, Rep, Team
from gathering.models.imports import MappingKind

Name = tuple[str, str]  # kind, value

TARGETS: dict[str, type[models.Model]] = {
    MappingKind.PRODUCT: Product,
    MappingKind.MARKET: Market,
    MappingKind.REP: Rep,
    MappingKind.ACCOUNT: Account,
    MappingKind.SITE: Site,
    MappingKind.RESOURCE: Resource,
    MappingKind.FAMILY: Family,
    MappingKind.CURRENCY: Currency,
    MappingKind.UNIT: Unit,
    MappingKind.CALENDAR: WorkingCalendar,
    MappingKind.STAGE: DealStage,
    MappingKind.TEAM: Team,
    MappingKind.DEAL: Deal,
    MappingKind.SOURCE: LeadSource,
}
CODES = {MappingKind.DEAL: "external_id"}  # what a person names a row by, where it is not `code`


@dataclass(frozen=True)
class Suggestion:
    """A known row that looks like the unknown name; `likeness` from 0 to 1."""

    code: str
    name: str
    likeness: float


QUERY = """
    SELECT wanted.value, found.code, found.name, found.likeness
    FROM unnest(%(values)s::text[]) AS wanted(value)
    CROSS JOIN LATERAL (
        SELECT {code} AS code, name,
               GREATEST(similarity(name, wanted.value), similarity({code}, wanted.value)) AS likeness
        FROM {table}
        WHERE name %% wanted.value OR {code} %% wanted.value
        ORDER BY likeness DESC, code
        LIMIT %(limit)s
    ) AS found
"""


def suggestions_for(names: Iterable[Name], limit: int = 3) -> dict[Name, list[Suggestion]]:
    """The likeliest targets of each unknown (kind, value), best first: one query for each kind."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for kind, value in names:
        by_kind[kind].add(value)
    return {
        (kind, value): likely
        for kind, values in by_kind.items()
        for value, likely in _likely(kind, values, limit).items()
    }


def targets_like(kind: str, text: str, limit: int = 20) -> list[Suggestion]:
    """Known rows of a kind whose code or name contains the text: for choosing one by hand."""
    code = CODES.get(MappingKind(kind), "code")
    rows: Any = TARGETS[kind]._default_manager.all()
    wanted = models.Q(**{f"{code}__icontains": text}) | models.Q(name__icontains=text)
    found = rows.filter(wanted).order_by(code).values_list(code, "name")[:limit]
    return [Suggestion(own, name, 0.0) for own, name in found]


def _likely(kind: str, values: set[str], limit: int) -> dict[str, list[Suggestion]]:
    table = connection.ops.quote_name(TARGETS[kind]._meta.db_table)
    likely: dict[str, list[Suggestion]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            QUERY.format(table=table, code=CODES.get(MappingKind(kind), "code")),
            {"values": sorted(values), "limit": limit},
        )
        for value, code, name, likeness in cursor.fetchall():
            likely[value].append(Suggestion(code, name, likeness))
    return likely
