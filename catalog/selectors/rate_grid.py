"""Month rates as a grid: one row a month, one cell a currency."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from catalog.models import Currency, MonthRate
from catalog.selectors.rates import base_currency
from catalog.selectors.scope import currencies_visible_to, month_rates_visible_to
from core.models import Person


@dataclass(frozen=True)
class RateCell:
    """A month and currency of the grid; `rate` is None where nobody entered one."""

    currency: Currency
    month: dt.date
    rate: MonthRate | None

    @property
    def value(self) -> Decimal | None:
        """Base currency for one unit of the currency."""
        return self.rate.rate if self.rate else None


@dataclass(frozen=True)
class RateGrid:
    """Every month with a cell for each currency but the base, whose rate is 1."""

    currencies: list[Currency]
    rows: list[tuple[dt.date, list[RateCell]]]

    @property
    def missing(self) -> int:
        """How many cells have no rate."""
        return sum(cell.rate is None for _, cells in self.rows for cell in cells)


def rate_grid(user: Person | None, months: list[dt.date]) -> RateGrid:
    """The rates of these months, in two queries."""
    currencies = list(currencies_visible_to(user).exclude(code=base_currency()))
    rates = month_rates_visible_to(user).filter(month__in=months)
    known = {(rate.currency_id, rate.month): rate for rate in rates}
    rows = [(month, [RateCell(c, month, known.get((c.code, month))) for c in currencies]) for month in months]
    return RateGrid(currencies, rows)
