"""The matrix of ABC and XYZ: what matters, how well it is forecast, and what to do about it."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from catalog.selectors import base_currency
from core.access import Page, person_of, requires
from core.formats import show
from core.listing import Column, Empty, export_rows
from core.pages import plain_table
from forecasting.models import RunState
from forecasting.selectors.classes import ABC, XYZ, Square, bounds, squares_of
from forecasting.selectors.runs import newest_finished
from forecasting.views.runs import visible_run

TREATMENTS = {
    "AX": "Let the forecast run and look at exceptions only. Plan often, hold little safety stock.",
    "AY": "Keep promotions and seasons dated, review every cycle, hold moderate safety stock.",
    "AZ": "Ask sales and customers: deals and inputs say more than history. Hold a buffer or make to order.",
    "BX": "Leave it to the forecast; look when the tracking signal leaves ±4.",
    "BY": "Leave it to the forecast and look once a quarter.",
    "BZ": "Plan the family and split it; promise longer lead times or hold more safety stock.",
    "CX": "Leave it to the forecast; make or order rarely and in large lots.",
    "CY": "Leave it to the forecast; generous safety stock is cheap here.",
    "CZ": "Make to order, or ask whether it should stay in the range.",
}
EMPTY = Empty(
    "No classes yet",
    "Classes are made of a finished forecast: of what its demand units earned, and of its back-tests.",
    "Forecasts",
    "/forecasts/",
)


class ClassesPage(Page):
    """Nine classes of a run's demand units; each leads to its units."""

    action = "forecast.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        run = visible_run(request, pk)
        squares = squares_of(person_of(request), run) if run.state == RunState.DONE else []
        if export := request.GET.get("export"):
            return export_rows(squares, _columns(), title="ABC and XYZ classes", form=export)
        context: dict[str, Any] = {
            "run": run,
            "limits": _limits(),
            "heads": XYZ,
            "rows": [(abc, [_cell(one, pk) for one in squares if one.abc == abc]) for abc in ABC],
            "units": sum(one.units for one in squares),
            "empty": EMPTY,
            "table": plain_table(
                squares, _columns(), caption="Classes", empty=EMPTY, row_url=lambda one: units_url(one, pk)
            ),
        }
        return render(request, "forecasting/classes.html", context)


@requires("forecast.view")
def newest_classes(request: HttpRequest) -> HttpResponse:
    """The classes of the newest finished forecast; the list of forecasts where there is none."""
    run = newest_finished()
    return redirect("forecasting:run-list") if run is None else redirect("forecasting:classes", run.pk)


def units_url(square: Square, run: int) -> str:
    """The demand units of a class in their run."""
    query = urlencode({"abc": square.abc, "xyz": square.xyz})
    return f"{reverse('forecasting:run', args=[run])}?{query}#list"


def _cell(square: Square, run: int) -> dict[str, Any]:
    return {
        "name": square.name,
        "units": square.units,
        "url": units_url(square, run) if square.units else "",
        "share": show(square.share, "percent")[0],
        "wape": show(square.wape, "percent")[0],
        "treatment": TREATMENTS[square.name],
    }


def _limits() -> dict[str, float]:
    """The bounds in percent; `b` is where B ends."""
    found = bounds()
    return {
        name: round(value * 100, 1)
        for name, value in {"a": found.a, "b": found.a + found.b, "x": found.x, "y": found.y}.items()
    }


def _columns() -> list[Column]:
    return [
        Column("name", "Class"),
        Column("units", "Demand units", kind="number"),
        Column("revenue", "Revenue, 12 months", kind="quantity", unit=base_currency()),
        Column("share", "Of all revenue", kind="percent"),
        Column("wape", "WAPE in back-tests", kind="percent"),
        Column("treatment", "What to do", lambda one: TREATMENTS[one.name]),
    ]
