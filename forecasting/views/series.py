"""One demand unit's forecast: history, months ahead with their intervals, method, why, and how good."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from catalog.engine.months import add_months
from catalog.selectors import demand_units_visible_to
from core.access import person_of, requires
from core.explain import address
from core.formats import show
from core.listing import Column, Empty
from core.pages import DetailPage, Link, Section, chart_section, plain_table, table_section
from forecasting.models import ForecastSeries, ForecastValue
from forecasting.selectors.runs import newest_of_unit
from forecasting.selectors.values import (
    history_of_unit,
    series_of_unit,
    series_visible_to,
    values_of_series,
)
from forecasting.views.runs import run_url, series_url
from forecasting.views.words import method_sentence, short_method

SHOWN_HISTORY = 36  # months
SHOWN_RUNS = 12


@dataclass(frozen=True)
class MonthLine:
    """One month of the table behind the chart: what was sold, what is forecast."""

    month: dt.date
    sold: float | None
    forecast: ForecastValue | None


def _of_forecast(name: str) -> Any:
    return lambda line: getattr(line.forecast, name) if line.forecast else None


def _explained(line: "MonthLine") -> str:
    """The address that explains the month's forecast."""
    made = line.forecast
    return address("forecast", made.run_id, made.demand_unit_id, made.month) if made else ""


MONTH_COLUMNS = [
    Column("month", "Month", kind="month"),
    Column("sold", "Sold", kind="quantity"),
    Column("mean", "Forecast", _of_forecast("mean"), "quantity", link=lambda line: _explained(line)),
    Column("lower_80", "80 % from", _of_forecast("lower_80"), "quantity"),
    Column("upper_80", "80 % to", _of_forecast("upper_80"), "quantity"),
    Column("lower_95", "95 % from", _of_forecast("lower_95"), "quantity"),
    Column("upper_95", "95 % to", _of_forecast("upper_95"), "quantity"),
]
RUN_COLUMNS = [
    Column("run", "Forecast", "run"),
    Column("last_month", "Data up to", "run.last_month", "month"),
    Column("method", "Method", lambda row: short_method(row.method)),
    Column("wape", "WAPE", kind="percent"),
    Column("bias", "Bias", kind="percent"),
    Column("mase", "MASE", kind="number"),
]


