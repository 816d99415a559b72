"""Reading forecasts: series and months, each within the person's scope of families and markets."""

import datetime as dt

import pandas as pd
from django.db.models import Q, QuerySet

from catalog.selectors import reach_of
from core.models import Person
from forecasting.models import ForecastRun, ForecastSeries, ForecastValue
from gathering.selectors.facts import sales_of_unit

COLUMNS = ["demand_unit", "month", "mean", "lower_80", "upper_80", "lower_95", "upper_95"]


def _of_units(user: Person | None) -> Q:
    reach = reach_of(user)
    return reach.of_family("demand_unit__product__family") & reach.of_market("demand_unit__market")


def series_visible_to(user: Person | None) -> QuerySet[ForecastSeries]:
    """How each visible demand unit was forecast, in every run."""
    rows = ForecastSeries.objects.filter(_of_units(user))
    return rows.select_related(
        "demand_unit__product__family", "demand_unit__product__unit", "demand_unit__market", "run"
    )


def series_of_run(user: Person | None, run: ForecastRun) -> QuerySet[ForecastSeries]:
    """The visible series of one run."""
    return series_visible_to(user).filter(run=run)


def series_of_unit(user: Person | None, unit: int) -> QuerySet[ForecastSeries]:
    """How one demand unit was forecast, in every run, the newest first."""
    return series_visible_to(user).filter(demand_unit=unit).order_by("-run")


def values_visible_to(user: Person | None) -> QuerySet[ForecastValue]:
    """The months of every visible forecast."""
    rows = ForecastValue.objects.filter(_of_units(user))
    return rows.select_related("demand_unit__product", "demand_unit__market")


def values_of_series(user: Person | None, series: ForecastSeries) -> list[ForecastValue]:
    """The months of one series, in order."""
    rows = values_visible_to(user).filter(run=series.run_id, demand_unit=series.demand_unit_id)
    return list(rows.order_by("month"))


def forecast_frame(run: ForecastRun) -> pd.DataFrame:
    """A whole run as a frame: demand_unit, month, mean, lower_80, upper_80, lower_95, upper_95.

    Sorted by demand unit and month; quantities in the units of the products. For machines: not
    narrowed to anybody's scope.
    """
    rows = ForecastValue.objects.filter(run=run).order_by("demand_unit_id", "month")
    return pd.DataFrame.from_records(rows.values_list("demand_unit_id", *COLUMNS[1:]), columns=COLUMNS)


def history_of_unit(user: Person | None, unit: int) -> dict[dt.date, float]:
    """The gross quantity of each month in which a demand unit has sales."""
    return {row.month: float(row.quantity) for row in sales_of_unit(user, unit)}
