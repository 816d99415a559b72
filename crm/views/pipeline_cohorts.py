"""Cohorts: deals by the month of their creation, and how many were won by when."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from catalog.engine.months import add_months
from catalog.selectors import base_currency
from core.formats import show
from core.listing import Empty
from crm.filters.pipeline import AskedFilter
from crm.selectors.pipeline_cohorts import Cohort, cohorts
from crm.views.pipeline_base import PipelinePage, behind, head, number, pages
from crm.views.pipeline_funnel import LOOKS

MONTHS = 12
JUDGED = 3
NO_DEALS = Empty(
    "No deals were created in the last year",
    "Deals come from a connected CRM, from an import or are written here. "
    "If you expected some, remove a filter.",
)


class PipelineCohorts(PipelinePage):
    """Deals by the month of their creation: how many were won by when."""

    filterset_class = AskedFilter

    def get(self, request: HttpRequest) -> HttpResponse:
        filters = self.filters(request)
        last = timezone.localdate().replace(day=1)
        found = cohorts(filters.qs, add_months(last, 1 - MONTHS), last)
        context = {
            "filter": filters,
            "looks": pages(request, LOOKS),
            "chart": _chart(found) if any(one.created for one in found) else None,
            "table": _table(request, found),
        }
        return render(request, "crm/pipeline/cohorts.html", context)


def _chart(found: list[Cohort]) -> dict[str, Any]:
    cells = [
        [age, place, round(100 * share, 1)]
        for place, one in enumerate(found)
        for age in range(MONTHS)
        if (share := one.share_by(age)) is not None
    ]
    return {
        "id": "cohort-chart",
        "kind": "heat",
        "title": _finding(found),
        "subtitle": "Share of a month's deals that were won until so many months later, %",
        "text": "By month of creation and months since: the share of the deals that were won.",
        "data": {
            "x": [str(age) for age in range(MONTHS)],
            "y": [f"{one.month:%b %y}" for one in found],
            "unit": "%",
            "cells": cells,
            "limit": 100,
        },
        "table": _shares_table(found),
        "tall": True,
    }


def _finding(found: list[Cohort]) -> str:
    """The share won after three months, of the first and the last cohort that are so old."""
    old = [one for one in found if one.share_by(JUDGED) is not None]
    if len(old) < 2:
        return "Which share of a month's deals was won, and when"
    first, last = old[0], old[-1]
    new, earlier = (show(one.share_by(JUDGED), "percent")[0] for one in (last, first))
    return (
        f"After three months {new} of the deals of {last.month:%b %y} were won; "
        f"of those of {first.month:%b %y}, {earlier}"
    )


def _shares_table(found: list[Cohort]) -> dict[str, Any]:
    return {
        "caption": "Won until so many months after creation",
        "columns": [{"label": "Created in"}, *(head(f"{age} months") for age in range(MONTHS))],
        "rows": [
            {
                "cells": [
                    {"text": f"{one.month:%b %y}"},
                    *(number(one.share_by(age), "percent") for age in range(MONTHS)),
                ]
            }
            for one in found
        ],
        "empty": NO_DEALS,
    }


def _table(request: HttpRequest, found: list[Cohort]) -> dict[str, Any]:
    money = base_currency()
    return {
        "caption": "Cohorts",
        "columns": [
            {"label": "Created in"},
            head("Created", "deals"),
            head("Created", money),
            head("Won", "deals"),
            head("Won", money),
            head("Lost", "deals"),
            head("Open", "deals"),
            head("Won so far", help_text="Of the deals created in the month."),
        ],
        "rows": [{"cells": _cells(request, one)} for one in reversed(found)],
        "empty": NO_DEALS,
    }


def _cells(request: HttpRequest, one: Cohort) -> list[dict[str, Any]]:
    last = add_months(one.month, 1) - dt.timedelta(days=1)

    def to(state: str) -> str:
        return behind(request, created_from=one.month, created_to=last, state=state)

    return [
        {"text": f"{one.month:%b %y}", "url": to("all") if one.created else ""},
        number(one.created, "quantity", to("all")),
        number(one.amount, "quantity"),
        number(one.won, "quantity", to("won")),
        number(one.won_amount, "quantity"),
        number(one.lost, "quantity", to("lost")),
        number(one.open, "quantity", to("open")),
        number(one.won / one.created if one.created else None, "percent"),
    ]
