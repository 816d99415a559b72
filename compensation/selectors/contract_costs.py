"""The cost of obtaining contracts: what closed months paid for each deal, spread over its benefit."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from compensation.engine.contract_costs import (
    Layers,
    Movements,
    Rolled,
    contract_of,
    movements,
    roll_forward,
    together,
)
from compensation.models import CLOSED, Cancellation, ContractTerm, PayLine, PayRun, StatementAdjustment
from core import company
from core.models import Person
from core.roles import can
from crm.models import Deal
from crm.selectors.deals import deals_visible_to

ZERO = Decimal(0)
Key = tuple[int, str]


@dataclass(frozen=True)
class Term:
    """What a deal's cost is spread over. ended: the month in which the contract came to nothing. own: whether
    somebody said so of this deal; else it is the company's usual one."""

    months: int
    renewals: int
    commensurate: bool
    ended: dt.date | None = None
    own: bool = False


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
    lines = PayLine.objects.filter(deal__isnull=False, statement__run__state__in=CLOSED)
    return deals_visible_to(user).filter(pk__in=lines.order_by().values("deal"))


def usual_term() -> Term:
    """The company's usual contract."""
    return Term(
        int(company.value("contract_months")),
        int(company.value("renewal_months")),
        company.value("renewals_commensurate") == "yes",
    )


def is_expedient() -> bool:
    """Whether costs of a year or less are expensed at once."""
    return bool(company.value("contract_expedient") == "yes")


def roll_forwards(user: Person | None, first: dt.date, count: int) -> list[CurrencyCosts]:
    """Contract costs by currency, so many months from `first` on; nothing for who may not see costs."""
    if user is not None and not can(user, "pay.cost"):
        return []
    by_currency: dict[str, list[Movements]] = defaultdict(list)
    terms = _terms(None)
    for (deal, currency), layers in _paid(None).items():
        by_currency[currency].append(terms.movements(deal, layers))
    other = _without_a_deal()
    return [
        CurrencyCosts(
            code, roll_forward(together(by_currency[code]), first, count), dict(other.get(code, {}))
        )
        for code in sorted({*by_currency, *other})
    ]


def costs_by_deal(user: Person | None, month: dt.date) -> list[DealCosts]:
    """What is left of each deal's cost at the end of a month, the most first."""
    deals = {deal.pk: deal for deal in deals_with_costs(user)}
    paid, terms = _paid(None), _terms(None)
    found = [
        _of_deal(deals[deal], currency, layers, terms, month)
        for (deal, currency), layers in paid.items()
        if deal in deals
    ]
    return sorted(found, key=lambda one: (-one.left, -one.paid, one.deal.pk))


def costs_of_deal(user: Person | None, deal: Deal, month: dt.date) -> list[DealCosts]:
    """The same of one deal, by currency."""
    if not deals_with_costs(user).filter(pk=deal.pk).exists():
        return []
    terms = _terms([deal.pk])
    return [
        _of_deal(deal, currency, layers, terms, month) for (_, currency), layers in _paid([deal.pk]).items()
    ]


@dataclass(frozen=True)
class _Terms:
    """What each deal's cost is spread over, read once for many."""

    by_deal: dict[int, Term]
    usual: Term
    expedient: bool

    def of(self, deal: int) -> Term:
        return self.by_deal.get(deal, self.usual)

    def movements(self, deal: int, layers: Layers) -> Movements:
        term = self.of(deal)
        contract = contract_of(
            term.months,
            renewals=term.renewals,
            commensurate=term.commensurate,
            expedient=self.expedient,
            ended=term.ended,
        )
        return movements(layers, contract)


def _of_deal(deal: Deal, currency: str, layers: Layers, terms: _Terms, month: dt.date) -> DealCosts:
    found = terms.movements(deal.pk, layers)
    left = sum((one.change for day, one in found.items() if day <= month), ZERO)
    return DealCosts(deal, currency, terms.of(deal.pk), sum(layers.values(), ZERO), left, found)


def _paid(deals: Collection[int] | None) -> dict[Key, Layers]:
    """Pay by deal and currency, by the month of the closed run that paid it; adjustments for a deal too."""
    lines = PayLine.objects.filter(deal__isnull=False, statement__run__state__in=CLOSED)
    by_hand = StatementAdjustment.objects.filter(
        adjustment__deal__isnull=False, statement__run__state__in=CLOSED
    )
    if deals is not None:
        lines, by_hand = lines.filter(deal__in=deals), by_hand.filter(adjustment__deal__in=deals)
    found: dict[Key, dict[dt.date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for rows, deal, amount in ((lines, "deal", "pay"), (by_hand, "adjustment__deal", "amount")):
        values: Any = (
            rows.order_by()
            .values_list(deal, "statement__currency", "statement__run__month")
            .annotate(total=Sum(amount))
        )
        for key, currency, month, total in values:
            found[key, currency][month] += total
    return {key: dict(layers) for key, layers in sorted(found.items())}


def _without_a_deal() -> dict[str, dict[dt.date, Decimal]]:
    """Pay that was not because of one contract, by currency and month: objectives, prizes, pools, caps."""
    rows = (
        PayLine.objects.filter(deal=None, statement__run__state__in=CLOSED)
        .order_by()
        .values_list("statement__currency", "statement__run__month")
        .annotate(total=Sum("pay"))
    )
    found: dict[str, dict[dt.date, Decimal]] = defaultdict(dict)
    for currency, month, total in rows:
        found[currency][month] = total
    return found


def _terms(deals: Collection[int] | None) -> _Terms:
    """The usual term, and those that differ: said by hand, or of cancelled deals."""
    usual = usual_term()
    said, ended = ContractTerm.objects.all(), _cancelled(deals)
    if deals is not None:
        said = said.filter(deal__in=deals)
    found = {
        row.deal_id: Term(
            row.months, row.renewal_months, row.commensurate, _first(row.ended, ended.get(row.deal_id)), True
        )
        for row in said
    }
    for deal, month in ended.items():
        found.setdefault(deal, Term(usual.months, usual.renewals, usual.commensurate, month))
    return _Terms(found, usual, is_expedient())


def _cancelled(deals: Collection[int] | None) -> dict[int, dt.date]:
    """The month in which a deal was cancelled as a whole: when its cancellations reach 100 %."""
    rows = Cancellation.objects.order_by("day", "pk")
    if deals is not None:
        rows = rows.filter(deal__in=deals)
    shares: dict[int, Decimal] = defaultdict(Decimal)
    found: dict[int, dt.date] = {}
    for deal, day, percent in rows.values_list("deal", "day", "percent"):
        shares[deal] += percent
        if shares[deal] >= 100:
            found.setdefault(deal, day.replace(day=1))
    return found


def _first(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return min(one, other) if one and other else one or other


def newest_closed_month() -> dt.date | None:
    """The last month whose pay is locked."""
    rows = PayRun.objects.filter(state__in=CLOSED).order_by("-month")
    return rows.values_list("month", flat=True).first()
