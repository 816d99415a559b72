"""The cost of obtaining contracts: what closed months paid for each deal, spread over its benefit.

Locked months are read as they were kept when they were locked; what comes after the newest of them is worked
out from what is left, by the terms as they are now.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from catalog.engine.months import add_months, months_apart
from compensation.engine.contract_costs import (
    Left,
    Movement,
    Movements,
    Rolled,
    left_of,
    onwards,
    roll_forward,
)
from compensation.models import CLOSED, ContractMonth, ContractTerm, ContractTotal, PayRun
from compensation.selectors.contract_terms import (
    BENEFIT,
    ENDED,
    NUMBER,
    Term,
    is_expedient,
    term_values,
    terms_of,
)
from core.models import Person
from core.roles import can
from crm.models import Deal
from crm.selectors.deals import deals_visible_to

ZERO = Decimal(0)
MOVED = [one.name for one in fields(Movement)]
# Every contract begins in the month of a run: how long ago that is is worked out for those, not for each row.
LEFT = f"""
    WITH firsts AS (
        SELECT DISTINCT month AS first,
            {NUMBER.format("month")} - {NUMBER.format("%(month)s::date")} AS months
        FROM compensation_payrun),
    termed AS (
        SELECT c.currency_id, c.closing, trunc(c.closing * 100)::bigint AS cents,
            GREATEST(f.months + {BENEFIT} - 1, 1) AS months,
            CASE WHEN t.ended IS NOT NULL OR e.month IS NOT NULL
                 THEN GREATEST({NUMBER.format("GREATEST(LEAST(t.ended, e.month), c.first)")}
                    - {NUMBER.format("%(month)s::date")}, 1) END AS until
        FROM compensation_contractmonth c
        JOIN firsts f USING (first)
        LEFT JOIN compensation_contractterm t USING (deal_id)
        LEFT JOIN ({ENDED}) e USING (deal_id)
        WHERE c.run_id = %(run)s AND c.closing > 0)
    SELECT currency_id, count(*), sum(cents / months)::bigint, (cents %% months)::int,
        sum(closing) - sum(cents) / 100.0, months, until
    FROM termed GROUP BY 1, 4, 6, 7"""  # noqa: S608 - the names are ours


@dataclass(frozen=True)
class CurrencyCosts:
    """The roll-forward of a currency. other: pay of each month without a deal, expensed at once."""

    currency: str
    rows: list[Rolled]
    other: dict[dt.date, Decimal]


@dataclass(frozen=True)
class DealCosts:
    """A deal's cost: what was paid for it, what is left at the end of a month, and what the months did."""

    deal: Deal
    currency: str
    term: Term
    paid: Decimal
    left: Decimal
    movements: Movements


def contract_terms_visible_to(user: Person | None) -> QuerySet[ContractTerm]:
    """The terms of contracts that were said by hand, for those who may see what selling costs."""
    if user is not None and not can(user, "pay.cost"):
        return ContractTerm.objects.none()
    deals = deals_visible_to(user).order_by().values("pk")
    return ContractTerm.objects.filter(deal__in=deals).select_related("deal__account", "deal__rep")


def deals_with_costs(user: Person | None) -> QuerySet[Deal]:
    """The deals for which closed months paid something."""
    if user is not None and not can(user, "pay.cost"):
        return Deal.objects.none()
    return deals_visible_to(user).filter(Exists(ContractMonth.objects.filter(deal=OuterRef("pk"))))


def roll_forwards(user: Person | None, first: dt.date, count: int) -> list[CurrencyCosts]:
    """Contract costs by currency, so many months from `first` on; nothing for who may not see costs."""
    if user is not None and not can(user, "pay.cost"):
        return []
    newest = _newest_kept()
    if newest is None:
        return []
    coming = _coming(newest, months_apart(newest.month, add_months(first, count - 1)))
    kept = defaultdict(list)
    for row in ContractTotal.objects.select_related("run").order_by("run__month"):
        kept[row.currency_id].append(row)
    return [_rolled(code, rows, coming.get(code, {}), first, count) for code, rows in sorted(kept.items())]


def _rolled(
    code: str, rows: list[ContractTotal], coming: Movements, first: dt.date, count: int
) -> CurrencyCosts:
    found = {row.run.month: _movement(row) for row in rows}
    other = {row.run.month: row.other for row in rows if row.other}
    return CurrencyCosts(code, roll_forward(found | coming, first, count), other)