class SeriesPage(DetailPage):
    """How one demand unit was forecast in a run."""

    action = "forecast.view"
    template_name = "forecasting/series.html"
    facts_title = "How it is forecast"
    facts = [
        Column("run", "Forecast", "run", link=lambda row: run_url(row.run)),
        Column("family", "Family", "demand_unit.product.family.name"),
        Column("unit", "Unit", "demand_unit.product.unit.name"),
        Column("market", "Market", "demand_unit.market.name"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[ForecastSeries]:
        return series_visible_to(person_of(request))

    def title(self, row: ForecastSeries) -> str:
        return str(row.demand_unit)

    def parents(self, request: HttpRequest, row: ForecastSeries) -> list[Link]:
        return [Link("Forecasts", reverse("forecasting:run-list")), Link(str(row.run), run_url(row.run))]

    def sections(self, request: HttpRequest, row: ForecastSeries) -> list[Section]:
        person = person_of(request)
        values = values_of_series(person, row)
        lines = _lines(history_of_unit(person, row.demand_unit_id), values)
        others = series_of_unit(person, row.demand_unit_id).filter(run__state="done")[:SHOWN_RUNS]
        nothing = Empty("No other forecasts", "This demand unit has been forecast once.")
        return [
            chart_section("Forecast", _chart(row, lines)),
            table_section("All forecasts of it", others, RUN_COLUMNS, empty=nothing, row_url=series_url),
        ]

    def more(self, request: HttpRequest, row: ForecastSeries) -> dict[str, Any]:
        history = reverse("gathering:history", args=[row.demand_unit_id])
        return {"figures": _figures(row), "history_url": history, "method": method_sentence(row.method)}


@requires("forecast.view")
def newest_series(request: HttpRequest, demand_unit: int) -> HttpResponse:
    """The newest forecast of a demand unit; a page that says so where there is none yet."""
    unit = get_object_or_404(demand_units_visible_to(person_of(request)), pk=demand_unit)
    run = newest_of_unit(unit.pk)
    if run is not None:
        return redirect("forecasting:series", run.pk, unit.pk)
    return render(request, "forecasting/no_series.html", {"unit": unit})


def _lines(sold: dict[dt.date, float], values: list[ForecastValue]) -> list[MonthLine]:
    if not values:
        raise Http404("This forecast is not done yet.")
    first_ahead, last = values[0].month, values[-1].month
    begin = max(min(sold, default=first_ahead), add_months(first_ahead, -SHOWN_HISTORY))
    known = max([*sold, add_months(first_ahead, -1)]) if sold else begin
    ahead = {value.month: value for value in values}
    lines, month = [], begin
    while month <= last:
        quantity = sold.get(month, 0.0) if sold and month <= known else None
        lines.append(MonthLine(month, quantity, ahead.get(month)))
        month = add_months(month, 1)
    return lines


def _chart(row: ForecastSeries, lines: list[MonthLine]) -> dict[str, Any]:
    def ahead(name: str) -> list[float | None]:
        return [getattr(line.forecast, name) if line.forecast else None for line in lines]

    nothing = Empty("No months", "Nothing is forecast.")
    return {
        "id": "forecast-chart",
        "kind": "line",
        "title": _finding(lines),
        "subtitle": f"{row.demand_unit.product.unit.name} a month, with 80 % and 95 % intervals",
        "text": f"Sales and forecast by month from {lines[0].month:%b %Y} to {lines[-1].month:%b %Y}.",
        "data": {
            "x": [f"{line.month:%b %y}" for line in lines],
            "unit": row.demand_unit.product.unit.name.lower(),
            "today": f"{row.run.last_month:%b %y}",
            "series": [
                {"name": "Sold", "role": "history", "values": [line.sold for line in lines]},
                {"name": "Forecast", "role": "statistical", "values": ahead("mean")},
            ],
            "bands": [
                {
                    "name": "95% interval",
                    "role": "statistical",
                    "low": ahead("lower_95"),
                    "high": ahead("upper_95"),
                },
                {
                    "name": "80% interval",
                    "role": "statistical",
                    "low": ahead("lower_80"),
                    "high": ahead("upper_80"),
                },
            ],
        },
        "table": plain_table(list(reversed(lines)), MONTH_COLUMNS, caption="Months", empty=nothing),
        "tall": True,
    }


def _finding(lines: list[MonthLine]) -> str:
    """What the next twelve months say against the last twelve."""
    before = sum([line.sold or 0.0 for line in lines if line.forecast is None][-12:])
    months = [line.forecast.mean for line in lines if line.forecast][:12]
    if not before or len(months) < 12:
        return f"{show(sum(months), 'quantity')[0]} in the next {len(months)} months"
    change = sum(months) / before - 1
    word = "above" if change > 0 else "below"
    return f"The next twelve months lie {show(abs(change), 'percent')[0]} {word} the last twelve"


def _figures(row: ForecastSeries) -> list[dict[str, Any]]:
    if row.mase is None and row.wape is None:
        return []
    return [
        {
            "label": "WAPE in back-tests",
            "value": show(row.wape, "percent")[0],
            "help": "How far earlier forecasts by this method would have been off, of what was sold.",
        },
        {
            "label": "Bias in back-tests",
            "value": show(row.bias, "percent")[0],
            "help": "Above zero: more would have been forecast than was sold.",
        },
        {
            "label": "MASE",
            "value": show(row.mase, "number")[0],
            "help": "Below 1: better than taking last year’s value of the same month.",
            "tone": "" if row.mase is None else "good" if row.mase < 1 else "warn",
        },
    ]
