"""Two to four realignment scenarios side by side."""

import csv
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.access import Page, person_of
from core.errors import Refused
from core.formats import grouped
from core.listing import guarded
from territories.models import Scenario
from territories.selectors.scenario_comparison import Compared, compare
from territories.selectors.scenarios import scenarios_visible_to

MOST_OFFERED = 60


class ScenarioCompare(Page):
    """Balance, moves, customers, distance, deals and quotas of the chosen scenarios; the best is marked."""

    action = "realignment.compare"

    def get(self, request: HttpRequest) -> HttpResponse:
        person = person_of(request)
        rows = scenarios_visible_to(person)
        asked = request.GET.getlist("scenario")
        keys = {int(key) for key in asked if key.isdigit() and len(key) < 10}
        chosen = list(rows.filter(pk__in=keys).order_by("code")) if keys else []
        context: dict[str, Any] = {
            "offered": rows.order_by("-publish_on", "code")[:MOST_OFFERED],
            "wanted": {scenario.pk for scenario in chosen},
        }
        status = 200
        try:
            found = compare(chosen) if asked else []
        except Refused as refusal:
            context["refused"], status, found = refusal.reasons, 400, []
        if found and request.GET.get("export") == "csv":
            return _csv(chosen, found)
        context |= {"chosen": chosen if found else [], "lines": [_shown(one) for one in found]}
        return render(request, "territories/scenario_compare.html", context, status=status)


def _shown(one: Compared) -> dict[str, Any]:
    cells = [
        {"text": grouped(value, one.line.places), "is_best": one.best is not None and value == one.best}
        for value in one.values
    ]
    return {"label": one.line.label, "unit": one.line.unit, "cells": cells}


def _csv(chosen: list[Scenario], found: list[Compared]) -> HttpResponse:
    name = f"realignments-{timezone.localdate():%Y-%m-%d}.csv"
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(["Figure", "Unit", *(guarded(scenario.code) for scenario in chosen)])
    writer.writerows([one.line.label, one.line.unit, *one.values] for one in found)
    return response
