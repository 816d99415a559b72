"""What of a series' forecast is on order already, and what is still to come."""

from django.http import HttpRequest

from core.access import person_of
from core.formats import show
from core.listing import Column, Empty
from core.pages import Section, table_section
from forecasting.models import ForecastSeries, ForecastValue
from forecasting.selectors.orders import months_with_orders

COLUMNS = [
    Column("month", "Month", kind="month"),
    Column("forecast", "Forecast", kind="quantity"),
    Column("ordered", "On order", kind="quantity"),
    Column("left", "Still to come", kind="quantity"),
]
NOTHING = Empty("No orders in hand", "Nothing on the newest list of open orders is due in these months.")


def orders_section(request: HttpRequest, row: ForecastSeries, values: list[ForecastValue]) -> Section:
    """The months with their open orders, those used up by them first to last."""
    months = months_with_orders(person_of(request), row.demand_unit_id, values)
    note = ""
    if months:
        whole, left = sum(one.forecast for one in months), sum(one.left for one in months)
        unit = row.demand_unit.product.unit.name.lower()
        note = (
            f"{show(whole - left, 'quantity')[0]} {unit} of the {show(whole, 'quantity')[0]} forecast "
            "are on order."
        )
    return table_section("Orders in hand", months, COLUMNS, empty=NOTHING, note=note)
