"""The funnel: conversion from stage to stage and time in each, for all and by group."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.selectors import base_currency
from core.access import person_of
from core.formats import show
from core.listing import Empty
from crm.filters.pipeline import FunnelFilter
from crm.selectors.pipeline_funnel import Funnel, Passage, funnel
from crm.selectors.pipeline_groups import NONE, groupings
from crm.views.pipeline_base import (
    PipelinePage,
    behind,
    deals_in_words,
    figure,
    head,
    number,
    pages,
    switches,
)

LOOKS = [("Funnel", "crm:pipeline-funnel"), ("Cohorts", "crm:pipeline-cohorts")]
SHOWN_GROUPS = 50
NO_DEALS = Empty(
    "No deals were created in these days",
    "The funnel follows deals from the day they were created. Choose other days, or remove a filter.",
)


class PipelineFunnel(PipelinePage):
    """How far the deals created in some days came."""

    filterset_class = FunnelFilter

    def get(self, request: HttpRequest) -> HttpResponse:
        filters, known = self.filters(request), groupings()
        by = request.GET.get("by", "")
        grouping = known.get(by) or known["team"]
        first, last = filters.days
        everything, groups = funnel(person_of(request), filters.qs, grouping, first, last)
        links = _Links(request, first, last)
        context = {
            "filter": filters,
            "looks": pages(request, LOOKS),
            "by": switches(request, "by", [(one.slug, one.label) for one in known.values()], grouping.slug),
            "grouping": grouping,
            "days": (first, last),
            "figures": _figures(everything, links),
            "chart": _chart(everything, links) if everything.created else None,
            "stages": _stages_table(everything, links),
            "groups": _groups_table(groups[:SHOWN_GROUPS], grouping, links),
            "times": _times_table(groups[:SHOWN_GROUPS], grouping),
            "left_out": max(0, len(groups) - SHOWN_GROUPS),
            "currency": base_currency(),
        }
        return render(request, "crm/pipeline/funnel.html", context)


class _Links:
    """Addresses of the deals behind the numbers of a funnel."""

    def __init__(self, request: HttpRequest, first: dt.date, last: dt.date) -> None:
        self.request, self.days = request, {"created_from": first, "created_to": last}

    def to(self, **asked: Any) -> str:
        return behind(self.request, **self.days, **{"state": "all"} | asked)


def _figures(found: Funnel, links: _Links) -> list[dict[str, Any]]:
    days = show(found.median_days, "quantity")[0]
    return [
        {
            "label": "Created",
            "value": show(found.created, "quantity")[0],
            "change": f"{deals_in_words(found.open)} still open",
            "url": links.to(),
        },
        figure("Won", found.won_amount, deals=found.won, url=links.to(state="won")),
        {
            "label": "Win rate",
            "value": show(found.win_rate, "percent")[0],
            "help": "Won deals of those that were won or lost.",
            "change": f"{deals_in_words(found.lost)} lost",
            "url": links.to(state="lost"),
        },
        {
            "label": "From creation to signature",
            "value": days,
            "unit": "days" if found.median_days is not None else "",
            "help": "Median of the deals that were won.",
        },
    ]


def _chart(found: Funnel, links: _Links) -> dict[str, Any]:
    """How many deals came to each stage."""
    names = ["Created", *(one.stage.name for one in found.passages), "Won"]
    reached = [found.created, *(one.reached for one in found.passages), found.won]
    return {
        "id": "funnel-chart",
        "kind": "bars",
        "title": _finding(found),
        "subtitle": "Deals that came at least so far",
        "text": ". ".join(
            f"{name}: {deals_in_words(count)}" for name, count in zip(names, reached, strict=True)
        ),
        "data": {
            "x": names,
            "unit": "deals",
            "sideways": True,
            "series": [{"name": "Deals", "role": "consensus", "values": reached}],
        },
        "table": _stages_table(found, links),
    }


def _finding(found: Funnel) -> str:
    """The stage that loses the largest share of its deals."""
    decided = [one for one in found.passages if one.lost]
    if not decided:
        return f"{deals_in_words(found.created)} were created, none is lost yet"
    worst = max(decided, key=lambda one: one.lost / one.reached)
    share = show(worst.lost / worst.reached, "percent")[0]
    return f"{share} of the deals that came to {worst.stage.name} were lost there, more than anywhere"


def _stages_table(found: Funnel, links: _Links) -> dict[str, Any]:
    return {
        "caption": "Stages",
        "columns": [
            {"label": "Stage"},
            head("Came so far", "deals"),
            head("Came further", "deals"),
            head("Conversion", help_text="Of those that came so far, the share that came further."),
            head("Here now", "deals"),
            head("Lost here", "deals", "Lost deals that came no further."),
            head("Time in stage", "days", "Median of finished stays."),
        ],
        "rows": [{"cells": _stage_cells(one, links)} for one in found.passages],
        "empty": NO_DEALS,
    }


def _stage_cells(one: Passage, links: _Links) -> list[dict[str, Any]]:
    code = one.stage.code
    return [
        {"text": one.stage.name},
        number(one.reached, "quantity", links.to(furthest=code)),
        number(one.passed, "quantity"),
        number(one.conversion, "percent"),
        number(one.here, "quantity", links.to(state="open", stage=code)),
        number(one.lost, "quantity", links.to(state="lost", ended=code)),
        number(_rounded(one.median_days), "number"),
    ]


def _rounded(days: float | None) -> int | None:
    return None if days is None else round(days)


def _groups_table(groups: list[Funnel], grouping: Any, links: _Links) -> dict[str, Any]:
    stages = groups[0].passages if groups else []
    return {
        "caption": f"Conversion by {grouping.label.lower()}",
        "columns": [
            {"label": grouping.label},
            head("Created", "deals"),
            head("Won", "deals"),
            head("Won", base_currency()),
            head("Win rate", help_text="Won deals of those that were won or lost."),
            *(head(f"After {one.stage.name}", help_text="Share that came further.") for one in stages),
            head("To signature", "days", "Median from creation to signature."),
        ],
        "rows": [{"cells": _group_cells(one, grouping, links)} for one in groups],
        "empty": NO_DEALS,
    }


def _group_cells(one: Funnel, grouping: Any, links: _Links) -> list[dict[str, Any]]:
    group = {grouping.filter: one.key or NONE}
    return [
        {"text": one.name or grouping.none, "url": links.to(**group)},
        number(one.created, "quantity", links.to(**group)),
        number(one.won, "quantity", links.to(state="won", **group)),
        number(one.won_amount, "quantity", links.to(state="won", **group)),
        number(one.win_rate, "percent"),
        *(number(passage.conversion, "percent") for passage in one.passages),
        number(_rounded(one.median_days), "number"),
    ]


def _times_table(groups: list[Funnel], grouping: Any) -> dict[str, Any]:
    stages = groups[0].passages if groups else []
    return {
        "caption": f"Days in each stage by {grouping.label.lower()}",
        "columns": [{"label": grouping.label}, *(head(one.stage.name, "days") for one in stages)],
        "rows": [
            {
                "cells": [
                    {"text": one.name or grouping.none},
                    *(number(_rounded(passage.median_days), "number") for passage in one.passages),
                ]
            }
            for one in groups
        ],
        "empty": NO_DEALS,
    }
