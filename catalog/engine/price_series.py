"""Prices and costs of a product month by month, for its chart."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog.engine.months import add_months, months_between

MOST_MONTHS = 36
MOST_SERIES = 5
AHEAD = 6


@dataclass(frozen=True)
class Series:
    """One line of the chart: what held on each month's first day, or on the day it began within."""

    name: str
    values: list[float | None]
    is_cost: bool = False


@dataclass(frozen=True)
class PriceChart:
    """The lines of the chart over the same months."""

    months: list[dt.date]
    series: list[Series]


def price_chart(prices: Iterable[Any], costs: Iterable[Any], today: dt.date) -> PriceChart:
    """The last three years and half a year ahead, as far as anything is known."""
    rows = [*prices, *costs]
    if not rows:
        return PriceChart([], [])
    first = min((row.valid.lower for row in rows if row.valid.lower), default=today)
    last = add_months(today.replace(day=1), AHEAD)
    start = max(first.replace(day=1), add_months(last, 1 - MOST_MONTHS))
    months = months_between(min(start, last), last)
    series = _series(prices, "market", "Price", months) + _series(costs, "site", "Cost", months)
    return PriceChart(months, series[:MOST_SERIES])


def _series(rows: Iterable[Any], place: str, word: str, months: list[dt.date]) -> list[Series]:
    groups: dict[str, list[Any]] = {}
    for row in rows:
        where = getattr(row, place)
        name = f"{word} {where.name if where else 'everywhere'}, {row.currency_id}"
        groups.setdefault(name, []).append(row)
    is_cost = word == "Cost"
    return [Series(name, [_held(held, month) for month in months], is_cost) for name, held in groups.items()]


def _held(rows: list[Any], month: dt.date) -> float | None:
    """The value on the month's last day: a change within the month shows in that month."""
    day = add_months(month, 1) - dt.timedelta(days=1)
    for row in rows:
        after_start = row.valid.lower is None or row.valid.lower <= day
        if after_start and (row.valid.upper is None or day < row.valid.upper):
            return float(row.amount)
    return None
