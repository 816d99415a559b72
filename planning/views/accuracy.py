"""Accuracy: how far plans and forecasts were off, by lag, level, month and planner, down to every cell."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from core.access import Page, person_of
from core.listing import PAGE_SIZES, export_rows
from core.pages import plain_table
from planning.forms.accuracy import AskForm
from planning.selectors.accuracy_cells import MAKERS, cells_of
from planning.selectors.accuracy_list import CellRows, cells_in_order
from planning.selectors.accuracy_table import COMPARED, LEVELS, Row, by_month, rows_of, total_of
from planning.views.accuracy_words import (
    NOTHING,
    cell_columns,
    figures_of,
    maker_table,
    measure_chart,
    row_columns,
)

NARROWING = ("family", "market", "unit", "month")


class AskedPage(Page):
    """A page that answers a question put in its address; one that cannot be is said beside the field."""

    action = "release.view"
    fields: tuple[str, ...] = ()
    template_name = ""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = AskForm(person_of(request), request.GET, self.fields)
        if not form.is_valid():
            return render(request, self.template_name, {"filter": {"form": form}}, status=400)
        return self.answer(request, form)

    def answer(self, request: HttpRequest, form: AskForm) -> HttpResponseBase:
        raise NotImplementedError


class AccuracyPage(AskedPage):
    """All makers side by side, one of them by group."""

    fields = ("lag", "maker", "level", "measure", "months", *NARROWING)
    template_name = "planning/accuracy.html"

    def answer(self, request: HttpRequest, form: AskForm) -> HttpResponseBase:
        person, asked, chosen = person_of(request), form.asked, form.cleaned_data
        frame = cells_of(person, asked)
        rows = rows_of(person, frame, asked, chosen["level"], chosen["maker"])
        columns = row_columns(chosen["level"], lambda row: cells_url(row, request))
        if export := request.GET.get("export"):
            return export_rows(rows, columns, title=f"Accuracy by {chosen['level']}", form=export)
        page = Paginator(rows, _size(request)).get_page(request.GET.get("page"))
        totals = total_of(frame)
        months = {maker: by_month(frame, maker) for maker in COMPARED}
        context: dict[str, Any] = {
            "filter": {"form": form},
            "figures": figures_of(totals, chosen["maker"]),
            "makers": maker_table(totals),
            "chart": measure_chart(months, chosen["measure"]) if len(frame) else None,
            "table": plain_table(
                page.object_list,
                columns,
                caption="Accuracy by group",
                empty=NOTHING,
                row_url=lambda row: drill(row, request),
            ),
            "page": page,
            "level_word": LEVELS[chosen["level"]].lower(),
            "maker_word": MAKERS[chosen["maker"]],
            "cells_url": f"{reverse('planning:accuracy-cells')}?{urlencode(_kept(request))}",
            "waterfall_url": _waterfall_url(request),
            "has_rows": bool(rows),
        }
        return render(request, self.template_name, context)


class CellsPage(AskedPage):
    """Every cell behind a figure, the most money first."""

    fields = ("lag", "maker", "months", *NARROWING)
    template_name = "planning/accuracy_cells.html"

    def answer(self, request: HttpRequest, form: AskForm) -> HttpResponseBase:
        person, maker = person_of(request), form.cleaned_data["maker"]
        frame = cells_in_order(cells_of(person, form.asked), maker)
        rows: Any = CellRows(frame, maker)
        columns = cell_columns(maker)
        if export := request.GET.get("export"):
            return export_rows(rows.all(), columns, title="Cells behind the accuracy", form=export)
        page = Paginator(rows, _size(request)).get_page(request.GET.get("page"))
        context = {
            "filter": {"form": form},
            "table": plain_table(
                page.object_list,
                columns,
                caption="Cells",
                empty=NOTHING,
                row_url=lambda row: reverse("forecasting:newest-series", args=[row.unit]),
            ),
            "page": page,
            "waterfall_url": _waterfall_url(request),
            "back_url": f"{reverse('planning:accuracy')}?{urlencode(_kept(request))}",
        }
        return render(request, self.template_name, context)


def drill(row: Row, request: HttpRequest) -> str:
    """Where a row leads: into its tree, to its demand units, or to its cells."""
    if not row.narrow:
        return ""
    query = _kept(request) | row.narrow
    if "unit" in row.narrow:
        return cells_url(row, request)
    if row.is_leaf:
        query["level"] = "unit"
    return f"{reverse('planning:accuracy')}?{urlencode(query)}"


def cells_url(row: Row, request: HttpRequest) -> str:
    """The cells behind a row."""
    if not row.narrow:
        return ""
    return f"{reverse('planning:accuracy-cells')}?{urlencode(_kept(request) | row.narrow)}"


def _waterfall_url(request: HttpRequest) -> str:
    """What past plans said about the same place."""
    kept = {name: value for name, value in _kept(request).items() if name in ("maker", *NARROWING)}
    return f"{reverse('planning:waterfall')}?{urlencode(kept)}"


def _kept(request: HttpRequest) -> dict[str, str]:
    names = AccuracyPage.fields
    return {name: value for name in names if (value := request.GET.get(name, ""))}


def _size(request: HttpRequest) -> int:
    wanted = request.GET.get("size", "")
    return int(wanted) if wanted.isdigit() and int(wanted) in PAGE_SIZES else PAGE_SIZES[0]
