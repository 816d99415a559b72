"""What counts towards quotas, summed by rep or territory and span of days. Base currency.

Bookings are the won deals of the deal's rep. Sales revenue is order lines less returns: credited to the
owner of the account on the day of the line, as Assignment has it, else to the rep on the line; or, where
that is asked for, always to the rep on the line. A territory gets what its accounts brought, by the model in
force on the day.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import connection, models
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Coalesce

from catalog.selectors import rate_join
from core.models import Person
from crm.selectors.accounts import own_reps
from crm.selectors.bookings import bookings_of, won_deals
from gathering.selectors.facts import lines_visible_to
from territories.models import Assignment, CoverageRole, Placement, QuotaMeasure, RoleKind, TerritoryModel

Span = tuple[dt.date, dt.date]
ASSIGNMENTS, PLACEMENTS = Assignment._meta.db_table, Placement._meta.db_table
MODELS = TerritoryModel._meta.db_table


class Credit(models.TextChoices):
    """Whose a sale is."""

    OWNER = "owner", "Owner of the account"
    SELLER = "seller", "Rep on the order line"


class Group(StrEnum):
    """By what closed money is summed."""

    REP = "rep"
    TERRITORY = "territory"
    OVERLAY = "overlay"
    PRODUCT = "product"


@dataclass(frozen=True)
class Sum:
    """What a rep, territory, overlay (keys) or product (code) closed in the span at `place`; `key` is None
    for what belongs to nobody."""

    key: Any
    place: int
    count: int
    money: Decimal


@dataclass(frozen=True)
class Question:
    """Whose sums of what: by `group`, in each of the `spans` (first and last day, both included).

    `only_new`: deals that were created within the span as well. `rep`: only that rep's. `placed_on`: by where
    accounts lie on that day, whatever the day of the sale."""

    measure: str
    spans: Sequence[Span]
    group: Group = Group.REP
    credit: str = Credit.OWNER
    only_new: bool = False
    rep: int | None = None
    placed_on: dt.date | None = None


def sums(user: Person | None, asked: Question) -> list[Sum]:
    """The sums that a person may see. One query; two for those who only sell."""
    if not asked.spans:
        return []
    facts, params = _facts(user, asked)
    joins, join_params = _joins(asked)
    where, who = _whose(user, asked)
    spans = ", ".join("(%s, %s::date, %s::date)" for _ in asked.spans)
    flat = [value for place, (first, last) in enumerate(asked.spans) for value in (place, first, last)]
    new = "AND f.created >= s.first" if asked.only_new else ""
    query = f"""
        WITH s (place, first, last) AS (VALUES {spans}), f AS MATERIALIZED ({facts})
        SELECT {_key(asked)}, s.place, count(*), sum(f.base_money)
        FROM f JOIN s ON f.day BETWEEN s.first AND s.last {new} {joins}
        {where} GROUP BY 1, 2 ORDER BY 1, 2
    """  # noqa: S608 - the parts are ours, what is asked for are parameters
    with connection.cursor() as cursor:
        cursor.execute(query, [*flat, *params, *join_params, *who])
        return [Sum(key, place, count, money or Decimal(0)) for key, place, count, money in cursor.fetchall()]


def credited_rep(asked: Question) -> str:
    """The SQL of the rep whose a fact is."""
    owned = asked.measure == QuotaMeasure.SALES and asked.credit == Credit.OWNER
    return "coalesce(a.rep_id, f.rep_id)" if owned else "f.rep_id"


def _key(asked: Question) -> str:
    return {
        Group.REP: credited_rep(asked),
        Group.TERRITORY: "p.territory_id",
        Group.OVERLAY: "p.territory_id",
        Group.PRODUCT: "f.product_code",
    }[asked.group]


def _whose(user: Person | None, asked: Question) -> tuple[str, list[Any]]:
    own = own_reps(user)
    allowed = None if own is None else set(own.values_list("pk", flat=True))
    if asked.rep is not None:
        allowed = {asked.rep} if allowed is None else allowed & {asked.rep}
    if allowed is None:
        return "", []
    return f"WHERE {credited_rep(asked)} = ANY(%s)", [sorted(allowed)]


def _joins(asked: Question) -> tuple[str, list[Any]]:
    """The owner of the account on the day, and its territory: the database has at most one of each."""
    joins = ""
    params: list[Any] = []
    if credited_rep(asked).startswith("coalesce"):
        joins += (
            f" LEFT JOIN {ASSIGNMENTS} a"
            " ON a.account_id = f.account_id AND a.role_id = %s AND a.days @> f.day"
        )
        params.append(_owner_role())
    if asked.group in PLACED:
        day = "f.day" if asked.placed_on is None else "%s::date"
        joins += f" LEFT JOIN ({PLACED[asked.group]}) p ON p.account_id = f.account_id AND p.days @> {day}"
        params.extend([] if asked.placed_on is None else [asked.placed_on])
    return joins, params


# Days on which a placement holds while its model is in force; models are never in force together.
# An account lies in one territory, and besides in one overlay of each role.
PLACED = {
    group: f"""
    SELECT one.account_id, one.territory_id, one.days * model.days AS days
    FROM {PLACEMENTS} one JOIN {MODELS} model ON model.id = one.model_id
    WHERE one.role_id IS {which} AND model.days IS NOT NULL AND NOT isempty(one.days * model.days)
"""  # noqa: S608 - the names are ours
    for group, which in ((Group.TERRITORY, "NULL"), (Group.OVERLAY, "NOT NULL"))
}


def _owner_role() -> int | None:
    """None before any territory was set up."""
    return CoverageRole.objects.filter(kind=RoleKind.OWNER).values_list("pk", flat=True).first()


def _facts(user: Person | None, asked: Question) -> tuple[str, list[Any]]:
    first, last = min(span[0] for span in asked.spans), max(span[1] for span in asked.spans)
    if asked.measure == QuotaMeasure.SALES:
        return _lines(user, first, last)
    deals = won_deals(user, first, last)
    return _of_query(_booked(deals, by_line=asked.group is Group.PRODUCT))


def _booked(deals: QuerySet[Any], *, by_line: bool) -> QuerySet[Any]:
    if by_line:
        return bookings_of(deals).values(
            "product_code", "day", "rep_id", "account_id", "created", "base_money"
        )
    return deals.order_by().values(
        "account_id", "rep_id", "created", day=F("closed"), base_money=Coalesce(F("base_amount"), Decimal(0))
    )


def _lines(user: Person | None, first: dt.date, last: dt.date) -> tuple[str, list[Any]]:
    """Order lines, returns negative, at the month's rate."""
    sign = Case(When(kind="return", then=Value(-1)), default=Value(1))
    rows = lines_visible_to(user).select_related(None).order_by().filter(day__range=(first, last))
    query, params = _of_query(
        rows.values(
            "day",
            "account_id",
            "rep_id",
            "revenue",
            "currency",
            line_id=F("id"),
            sign=sign,
            product_code=F("demand_unit__product__code"),
        )
    )
    rate = rate_join("l.currency", "l.day")
    return (
        f"SELECT l.*, l.day AS created, l.revenue * l.sign * ({rate.value}) AS base_money "  # noqa: S608
        f"FROM ({query}) l {rate.join}",
        [*rate.params, *params],
    )


def _of_query(rows: QuerySet[Any]) -> tuple[str, list[Any]]:
    query, params = rows.query.sql_with_params()
    return query, list(params)