def _movement(row: ContractTotal | ContractMonth) -> Movement:
    return Movement(*(getattr(row, name) for name in MOVED))


def _newest_kept() -> PayRun | None:
    """The newest closed month whose contract costs are kept."""
    return closed_with_costs().order_by("-month").first()


def closed_with_costs() -> QuerySet[PayRun]:
    """The closed months whose contract costs are kept; at once when a month is locked."""
    return PayRun.objects.filter(Exists(ContractTotal.objects.filter(run=OuterRef("pk"))))


def _coming(newest: PayRun, count: int) -> dict[str, Movements]:
    """What so many months after the newest closed one will do by currency, if nothing more is paid."""
    if count < 1:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(LEFT, {"run": newest.pk, "month": newest.month, **term_values()})
        rows = cursor.fetchall()
    groups: dict[str, list[Left]] = defaultdict(list)
    for code, *values in rows:
        groups[code].append(Left(*values))
    return {code: onwards(found, newest.month, count) for code, found in groups.items()}


def costs_by_deal(user: Person | None, month: dt.date) -> QuerySet[ContractMonth]:
    """The deals with something left at the end of a month or moved in it, the most first. For months that are
    not closed yet: those of the newest that is. `deal_costs` says what is left of them."""
    if user is not None and not can(user, "pay.cost"):
        return ContractMonth.objects.none()
    run = closed_with_costs().filter(month__lte=month).order_by("-month").first()
    rows, seen = ContractMonth.objects.filter(run=run), deals_visible_to(user)
    if seen.query.where:  # who sees all deals is spared asking each
        rows = rows.filter(deal__in=seen.order_by().values("pk"))
    return rows.order_by("-closing", "-paid", "deal_id").prefetch_related("run", "deal__account")


def deal_costs(rows: Iterable[ContractMonth], month: dt.date) -> list[DealCosts]:
    """What is left of the costs of some deals at the end of a month. Their movements are the coming ones."""
    found = list(rows)
    terms, expedient = terms_of([row.deal_id for row in found]), is_expedient()
    return [_of_row(row, terms[row.deal_id], month, expedient=expedient) for row in found]


def _of_row(row: ContractMonth, term: Term, month: dt.date, *, expedient: bool) -> DealCosts:
    coming = _after(row, term, expedient=expedient) if row.run.month < month else {}
    left = row.closing + sum((one.change for day, one in coming.items() if day <= month), ZERO)
    return DealCosts(row.deal, row.currency_id, term, row.paid, left, coming)


def _after(row: ContractMonth, term: Term, *, expedient: bool) -> Movements:
    """What the months after the row's own will do to what was left then."""
    if not row.closing:
        return {}
    left = left_of(row.closing, row.first, row.run.month, term.contract(expedient=expedient))
    return onwards([left], row.run.month, left.months)


def costs_of_deal(user: Person | None, deal: Deal, month: dt.date) -> list[DealCosts]:
    """A deal's cost by currency, with what every month did and the coming ones will do."""
    if not deals_with_costs(user).filter(pk=deal.pk).exists():
        return []
    rows: dict[str, list[ContractMonth]] = defaultdict(list)
    for row in ContractMonth.objects.filter(deal=deal).select_related("run").order_by("run__month"):
        rows[row.currency_id].append(row)
    term, expedient = terms_of([deal.pk])[deal.pk], is_expedient()
    return [_whole(deal, found, term, month, expedient=expedient) for _, found in sorted(rows.items())]


def _whole(
    deal: Deal, rows: list[ContractMonth], term: Term, month: dt.date, *, expedient: bool
) -> DealCosts:
    last = rows[-1]
    found = {row.run.month: _movement(row) for row in rows} | _after(last, term, expedient=expedient)
    left = sum((one.change for day, one in found.items() if day <= month), ZERO)
    return DealCosts(deal, last.currency_id, term, last.paid, left, found)


def newest_closed_month() -> dt.date | None:
    """The last month whose pay is locked."""
    rows = PayRun.objects.filter(state__in=CLOSED).order_by("-month")
    return rows.values_list("month", flat=True).first()
