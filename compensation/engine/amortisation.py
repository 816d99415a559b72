"""Cost of obtaining a contract, spread over the time it brings benefit (ASC 340-40-25-1 to 35-6).

Only incremental cost is capitalised: what would not have been paid without the contract. A benefit of a year
or less may be expensed at once (340-40-25-4). Pay on renewals that is commensurate with the first one is
amortised over the renewal alone, otherwise the first cost is spread over the expected renewals as well
(340-40-35-1). What is no longer recoverable is written off (340-40-35-3).
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from catalog.engine.months import months_apart, months_from
from compensation.engine.plan import ZERO
from territories.engine.quotas.wholes import CENT, split

EXPEDIENT_MONTHS = 12


@dataclass(frozen=True)
class ContractCost:
    """Pay for a contract. month: its first (a day 1). term: months of the contract. renewals: months of
    expected renewals. commensurate: whether renewals are paid like the first contract. incremental: whether
    it was paid because of this contract."""

    amount: Decimal
    month: dt.date
    term: int
    renewals: int = 0
    commensurate: bool = False
    incremental: bool = True


def benefit_months(cost: ContractCost) -> int:
    """How long the cost brings benefit."""
    return cost.term if cost.commensurate else cost.term + cost.renewals


def schedule(cost: ContractCost, *, expedient: bool = True, step: Decimal = CENT) -> dict[dt.date, Decimal]:
    """The expense by month, in equal parts that add up to the cost; all in the first month for what is not
    capitalised. Raises ValueError for a contract without a month."""
    months = benefit_months(cost)
    if months < 1:
        raise ValueError("A contract lasts a month or more.")
    if not cost.incremental or (expedient and months <= EXPEDIENT_MONTHS):
        return {cost.month: cost.amount}
    return split(cost.amount, dict.fromkeys(months_from(cost.month, months), 1), step)


def unamortised(expenses: dict[dt.date, Decimal], month: dt.date) -> Decimal:
    """What is still on the balance sheet at the end of a month."""
    return sum((amount for day, amount in expenses.items() if months_apart(month, day) > 0), ZERO)


def written_off(expenses: dict[dt.date, Decimal], month: dt.date) -> dict[dt.date, Decimal]:
    """The same expenses when the contract ends in a month: what is left is expensed there."""
    left = unamortised(expenses, month)
    kept = {day: amount for day, amount in expenses.items() if months_apart(month, day) <= 0}
    return kept | {month: kept.get(month, ZERO) + left}
