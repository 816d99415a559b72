"""How a year's quota lies over its months."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from territories.engine.quotas.wholes import split

Months = dict[dt.date, Decimal]


def season_of_history(history: Mapping[dt.date, Decimal], months: Sequence[dt.date]) -> list[Fraction]:
    """The weight of each month: the mean of the same calendar months in the history (below 0 counts as 0).

    Without any history every month weighs the same.
    """
    by_number: dict[int, list[Decimal]] = {}
    for month, amount in history.items():
        by_number.setdefault(month.month, []).append(max(amount, Decimal(0)))
    means = {number: Fraction(sum(found)) / len(found) for number, found in by_number.items()}
    weights = [means.get(month.month, Fraction(0)) for month in months]
    return weights if any(weights) else [Fraction(1)] * len(months)


def over_months(
    amount: Decimal,
    months: Sequence[dt.date],
    weights: Sequence[Fraction | Decimal],
    step: Decimal,
) -> Months:
    """The amount by month, in whole steps that add up to it."""
    return split(amount, dict(zip(months, weights, strict=True)), step)


def scaled(months: Mapping[dt.date, Decimal], amount: Decimal, step: Decimal) -> Months:
    """The same season with another sum."""
    return split(amount, months, step)
