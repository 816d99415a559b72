"""One demand unit's forecast: months, why this method, how good, other methods, what if, and its pin."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from catalog.selectors import demand_units_visible_to
from core.access import person_of, requires
from core.formats import show
from core.listing import Column, Empty
from core.pages import DetailPage, Link, Section, chart_section, table_section
from forecasting.forms.runs import WhatIfForm
from forecasting.models import ForecastSeries
from forecasting.selectors.runs import newest_of_unit
from forecasting.selectors.series_page import cuts_of, forecast_before, horizons_of
from forecasting.selectors.values import (
    history_of_unit,
    series_of_unit,
    series_visible_to,
    values_of_series,
)
from forecasting.views.cleaned import cleaned_section
from forecasting.views.levels import node_url
from forecasting.views.pins import pin_state
from forecasting.views.runs import run_url, series_url
from forecasting.views.series_months import against_before, forecast_chart, month_lines, months_table
from forecasting.views.series_orders import orders_section
from forecasting.views.series_parts import about_parts, backtest_sections, season_section
from forecasting.views.series_studies import study_sections
from forecasting.views.words import method_sentence, short_method

SHOWN_RUNS = 12
RUN_COLUMNS = [
    Column("run", "Forecast", "run"),
    Column("last_month", "Data up to", "run.last_month", "month"),
    Column("method", "Method", lambda row: short_method(row.method)),
    Column("wape", "WAPE", kind="percent"),
    Column("bias", "Bias", kind="percent"),
    Column("mase", "MASE", kind="number"),
]


def parent_url(row: ForecastSeries, family: str = "") -> str:
    """The forecast of the unit's market, for its family or for all."""
    return node_url(row.run_id, family, row.demand_unit.market.code, row.demand_unit.product.unit.code)


class SeriesPage(DetailPage):
    """How one demand unit was forecast in a run."""

    action = "forecast.view"
    template_name = "forecasting/series.html"
    facts = [
        Column("run", "Forecast", "run", link=lambda row: run_url(row.run)),
        Column(
            "family",
            "Family",
            "demand_unit.product.family.name",
            link=lambda row: parent_url(row, row.demand_unit.product.family.code),
        ),
        Column("unit", "Unit", "demand_unit.product.unit.name"),
        Column("market", "Market", "demand_unit.market.name", link=lambda row: parent_url(row)),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[ForecastSeries]:
        return series_visible_to(person_of(request))

    def title(self, row: ForecastSeries) -> str:
        return str(row.demand_unit)

    def parents(self, request: HttpRequest, row: ForecastSeries) -> list[Link]:
        return [Link("Forecasts", reverse("forecasting:run-list")), Link(str(row.run), run_url(row.run))]

    def sections(self, request: HttpRequest, row: ForecastSeries) -> list[Section]:
        person = person_of(request)
        sold = history_of_unit(person, row.demand_unit_id)
        before = forecast_before(person, row)
        values = values_of_series(person, row)
        lines = month_lines(row, sold, values, before)
        known = {month: value for month, value in sold.items() if month <= row.run.last_month}
        season = season_section(row)
        return [
            chart_section("Forecast", forecast_chart(row, lines, before)),
            Section("How it is forecast", "forecasting/series_about.html", self.about(request, row)),
            Section(
                "Months ahead",
                "parts/table.html",
                {"table": months_table(lines, before)},
                against_before(lines, before),
            ),
            orders_section(request, row, values),
            cleaned_section(request, row),
            *([season] if season else []),
            *backtest_sections(row, known, cuts_of(row), horizons_of(row, known)),
            *study_sections(request, row, _what_if_form(request)),
            self.others(request, row),
        ]

    def about(self, request: HttpRequest, row: ForecastSeries) -> dict[str, Any]:
        """The route's reason, models and shares, components, and the pin."""
        return {
            "reason": row.reason,
            "method": method_sentence(row.method),
            **about_parts(row),
            **pin_state(request, row.demand_unit_id),
            "pinned_run": row.without_pin,
            "mase": row.mase,
        }

    def others(self, request: HttpRequest, row: ForecastSeries) -> Section:
        rows = series_of_unit(person_of(request), row.demand_unit_id).filter(run__state="done")
        nothing = Empty("No other forecasts", "This demand unit has been forecast once.")
        return table_section(
            "All forecasts of it", rows[:SHOWN_RUNS], RUN_COLUMNS, empty=nothing, row_url=series_url
        )

    def more(self, request: HttpRequest, row: ForecastSeries) -> dict[str, Any]:
        history = reverse("gathering:history", args=[row.demand_unit_id])
        return {"figures": _figures(row), "history_url": history, "unit_id": row.demand_unit_id}


@requires("forecast.view")
def newest_series(request: HttpRequest, demand_unit: int) -> HttpResponse:
    """The newest forecast of a demand unit; a page that says so where there is none yet."""
    unit = get_object_or_404(demand_units_visible_to(person_of(request)), pk=demand_unit)
    run = newest_of_unit(unit.pk)
    if run is not None:
        return redirect("forecasting:series", run.pk, unit.pk)
    return render(request, "forecasting/no_series.html", {"unit": unit})


def _what_if_form(request: HttpRequest) -> WhatIfForm:
    """Filled by the address that a question leads to."""
    return WhatIfForm(request.GET) if "what_if" in request.GET else WhatIfForm()


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
