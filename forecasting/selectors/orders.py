"""The orders in hand for the months of a forecast, and what of it is still to come."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.db.models import Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from core import company
from core.models import Person
from forecasting.engine.consumption import still_to_come
from forecasting.models import ForecastValue
from gathering.selectors.facts import newest_order_lists, open_orders_visible_to


@dataclass(frozen=True)
class MonthOrders:
    """A forecast month: what is forecast, is on order for it, and is left to be ordered; in units."""

    month: dt.date
    forecast: float
    ordered: float
    left: float


def months_with_orders(
    user: Person | None, demand_unit: int, values: list[ForecastValue]
) -> list[MonthOrders]:
    """The months of a demand unit's forecast with its open orders; empty without any order for them.

    Orders due before the first month count to it. How far an order may use up the forecast of other
    months is a company setting.
    """
    if not values:
        return []
    ordered = _by_month(user, demand_unit)
    forecast = np.array([value.mean for value in values])
    first = values[0].month
    due = np.array([ordered.get(value.month, 0.0) for value in values])
    due[0] += sum(quantity for month, quantity in ordered.items() if month < first)
    if not due.any():
        return []
    early, late = int(company.value("orders_early")), int(company.value("orders_late"))
    left = still_to_come(forecast, due, early, late)
    return [
        MonthOrders(value.month, *numbers)
        for value, *numbers in zip(values, forecast.tolist(), due.tolist(), left.tolist(), strict=True)
    ]


def _by_month(user: Person | None, demand_unit: int) -> dict[dt.date, float]:
    rows = open_orders_visible_to(user).filter(
        newest_order_lists(timezone.localdate()), demand_unit=demand_unit
    )
    sums = rows.order_by().values(month=TruncMonth("due")).annotate(total=Sum("quantity"))
    return {row["month"]: float(row["total"]) for row in sums}
