"""The waterfall page: a triangle of what each plan said, one month over its lags, and convergence."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from catalog.engine.months import months_apart
from core import company
from core.access import person_of
from core.formats import grouped
from core.listing import Column, export_rows
from core.pages import plain_table
from planning.forms.accuracy import AskForm
from planning.selectors.accuracy_cells import MAKERS
from planning.selectors.waterfall import SAID_BY, Convergence, Waterfall, convergence_of, waterfall_of
from planning.views.accuracy import AskedPage
from planning.views.accuracy_words import NOTHING, ROLES
from planning.views.comparison_words import percent


class WaterfallPage(AskedPage):
    """Rows are plans, columns are months; each cell that is over says what it was off by."""

    fields = ("maker", "family", "market", "unit", "month")
    template_name = "planning/waterfall.html"

    def answer(self, request: HttpRequest, form: AskForm) -> HttpResponseBase:
        person, asked = person_of(request), form.asked
        maker = form.cleaned_data["maker"] if form.cleaned_data["maker"] in SAID_BY else "consensus"
        found = waterfall_of(person, asked)
        if export := request.GET.get("export"):
            return export_rows(flat(found), FLAT, title="Waterfall of the plans", form=export)
        tolerance = float(company.value("tolerance_percent")) / 100
        convergence = convergence_of(person, asked, found)
        context: dict[str, Any] = {
            "filter": {"form": form},
            "found": found,
            "maker_word": MAKERS[maker],
            "tolerance": company.value("tolerance_percent"),
            "heads": [(month, _month_url(request, month)) for month in found.months],
            "rows": [_row(found, maker, cycle, tolerance) for cycle in found.cycles],
            "sold": [_units(found.sold.get(month)) for month in found.months],
            "month_chart": _month_chart(found, asked.month),
            "lag_chart": _lag_chart(convergence),
            "empty": NOTHING,
        }
        return render(request, self.template_name, context)


def flat(found: Waterfall) -> list[dict[str, Any]]:
    """One row for each plan and month, for an export."""
    return [
        {
            "cycle": cycle,
            "month": month,
            "lag": months_apart(cycle, month) + 1,
            **{maker: found.said[maker].get((cycle, month)) for maker in SAID_BY},
            "sold": found.sold.get(month),
        }
        for cycle in found.cycles
        for month in found.months
        if (cycle, month) in found.said["consensus"]
    ]


def _of(name: str) -> Any:
    return lambda row: row[name]


FLAT = [
    Column("cycle", "Plan of", _of("cycle"), "month"),
    Column("month", "Month", _of("month"), "month"),
    Column("lag", "Lag", _of("lag"), "number"),
    *(Column(maker, MAKERS[maker], _of(maker), "quantity", unit="units") for maker in SAID_BY),
    Column("sold", "Sold", _of("sold"), "quantity", unit="units"),
]


def _row(found: Waterfall, maker: str, cycle: dt.date, tolerance: float) -> dict[str, Any]:
    return {
        "cycle": cycle,
        "cells": [_cell(found, maker, cycle, month, tolerance) for month in found.months],
    }


def _cell(found: Waterfall, maker: str, cycle: dt.date, month: dt.date, tolerance: float) -> dict[str, str]:
    """What a plan said about a month, and once it is over a sign and a share of what it was off by."""
    error = found.error(maker, cycle, month)
    cell = {"text": _units(found.said[maker].get((cycle, month))), "error": "", "tone": ""}
    if error is None:
        return cell
    error = round(error, 3) + 0.0  # no minus before a zero
    if abs(error) <= tolerance:
        return cell | {"error": f"= {percent(error)}", "tone": "near"}
    far = "far" if abs(error) > 3 * tolerance else "off"
    return cell | {"error": f"{'▲' if error > 0 else '▼'} {percent(error)}", "tone": far}


def _units(value: float | None) -> str:
    return "" if value is None else grouped(value, 0)


def _month_url(request: HttpRequest, month: dt.date) -> str:
    names = WaterfallPage.fields
    kept = {name: value for name in names if (value := request.GET.get(name, ""))}
    query = urlencode(kept | {"month": f"{month:%Y-%m}"})
    return f"{reverse('planning:waterfall')}?{query}#month-chart"


def _month_chart(found: Waterfall, asked: dt.date | None) -> dict[str, Any] | None:
    """What each plan said about one month, from the first to the last, beside what was sold."""
    over = [month for month in found.months if month in found.sold]
    if not found.months:
        return None
    month = asked if asked in found.months else (over or found.months)[-1]
    cycles = [cycle for cycle in found.cycles if (cycle, month) in found.said["consensus"]]
    lags = [months_apart(cycle, month) + 1 for cycle in cycles]
    sold = found.sold.get(month)
    series = [
        {
            "name": MAKERS[maker],
            "role": ROLES[maker],
            "values": [found.said[maker][(cycle, month)] for cycle in cycles],
        }
        for maker in SAID_BY
    ]
    if sold is not None:
        series.append({"name": "Sold", "role": "history", "values": [sold] * len(cycles)})
    rows = [
        {"lag": lag, "cycle": cycle, **{maker: found.said[maker][(cycle, month)] for maker in SAID_BY}}
        for lag, cycle in zip(lags, cycles, strict=True)
    ]
    columns = [Column("cycle", "Plan of", _of("cycle"), "month"), Column("lag", "Lag", _of("lag"), "number")]
    columns += [Column(maker, MAKERS[maker], _of(maker), "quantity", unit="units") for maker in SAID_BY]
    first, last = found.said["consensus"][(cycles[0], month)], found.said["consensus"][(cycles[-1], month)]
    came = f" Sold were {grouped(sold, 0)}." if sold is not None else " The month is not over."
    return {
        "id": "month-chart",
        "kind": "line",
        "title": f"What the plans said about {month:%b %Y}",
        "subtitle": "Units, from the longest lag to the shortest",
        "text": f"The consensus went from {grouped(first, 0)} to {grouped(last, 0)}.{came}",
        "data": {"x": [f"{lag} ahead" for lag in lags], "unit": "units", "series": series},
        "table": plain_table(rows, columns, caption=f"Plans for {month:%b %Y}", empty=NOTHING),
    }


def _lag_chart(found: list[Convergence]) -> dict[str, Any] | None:
    """Whether plans come closer as the month does."""
    if not found:
        return None
    first, last = found[0], found[-1]
    columns = [Column("lag", "Lag", "lag", "number"), Column("months", "Months", "months", "number")]
    columns += [Column(maker, MAKERS[maker], _wape_of(maker), "percent") for maker in SAID_BY]
    return {
        "id": "lag-chart",
        "kind": "line",
        "title": "Convergence: mean WAPE by lag",
        "subtitle": "%, by demand unit and month; months ahead",
        "text": f"The consensus is off by {percent(first.wape['consensus'], sign=False)} at lag {first.lag} "
        f"and by {percent(last.wape['consensus'], sign=False)} at lag {last.lag}.",
        "data": {
            "x": [str(one.lag) for one in found],
            "unit": "%",
            "series": [
                {
                    "name": MAKERS[maker],
                    "role": ROLES[maker],
                    "values": [_points(one.wape[maker]) for one in found],
                }
                for maker in SAID_BY
            ],
        },
        "table": plain_table(found, columns, caption="Convergence", empty=NOTHING),
    }


def _wape_of(maker: str) -> Any:
    return lambda row: row.wape[maker]


def _points(value: float | None) -> float | None:
    return None if value is None else round(value * 100, 2)
