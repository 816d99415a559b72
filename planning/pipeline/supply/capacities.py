"""Capacity by resource and month of the horizon, also for months nobody has entered yet."""

import datetime as dt

import numpy as np
import pandas as pd

from catalog.engine.months import add_months
from planning.engine.supply.problem import Floats

YEARS_BACK = 5


def capacity_over(
    table: pd.DataFrame, resources: list[int], months: tuple[dt.date, ...]
) -> tuple[Floats, Floats, dict[int, int]]:
    """Regular and overtime capacity, (resources, months), and how many months of each were extended.

    A month without an entry has that of the same month of an earlier year, the latest first; without
    one the newest entry before it, else the first there is.
    """
    regular, overtime = (np.zeros((len(resources), len(months))) for _ in range(2))
    extended: dict[int, int] = {}
    for row, resource in enumerate(resources):
        entered = table[table["resource"] == resource].set_index("month").sort_index()
        sources = [_month_for(month, list(entered.index)) for month in months]
        regular[row] = entered["regular"].reindex(sources)
        overtime[row] = entered["overtime"].reindex(sources)
        extended[resource] = sum(source != month for source, month in zip(sources, months, strict=True))
    return regular, overtime, {resource: count for resource, count in extended.items() if count}


def _month_for(month: dt.date, entered: list[dt.date]) -> dt.date:
    known = set(entered)
    for years in range(YEARS_BACK + 1):
        same = add_months(month, -12 * years)
        if same in known:
            return same
    before = [one for one in entered if one < month]
    return before[-1] if before else entered[0]
