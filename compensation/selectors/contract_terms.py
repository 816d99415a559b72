"""How long contracts bring benefit: the company's usual term, those said by hand, those that ended."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from compensation.engine.amortisation import EXPEDIENT_MONTHS
from compensation.engine.contract_costs import Contract, contract_of
from compensation.models import Cancellation, ContractTerm
from core import company

NUMBER = "(EXTRACT(YEAR FROM {0})::int * 12 + EXTRACT(MONTH FROM {0})::int)"
ENDED = """
    SELECT deal_id, date_trunc('month', min(day))::date AS month FROM (
        SELECT deal_id, day, sum(percent) OVER (PARTITION BY deal_id ORDER BY day, id) AS so_far
        FROM compensation_cancellation) summed
    WHERE so_far >= 100 GROUP BY deal_id"""
BENEFIT = """
    CASE WHEN t.id IS NULL THEN %(usual)s
         ELSE t.months + CASE WHEN t.commensurate THEN 0 ELSE t.renewal_months END END"""


@dataclass(frozen=True)
class Term:
    """What a deal's cost is spread over. ended: the month in which the contract came to nothing. own: whether
    somebody said so of this deal; else it is the company's usual one."""

    months: int
    renewals: int
    commensurate: bool
    ended: dt.date | None = None
    own: bool = False

    def contract(self, *, expedient: bool) -> Contract:
        """As the engine wants it."""
        return contract_of(
            self.months,
            renewals=self.renewals,
            commensurate=self.commensurate,
            expedient=expedient,
            ended=self.ended,
        )


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


def term_values() -> dict[str, Any]:
    """What the company says, for SQL that uses BENEFIT: `usual` months, and those `at_once` at the most."""
    return {
        "usual": usual_term().contract(expedient=False).months,
        "at_once": EXPEDIENT_MONTHS if is_expedient() else 0,
    }


def terms_of(deals: Collection[int]) -> dict[int, Term]:
    """The term of each of some deals."""
    usual, ended = usual_term(), _cancelled(deals)
    said = {row.deal_id: row for row in ContractTerm.objects.filter(deal__in=deals)}
    return {deal: _term(said.get(deal), usual, ended.get(deal)) for deal in deals}


def _term(row: ContractTerm | None, usual: Term, ended: dt.date | None) -> Term:
    if row is None:
        return Term(usual.months, usual.renewals, usual.commensurate, ended)
    return Term(row.months, row.renewal_months, row.commensurate, _first(row.ended, ended), True)


def _cancelled(deals: Collection[int]) -> dict[int, dt.date]:
    """The month in which a deal was cancelled as a whole: when its cancellations reach 100 %."""
    rows = Cancellation.objects.filter(deal__in=deals).order_by("day", "pk")
    shares: dict[int, Decimal] = defaultdict(Decimal)
    found: dict[int, dt.date] = {}
    for deal, day, percent in rows.values_list("deal", "day", "percent"):
        shares[deal] += percent
        if shares[deal] >= 100:
            found.setdefault(deal, day.replace(day=1))
    return found


def _first(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return min(one, other) if one and other else one or other
