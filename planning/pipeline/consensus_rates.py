"""What one unit is sold for and costs in each planned month, in base currency."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from catalog.engine.months import months_from
from catalog.models import Cost, Market, MonthRate, Price
from catalog.selectors import base_currency
from core.errors import Reason, Refused
from gathering.models import Sales
from planning.selectors.demand_coverage import Coverage

Floats = NDArray[np.float64]

# Where the catalog has no price or cost: what the last year's sales were worth, else all of them.
SOLD_AT = """
    SELECT demand_unit_id,
           sum(revenue) FILTER (WHERE month >= %s), sum(cost) FILTER (WHERE month >= %s),
           sum(quantity) FILTER (WHERE month >= %s), sum(revenue), sum(cost), sum(quantity)
    FROM {table} WHERE month < %s GROUP BY demand_unit_id
"""


@dataclass(frozen=True)
class Rates:
    """Price and cost per unit, base currency, (units, months)."""

    price: Floats
    cost: Floats


@dataclass(frozen=True)
class Dated:
    """An amount in a currency, from a day (None: always) up to but without another (None: open)."""

    since: dt.date | None
    until: dt.date | None
    amount: float
    currency: str


def rates_of(coverage: Coverage, months: list[dt.date]) -> Rates:
    """Prices by market (else the market above it, else everywhere) and costs by product.

    A month that no price covers keeps the latest before it; amounts are exchanged at the month's
    rate, or the latest known. Where the catalog says nothing, what the sales were worth.
    Raises Refused where a currency has no rate at all.
    """
    exchange = Exchange(months)
    price_rows = Price.objects.values_list("product_id", "market_id", "valid", "amount", "currency_id")
    cost_rows = Cost.objects.values_list("product_id", "site_id", "valid", "amount", "currency_id")
    prices = {key: exchange.worth(rows) for key, rows in _by_place(price_rows).items()}
    costs = _by_product({key: exchange.worth(rows) for key, rows in _by_place(cost_rows).items()})
    above: dict[int, int | None] = dict(Market.objects.values_list("pk", "parent_id"))
    shape = (coverage.ids.size, len(months))
    price, cost = np.full(shape, np.nan), np.full(shape, np.nan)
    places = zip(coverage.products.tolist(), coverage.markets.tolist(), strict=True)
    for row, (product, market) in enumerate(places):
        found = _nearest(prices, product, market, above)
        price[row] = np.nan if found is None else found
        cost[row] = costs.get(product, np.nan)
    return _filled_from_sales(coverage, months[0], price, cost)


class Exchange:
    """What each currency is worth in base currency, month by month: the latest known rate."""

    def __init__(self, months: list[dt.date]) -> None:
        self.months = months
        self.base = base_currency()
        known: dict[str, dict[dt.date, float]] = defaultdict(dict)
        for code, month, rate in MonthRate.objects.values_list("currency_id", "month", "rate"):
            known[code][month] = float(rate)
        self._rates = {code: self._line(rates) for code, rates in known.items()}

    def of(self, currency: str) -> Floats:
        """(months,). Raises Refused for a currency that nobody has given a rate."""
        if currency == self.base:
            return np.ones(len(self.months))
        if currency not in self._rates:
            text = f"{currency} has no month rate, so prices in it have no worth in {self.base}. Add one."
            raise Refused(Reason(text, "no_rate", url="/catalog/month-rates/"))
        return self._rates[currency]

    def worth(self, rows: list[Dated]) -> Floats:
        """One product's amounts in base currency, (months,)."""
        if len(rows) == 1:
            return rows[0].amount * self.of(rows[0].currency)
        ordered = sorted(rows, key=lambda row: row.since or dt.date.min)
        holding = [_on(ordered, month) for month in self.months]
        return np.array([row.amount * self.of(row.currency)[at] for at, row in enumerate(holding)])

    def _line(self, rates: dict[dt.date, float]) -> Floats:
        known = sorted(rates)
        latest = [
            max((month for month in known if month <= wanted), default=known[0]) for wanted in self.months
        ]
        return np.array([rates[month] for month in latest])


def _on(ordered: list[Dated], month: dt.date) -> Dated:
    """The row that holds on the month's first day, else the latest that began, else the first."""
    begun = [row for row in ordered if row.since is None or row.since <= month]
    return begun[-1] if begun else ordered[0]


def _by_place(rows: Iterable[Any]) -> dict[tuple[int, int | None], list[Dated]]:
    found: dict[tuple[int, int | None], list[Dated]] = defaultdict(list)
    for product, place, valid, amount, currency in rows:
        found[product, place].append(Dated(valid.lower, valid.upper, float(amount), currency))
    return found


def _by_product(costs: dict[tuple[int, int | None], Floats]) -> dict[int, Floats]:
    """The cost everywhere; where there is none, the mean of the sites' costs."""
    sites: dict[int, list[Floats]] = defaultdict(list)
    for (product, site), worth in costs.items():
        if site is not None:
            sites[product].append(worth)
    everywhere = {product: worth for (product, site), worth in costs.items() if site is None}
    return {product: np.mean(worths, axis=0) for product, worths in sites.items()} | everywhere


def _nearest(
    prices: dict[tuple[int, int | None], Floats], product: int, market: int, above: dict[int, int | None]
) -> Floats | None:
    place: int | None = market
    while place is not None:
        if (found := prices.get((product, place))) is not None:
            return found
        place = above[place]
    return prices.get((product, None))


def _filled_from_sales(coverage: Coverage, first: dt.date, price: Floats, cost: Floats) -> Rates:
    if np.isnan(price).any() or np.isnan(cost).any():
        sold = _sold_at(first)
        for row in np.flatnonzero(np.isnan(price).any(axis=1) | np.isnan(cost).any(axis=1)):
            worth, spent = sold.get(int(coverage.ids[row]), (0.0, 0.0))
            price[row] = np.where(np.isnan(price[row]), worth, price[row])
            cost[row] = np.where(np.isnan(cost[row]), spent, cost[row])
    return Rates(price, cost)


def _sold_at(first: dt.date) -> dict[int, tuple[float, float]]:
    year_ago = months_from(first, -12)[0]
    with connection.cursor() as cursor:
        cursor.execute(SOLD_AT.format(table=Sales._meta.db_table), [year_ago, year_ago, year_ago, first])
        rows = cursor.fetchall()
    found = {}
    for unit, *of_year_and_all in rows:
        for revenue, cost, quantity in (of_year_and_all[:3], of_year_and_all[3:]):
            if unit not in found and quantity and quantity > 0:
                found[unit] = (max(float(revenue / quantity), 0.0), max(float(cost / quantity), 0.0))
    return found
