"""The order lines behind attainment, and what was sold outside the own territory."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from catalog.selectors import base_currency
from core.access import Page, person_of
from core.formats import short, show
from core.listing import Column, Empty, ListPage, export_rows
from core.pages import plain_table
from territories.filters.attainment import AttainmentForm, CreditedLineFilter, PeriodForm
from territories.models import QuotaMeasure
from territories.selectors.attainment_lines import credited_lines
from territories.selectors.attainment_outside import Row, SoldOutside, sold_outside
from territories.views.attainment import VIEW, Narrowed
from territories.views.attainment_words import percent, text, to


class CreditedLines(ListPage):
    """Order lines of a period, each with the rep it counts for."""

    action = VIEW
    title = "Lines that count"
    pretitle = "Attainment"
    filterset_class = CreditedLineFilter
    default_order = "-day"
    columns = [
        Column("order", "Order", "order_number"),
        Column("day", "Day", kind="date", order="day"),
        Column("account", "Account", "account.name", order="account__name"),
        Column("product", "Product", "demand_unit.product.name"),
        Column("credited", "Counts for", "credited_name", order="credited_name"),
        Column("rep", "Rep on the line", "rep.name", order="rep__name"),
        Column("quantity", "Quantity", kind="quantity"),
        Column("revenue", "Revenue", "signed", "money", order="signed", help="Returns are negative."),
        Column("currency", "Currency", kind="code"),
    ]
    empty = Empty(
        "No order lines here", "No sale of this period counts for these reps. Choose another period."
    )

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return credited_lines(person_of(request), AttainmentForm(request.GET).asked)


class OutsidePage(Page):
    """How much was sold outside the own territory, by whom and where."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = PeriodForm(request.GET)
        asked = form.asked
        found = sold_outside(person_of(request), asked.period.first, asked.period.last)
        if request.GET.get("export"):
            title = f"Sold outside the own territory {asked.period.label}"
            return export_rows(found.reps, _columns(request, "Rep"), title=title, form=request.GET["export"])
        context = {
            "filter": Narrowed(form),
            "asked": asked,
            "figures": _figures(found),
            "chart": _chart(found) if found.total.outside.lines else None,
            "reps": plain_table(found.reps, _columns(request, "Rep"), caption="By rep", empty=NOTHING_SOLD),
            "places": plain_table(
                found.territories, _columns(request, "Territory"), caption="By territory", empty=NOWHERE
            ),
            "nowhere": found.total.nowhere,
            "currency": base_currency(),
        }
        return render(request, "territories/attainment_outside.html", context)


NOTHING_SOLD = Empty(
    "Nothing was sold in this period",
    "Order lines with a rep are compared with the territories in which that rep has a role. Choose another "
    "period, or import sales.",
)

NOWHERE = Empty(
    "No line was sold in a territory",
    "The accounts of these lines lay in no territory of the model in force. Put a territory model into "
    "force, and run its rules.",
)


def _columns(request: HttpRequest, first: str) -> list[Column]:
    unit = base_currency()

    def link(row: Row) -> str:
        asked = {"measure": QuotaMeasure.SALES, "credit": "seller", "rep": row.key}
        return to("attainment-lines", request, **asked)

    return [
        Column("name", first, link=link if first == "Rep" else None),
        Column("lines", "Lines", "all.lines", "quantity"),
        Column("outside", "Lines outside", "outside.lines", "quantity"),
        Column("share", "Of the lines", "share_of_lines", "percent"),
        Column("revenue", "Revenue", "all.revenue", "money", unit),
        Column("money", "Revenue outside", "outside.revenue", "money", unit),
        Column("money_share", "Of the revenue", "share_of_revenue", "percent"),
    ]


def _figures(found: SoldOutside) -> list[dict[str, Any]]:
    total = found.total
    many = (total.share_of_lines or 0) >= 0.1
    return [
        {
            "label": "Lines outside",
            "value": percent(total.share_of_lines),
            "change": f"{show(total.outside.lines, 'quantity')[0]} of {show(total.all.lines, 'quantity')[0]}",
            "tone": "warn" if many else "",
        },
        {
            "label": "Revenue outside",
            "value": short(total.outside.revenue),
            "unit": base_currency(),
            "change": f"{percent(total.share_of_revenue)} of all",
            "title": show(total.outside.revenue, "money")[0],
        },
        {"label": "Reps who did", "value": sum(bool(row.outside.lines) for row in found.reps)},
    ]


def _chart(found: SoldOutside) -> dict[str, Any]:
    rows = found.reps[:20]
    unit = base_currency()
    return {
        "id": "outside-chart",
        "kind": "stacked",
        "title": f"{rows[0].name} sold most outside the own territories",
        "subtitle": f"{unit} by rep, within and outside",
        "text": ", ".join(f"{row.name} {percent(row.share_of_revenue)} outside" for row in rows),
        "tall": len(rows) > 7,
        "data": {
            "x": [row.name for row in rows],
            "unit": unit,
            "sideways": True,
            "series": [
                {"name": "Within", "role": "history", "values": [round(r.within.revenue) for r in rows]},
                {"name": "Outside", "role": "budget", "values": [round(r.outside.revenue) for r in rows]},
            ],
        },
        "table": {
            "columns": [
                {"label": "Rep"},
                {"label": "Within", "unit": unit, "numeric": True},
                {"label": "Outside", "unit": unit, "numeric": True},
            ],
            "rows": [
                {
                    "cells": [
                        {"text": row.name},
                        text(show(row.within.revenue, "money")[0]),
                        text(show(row.outside.revenue, "money")[0]),
                    ]
                }
                for row in rows
            ],
        },
    }
