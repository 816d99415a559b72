"""Lines over the months of one series, for the answers to questions about it."""

import datetime as dt
from operator import itemgetter
from typing import Any

from catalog.engine.months import add_months, months_apart
from core.listing import Column, Empty
from core.models import Person
from core.pages import plain_table
from forecasting.models import ForecastSeries, ForecastValue
from forecasting.selectors.values import history_of_unit
from forecasting.views.series_months import SHOWN_HISTORY

Drawn = list[dict[str, Any]]


def months_of(
    person: Person, series: ForecastSeries, values: list[ForecastValue]
) -> tuple[list[dt.date], list[float | None]]:
    """The newest known months and those ahead, and what was sold in the known ones."""
    sold = history_of_unit(person, series.demand_unit_id)
    last = series.run.last_month
    begin = max(min(sold, default=last), add_months(last, 1 - SHOWN_HISTORY))
    known = [add_months(begin, at) for at in range(months_apart(begin, last) + 1)]
    told = [*[sold.get(month, 0.0) for month in known], *[None for _ in values]]
    return [*known, *[value.month for value in values]], told


def placed(months: list[dt.date], ahead: list[dt.date], values: list[float]) -> list[float | None]:
    """Values of the months ahead at their places among all months."""
    at = dict(zip(ahead, values, strict=True))
    return [at.get(month) for month in months]


def line_chart(
    series: ForecastSeries, name: str, title: str, months: list[dt.date], sold: list[float | None],
    drawn: Drawn,
) -> dict[str, Any]:  # fmt: skip
    """What was sold, where it is given, and the lines drawn over it, as chart and table."""
    unit = series.demand_unit.product.unit.name
    history = (
        [{"name": "Sold", "role": "history", "values": sold}] if any(v is not None for v in sold) else []
    )
    names = ", ".join(one["name"] for one in drawn)
    return {
        "id": name,
        "kind": "line",
        "title": title,
        "subtitle": f"{unit} a month",
        "text": f"{names} by month from {months[0]:%b %Y} to {months[-1]:%b %Y}.",
        "data": {
            "x": [f"{month:%b %y}" for month in months],
            "unit": unit.lower(),
            "today": f"{series.run.last_month:%b %y}",
            "series": [*history, *drawn],
        },
        "table": _chart_table(months, [*history, *drawn], title),
    }


def _chart_table(months: list[dt.date], drawn: Drawn, caption: str) -> dict[str, Any]:
    columns = [Column("month", "Month", lambda row: row[0], "month")]
    columns += [
        Column(f"line{at}", one["name"], itemgetter(1 + at), "quantity") for at, one in enumerate(drawn)
    ]
    rows = list(zip(months, *[one["values"] for one in drawn], strict=True))
    return plain_table(rows, columns, caption=caption, empty=Empty("No months", "Nothing is forecast."))
