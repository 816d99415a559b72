"""What changed in the pipeline between two days: the bridge, and the deals behind each of its steps."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from catalog.selectors import base_currency
from core.access import person_of
from core.formats import EMPTY, show
from core.listing import Empty, query_without
from crm.engine.pipeline import Bridge, Part, Place, Step
from crm.filters.pipeline import ChangesFilter, this_quarter
from crm.selectors.accounts import own_reps
from crm.selectors.deals import deal_stages_visible_to
from crm.selectors.pipeline_moves import ANY, CHANGES, LABELS, Moved, Moves, Window, movable, moves
from crm.views.pipeline_base import (
    NARROWING,
    PipelinePage,
    deals_in_words,
    figure,
    head,
    number,
    switches,
)
from crm.views.pipeline_table import deal_url

WEEK = 7
SHOWN = 50
LARGE = 1_000_000  # from here on the chart tells thousands, so that its labels stay apart
MOST_DIGITS = 7
NAMES = {change.key: change.label for change in CHANGES}
UNSEEN = (Place.ABSENT, Place.UNKNOWN)
LEGEND = (
    {"name": "Open pipeline", "role": "history"},
    {"name": "Came in or grew", "role": "up"},
    {"name": "Won: leaves the pipeline as a sale", "role": "won"},
    {"name": "Lost, moved out or shrank", "role": "down"},
)
COMING = (Step.CREATED, Step.FOUND, Step.MOVED_IN, Step.REOPENED)
NOTHING = Empty("Nothing changed", "No deal of these changed between the two days. Choose an earlier day.")


class PipelineChanges(PipelinePage):
    """What changed since last week, or between any two days."""

    filterset_class = ChangesFilter

    def deals(self, request: HttpRequest) -> Any:
        return movable(person_of(request))

    def get(self, request: HttpRequest) -> HttpResponse:
        filters, person = self.filters(request), person_of(request)
        window, kind, place = filters.window, filters.change, _place(request)
        found = moves(person, filters.qs, window, kind, limit=SHOWN + 1, offset=place)
        rows = found.deals
        stages = dict(deal_stages_visible_to(person).values_list("code", "name"))
        context = {
            "filter": filters,
            "window": window,
            "presets": _presets(request, window),
            "figures": _figures(request, found),
            "chart": _chart(request, found, window),
            "kinds": _kinds(request, found, kind),
            "kind": NAMES.get(kind, ""),
            "table": _table(rows[:SHOWN], stages),
            "later": _place_url(request, place + SHOWN) if len(rows) > SHOWN else "",
            "earlier": _place_url(request, max(0, place - SHOWN)) if place else "",
            "currency": base_currency(),
            "is_narrowed": own_reps(person) is not None or any(request.GET.get(name) for name in NARROWING),
            "handed_url": _kind_url(request, "owner") if found.counts["owner"] else "",
        }
        return render(request, "crm/pipeline/changes.html", context)


def _place(request: HttpRequest) -> int:
    """How many deals of the list lie before those shown."""
    place = request.GET.get("place", "")
    return int(place) if place.isascii() and place.isdigit() and len(place) < MOST_DIGITS else 0


def _presets(request: HttpRequest, window: Window) -> list[dict[str, Any]]:
    today, quarter = timezone.localdate(), this_quarter()[0]
    days = [
        ("A day", today - dt.timedelta(days=1)),
        ("A week", today - dt.timedelta(days=WEEK)),
        ("30 days", today - dt.timedelta(days=30)),
        ("This quarter", quarter - dt.timedelta(days=1)),
    ]
    chosen = window.since.isoformat() if window.until == today else ""
    return switches(request, "since", [(day.isoformat(), label) for label, day in days], chosen)


def _kind_url(request: HttpRequest, kind: str) -> str:
    return f"?{query_without(request, 'kind', 'place')}{urlencode({'kind': kind})}#deals"


def _place_url(request: HttpRequest, place: int) -> str:
    return f"?{query_without(request, 'place')}place={place}#deals"


def _figures(request: HttpRequest, found: Moves) -> list[dict[str, Any]]:
    steps, bridge = found.bridge.steps, found.bridge
    came = sum((steps[step] for step in COMING), Part())
    return [
        figure(
            "Open pipeline",
            bridge.end.amount,
            deals=bridge.end.deals,
            change_base=f"· {_signed(bridge.end.amount - bridge.start.amount)} since",
        ),
        figure("Came in", came.amount, deals=came.deals, url=_kind_url(request, Step.CREATED)),
        figure("Won", -steps[Step.WON].amount, deals=steps[Step.WON].deals, url=_kind_url(request, Step.WON)),
        figure(
            "Lost", -steps[Step.LOST].amount, deals=steps[Step.LOST].deals, url=_kind_url(request, Step.LOST)
        ),
    ]


def _signed(money: Any) -> str:
    text = show(money, "quantity")[0]
    return f"+{text}" if money > 0 else text


def _shown_steps(bridge: Bridge) -> list[tuple[Step, Part]]:
    return [(step, part) for step, part in bridge.steps.items() if part.deals]


def _chart(request: HttpRequest, found: Moves, window: Window) -> dict[str, Any]:
    bridge, money = found.bridge, base_currency()
    ends = f"from {round(bridge.start.amount)} to {round(bridge.end.amount)} {money}"
    start, end = f"{show(window.since, 'date')[0]}", f"{show(window.until, 'date')[0]}"
    large = max(bridge.start.amount, bridge.end.amount) >= LARGE
    unit, size = (f"thousand {money}", 1000) if large else (money, 1)
    return {
        "id": "bridge-chart",
        "kind": "waterfall",
        "title": _finding(bridge),
        "subtitle": f"Open pipeline, {unit}, from the end of {start} to the end of {end}",
        "text": f"The open pipeline went {ends}.",
        "data": {
            "unit": unit,
            "steps": [
                {"name": "Start", "value": round(bridge.start.amount / size), "total": True},
                *(_drawn(step, part, size) for step, part in _shown_steps(bridge)),
                {"name": "End", "value": round(bridge.end.amount / size), "total": True},
            ],
            "legend": LEGEND,
        },
        "table": _bridge_table(request, bridge, start, end),
    }


def _drawn(step: Step, part: Part, size: int) -> dict[str, Any]:
    """A step of the chart. What is won leaves the pipeline too, but it is no loss: it has its own colour."""
    drawn = {"name": LABELS[step], "value": round(part.amount / size)}
    return drawn | {"role": "won"} if step is Step.WON else drawn


def _finding(bridge: Bridge) -> str:
    """Which way the pipeline went, and the step that moved it most."""
    change = bridge.end.amount - bridge.start.amount
    shown = _shown_steps(bridge)
    if not shown:
        return "The pipeline did not change"
    step, part = max(shown, key=lambda one: abs(one[1].amount))
    words = "grew" if change > 0 else "shrank" if change < 0 else "is as large as it was"
    by = f" by {show(abs(change), 'quantity')[0]} {base_currency()}" if change else ""
    return f"The pipeline {words}{by}; most moved: {LABELS[step].lower()}, {deals_in_words(part.deals)}"


def _bridge_table(request: HttpRequest, bridge: Bridge, start: str, end: str) -> dict[str, Any]:
    rows = [({"text": start}, bridge.start, "")]
    rows += [
        ({"text": LABELS[step], "url": _kind_url(request, step)}, part, _kind_url(request, step))
        for step, part in _shown_steps(bridge)
    ]
    rows.append(({"text": end}, bridge.end, ""))
    return {
        "caption": "From the first day to the last",
        "columns": [{"label": "Step"}, head("Deals"), head("Amount", base_currency())],
        "rows": [
            {"cells": [name, number(part.deals, "quantity", url), number(part.amount, "money", url)]}
            for name, part, url in rows
        ],
        "empty": NOTHING,
    }


def _kinds(request: HttpRequest, found: Moves, chosen: str) -> list[dict[str, Any]]:
    """A link for each kind of change that occurred, with how many deals went through it."""
    links = [{"label": "Any change", "url": _kind_url(request, ""), "on": chosen == ANY}]
    links += [
        {
            "label": f"{change.label} {show(found.counts[change.key], 'quantity')[0]}",
            "url": _kind_url(request, change.key),
            "on": change.key == chosen,
        }
        for change in CHANGES
        if found.counts[change.key] or change.key == chosen
    ]
    return links


def _table(rows: list[Moved], stages: dict[str, str]) -> dict[str, Any]:
    money = base_currency()
    return {
        "caption": "Deals that changed",
        "columns": [
            {"label": "Deal"},
            {"label": "Account"},
            {"label": "Rep"},
            {"label": "What changed"},
            {"label": "Stage"},
            head("Amount before", money),
            head("Amount now", money),
            {"label": "Closes"},
        ],
        "rows": [{"url": deal_url(one.deal), "cells": _cells(one, stages)} for one in rows],
        "empty": NOTHING,
    }


def _cells(one: Moved, stages: dict[str, str]) -> list[dict[str, Any]]:
    deal = one.deal
    return [
        {"text": str(deal), "url": deal_url(deal)},
        {"text": deal.account.name if deal.account else EMPTY},
        {"text": deal.rep.name if deal.rep else EMPTY},
        {"text": ", ".join(NAMES[key] for key in one.changes)},
        {"text": _from_to(*(stages.get(code, code) for code in (one.stage_before, one.stage_after)))},
        number(one.amount_before if one.before not in UNSEEN else None, "quantity"),
        number(one.amount_after, "quantity"),
        {"text": _from_to(*(show(day, "date")[0] for day in (one.close_before, one.close_after)))},
    ]


def _from_to(before: str, after: str) -> str:
    """“Offer → Won”; only one where it stayed."""
    if before == after or before in ("", EMPTY):
        return after
    return f"{before} → {after or EMPTY}"
