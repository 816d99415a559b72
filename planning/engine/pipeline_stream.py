"""Open deals → what they say about demand: units weighted by the chance to win, by cell.

The expected number of units of a set of deals is the sum of units × probability (the mean of
independent Bernoulli trials). Deals that cannot be placed are counted by why they are left out.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

STEP = Decimal("0.0001")
MOST = Decimal(10) ** 12

OMITTED = "Left out of the forecast by its category"
NO_PRODUCT = "No product"
NO_DATE = "No expected close date"
BEYOND = "Closes after the last month planned"
NO_CHANCE = "No chance to win is known"
NO_SIZE = "Neither quantity nor amount"
NO_PRICE = "No price turns its amount into units"
NOT_PLANNED = "Nothing of its family is planned in its market"


@dataclass(frozen=True)
class OpenDeal:
    """An open deal, or one line of it. `amount` is in base currency, `quantity` in the product's unit."""

    deal: int
    product: int | None
    family: int | None
    market: int | None
    closes: dt.date | None
    probability: Decimal | None
    quantity: Decimal | None
    amount: Decimal | None
    is_omitted: bool = False


@dataclass(frozen=True, order=True)
class Cell:
    """Where a share goes: a product, else a family, in a market or in all (None), in a month."""

    month: dt.date
    product: int | None
    family: int | None
    market: int | None

    @property
    def key(self) -> tuple[int, int, int, dt.date]:
        """Sorts cells with and without product, family or market."""
        return (self.product or 0, self.family or 0, self.market or 0, self.month)


@dataclass(frozen=True)
class Share:
    """What a deal gives to a cell. `amount` is weighted; None where its worth is unknown."""

    deal: int
    cell: Cell
    units: Decimal
    probability: Decimal
    amount: Decimal | None

    @property
    def expected(self) -> Decimal:
        """Units times the chance to win."""
        return (self.units * self.probability).quantize(STEP, ROUND_HALF_EVEN)


@dataclass
class LeftOut:
    """How many deals and how much weighted money (base currency) a reason leaves out."""

    deals: set[int] = field(default_factory=set)
    amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class Taken:
    """The shares in a fixed order, what was left out by reason, the deals that are overdue."""

    shares: tuple[Share, ...]
    left_out: dict[str, LeftOut]
    overdue: frozenset[int]

    @property
    def deals(self) -> set[int]:
        """Every deal of which something was taken."""
        return {share.deal for share in self.shares}

    @property
    def cells(self) -> dict[Cell, Decimal]:
        """The expected units of each cell."""
        sums: dict[Cell, Decimal] = {}
        for share in self.shares:
            sums[share.cell] = sums.get(share.cell, Decimal(0)) + share.expected
        return sums

    @property
    def fingerprint(self) -> str:
        """Of everything that the deals say; equal for equal deals, whatever order they came in."""
        lines = (f"{s.deal}|{s.cell.key}|{s.units}|{s.probability}|{s.amount}" for s in self.shares)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


# The level (product, family) that is planned in a market, or None; what a unit costs there in a month.
Placed = Callable[[OpenDeal], tuple[int | None, int | None] | None]
Price = Callable[[int | None, int | None, int | None, dt.date], float | None]


def take(deals: Iterable[OpenDeal], first: dt.date, last: dt.date, placed: Placed, price: Price) -> Taken:
    """Place every deal in the months from `first` to `last` (first days); a close date that has passed
    counts in the first month."""
    shares: list[Share] = []
    left_out: dict[str, LeftOut] = {}
    overdue: set[int] = set()
    for deal in deals:
        found = _share(deal, first, last, placed, price)
        if isinstance(found, Share):
            shares.append(found)
            if deal.closes is not None and deal.closes < first:
                overdue.add(deal.deal)
        else:
            reason = left_out.setdefault(found, LeftOut())
            reason.deals.add(deal.deal)
            reason.amount += _weighted(deal.amount, deal.probability) or 0
    ordered = sorted(shares, key=lambda share: (share.deal, share.cell.key, share.units))
    return Taken(tuple(ordered), left_out, frozenset(overdue))


def _share(deal: OpenDeal, first: dt.date, last: dt.date, placed: Placed, price: Price) -> Share | str:
    """The deal's share, or why it has none."""
    if reason := _unfit(deal, last):
        return reason
    if deal.closes is None or deal.probability is None:
        return NO_DATE if deal.closes is None else NO_CHANCE
    level = placed(deal)
    if level is None:
        return NOT_PLANNED
    month = max(deal.closes.replace(day=1), first)
    product, family = level
    units = deal.quantity
    if units is None:
        each = price(product, family, deal.market, month)
        if not each:
            return NO_PRICE
        units = (deal.amount or Decimal(0)) / Decimal(str(each))
    cell = Cell(month, product, family, deal.market)
    whole = min(units, MOST).quantize(STEP, ROUND_HALF_EVEN)
    return Share(deal.deal, cell, whole, deal.probability, _weighted(deal.amount, deal.probability))


def _unfit(deal: OpenDeal, last: dt.date) -> str:
    checks = (
        (deal.is_omitted, OMITTED),
        (deal.product is None, NO_PRODUCT),
        (deal.closes is not None and deal.closes.replace(day=1) > last, BEYOND),
        (not deal.quantity and not deal.amount, NO_SIZE),
    )
    return next((reason for fails, reason in checks if fails), "")


def _weighted(amount: Decimal | None, probability: Decimal | None) -> Decimal | None:
    if amount is None or probability is None:
        return None
    return (amount * probability).quantize(STEP, ROUND_HALF_EVEN)
