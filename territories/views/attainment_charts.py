"""Charts of attainment: who stands where, and from one period to the next."""

from typing import Any

from catalog.selectors import base_currency
from territories.models import QuotaMeasure
from territories.selectors.attainment import Attainment, Line
from territories.selectors.attainment_groups import Past
from territories.views.attainment_words import cell, interval, money, percent, text

MOST = 20
TALL = 7


def standing_chart(found: Attainment, what: str) -> dict[str, Any] | None:
    """Closed, open by chance and usually new, stacked, with the quota and the bounds as dashes."""
    lines = _shown(found)
    if not lines:
        return None
    series = [_bar("Closed", "history", [line.closed for line in lines])]
    if not found.asked.is_over:
        outlooks = [line.outlook for line in lines]
        if found.asked.measure == QuotaMeasure.BOOKINGS:
            weighted = [one.weighted if one else 0 for one in outlooks]
            series.append(_bar("Open by chance", "part-1", weighted))
        series += [
            _bar("Usually new", "part-2", [one.new if one else 0 for one in outlooks]),
            _dash("Low end", "last", [one.low if one else None for one in outlooks]),
            _dash("High end", "last", [one.high if one else None for one in outlooks]),
        ]
    series.append(_dash("Quota", "budget", [line.quota for line in lines]))
    more = f", the {MOST} largest" if len(found.lines) > MOST else ""
    return {
        "id": "attainment-chart",
        "kind": "stacked",
        "title": _finding(found, what),
        "subtitle": f"{base_currency()}, {found.asked.period.label}{more}",
        "text": "; ".join(f"{line.name} {money(line.closed)} of {money(line.quota)}" for line in lines),
        "tall": len(lines) > TALL,
        "data": {
            "x": [line.name for line in lines],
            "unit": base_currency(),
            "sideways": True,
            "series": series,
        },
        "table": _standing_table(lines, what),
    }


def _shown(found: Attainment) -> list[Line]:
    """The largest, in the order of the page; of a tree those without others below."""
    ends = _ends(found.lines)
    largest = sorted(ends, key=lambda line: -max(line.quota or 0, line.closed))[:MOST]
    return [line for line in ends if line in largest]


def _ends(lines: list[Line]) -> list[Line]:
    """Without those that have others below them: these are counted in their parts."""
    above = {place for place, line in enumerate(lines[1:]) if line.depth > lines[place].depth}
    return [line for place, line in enumerate(lines) if place not in above]


def _bar(name: str, role: str, values: list[Any]) -> dict[str, Any]:
    return {"name": name, "role": role, "values": [round(value) for value in values]}


def _dash(name: str, role: str, values: list[Any]) -> dict[str, Any]:
    rounded = [None if value is None else round(value) for value in values]
    return {"name": name, "role": role, "goal": True, "values": rounded}


def _finding(found: Attainment, what: str) -> str:
    with_quota = [line for line in _ends(found.lines) if line.attained is not None]
    if not with_quota and what == "Overlay":
        return "No overlay has a quota here"
    if not with_quota:
        return f"{money(found.total.closed)} {base_currency()} are closed; nobody has a quota here"
    met = sum(line.attained >= 1 for line in with_quota if line.attained is not None)
    if found.asked.is_over:
        return f"{met} of {len(with_quota)} met the quota"
    likely = sum((line.expected or 0) >= 1 for line in with_quota)
    return f"{met} of {len(with_quota)} have met the quota, {likely} are expected to"


def _standing_table(lines: list[Line], what: str) -> dict[str, Any]:
    unit = base_currency()
    labels = ("Quota", "Closed", "Open by chance", "Usually new", "Expected")
    columns = [{"label": what}, *({"label": label, "unit": unit, "numeric": True} for label in labels)]
    rows = [{"cells": [{"text": line.name}, *_parts(line), text(interval(line))]} for line in lines]
    return {"columns": [*columns, {"label": "Interval", "numeric": True}], "rows": rows}


def _parts(line: Line) -> list[dict[str, Any]]:
    one = line.outlook
    values = [one.weighted, one.new, one.expected] if one else [None, None, None]
    return [cell(line.quota), cell(line.closed), *(cell(value) for value in values)]


def trend_chart(past: list[Past], whose: str = "") -> dict[str, Any] | None:
    """Closed beside the quota from one period to the next."""
    if not any(one.closed or one.quota for one in past):
        return None
    labels = [one.period.label for one in past]
    return {
        "id": "attainment-trend",
        "kind": "bars",
        "title": _trend_finding(past),
        "subtitle": f"Closed and quota by {past[0].period.kind}{whose}, {base_currency()}",
        "text": ", ".join(f"{one.period.label} {percent(one.attained)}" for one in past),
        "data": {
            "x": labels,
            "unit": base_currency(),
            "series": [
                _bar("Closed", "history", [one.closed for one in past]),
                _dash("Quota", "budget", [one.quota for one in past]),
            ],
        },
        "table": _trend_table(past),
    }


def _trend_finding(past: list[Past]) -> str:
    over = [one for one in past[:-1] if one.attained is not None]
    if not over:
        return "What was closed"
    met = sum(one.attained >= 1 for one in over if one.attained is not None)
    return f"The quota was met in {met} of the last {len(over)} {past[0].period.kind}s that had one"


def _trend_table(past: list[Past]) -> dict[str, Any]:
    unit = base_currency()
    return {
        "columns": [
            {"label": past[0].period.kind.value.title()},
            {"label": "Quota", "unit": unit, "numeric": True},
            {"label": "Closed", "unit": unit, "numeric": True},
            {"label": "Attained", "numeric": True},
        ],
        "rows": [
            {
                "cells": [
                    {"text": one.period.label},
                    cell(one.quota),
                    cell(one.closed),
                    text(percent(one.attained)),
                ]
            }
            for one in past
        ],
    }
