"""Coverage of the quota by what is won and open in a period, by forecast category."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from catalog.engine.months import add_months
from catalog.selectors import base_currency
from core import company
from core.access import person_of
from core.formats import grouped, show
from core.listing import Empty, query_without
from crm.filters.pipeline import PeriodFilter, this_quarter
from crm.models import ForecastCategory
from crm.selectors.pipeline_coverage import Coverage, Line, coverage
from crm.selectors.pipeline_groups import NONE
from crm.views.pipeline_base import (
    PipelinePage,
    behind,
    figure,
    head,
    number,
    switches,
)

NO_LINES = Empty(
    "Nothing to cover in these days",
    "Here stand, rep by rep, the quota, what was won, and the open deals that close in these days. "
    "Quotas come with the import of targets.",
)
BY = [("rep", "Rep"), ("team", "Team")]
PARTS = (
    ("won", "Won", "history"),
    ("commit", "Commit", "part-2"),
    ("best_case", "Best case", "part-1"),
    ("pipeline", "Pipeline", "part-5"),
)


class PipelineCoverage(PipelinePage):
    """Quota, won, forecast categories and coverage of a period."""

    filterset_class = PeriodFilter

    def get(self, request: HttpRequest) -> HttpResponse:
        filters = self.filters(request)
        first, last = filters.days
        by = "team" if request.GET.get("by") == "team" else "rep"
        found = coverage(person_of(request), filters.qs, first, last)
        links = _Links(request, first, last)
        context = {
            "filter": filters,
            "days": (first, last),
            "presets": _presets(request, first, last),
            "by": switches(request, "by", BY, by),
            "figures": _figures(found, links),
            "chart": _chart(found) if found.months else None,
            "table": _table(found.teams if by == "team" else found.reps, by, found.total, links),
            "enough": company.value("coverage_factor"),
            "overdue": found.overdue,
            "overdue_amount": found.overdue_amount,
            "overdue_url": behind(request, state="open", closes_to=first - dt.timedelta(days=1)),
            "market_quotas": found.quotas_of_markets,
            "currency": base_currency(),
        }
        return render(request, "crm/pipeline/coverage.html", context)


def _presets(request: HttpRequest, first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """This month, this quarter, the next quarter, as links."""
    begins, ends = this_quarter()
    after = ends + dt.timedelta(days=1)
    month = timezone.localdate().replace(day=1)
    spans = [
        ("This month", month, add_months(month, 1) - dt.timedelta(days=1)),
        ("This quarter", begins, ends),
        ("Next quarter", after, add_months(after, 3) - dt.timedelta(days=1)),
    ]
    rest = query_without(request, "first", "last")
    return [
        {"label": label, "url": f"?{rest}first={a}&last={b}", "on": (a, b) == (first, last)}
        for label, a, b in spans
    ]


class _Links:
    """Addresses of the deals behind the numbers of a line."""

    def __init__(self, request: HttpRequest, first: dt.date, last: dt.date) -> None:
        self.request, self.first, self.last = request, first, last

    def open(self, **asked: Any) -> str:
        return behind(self.request, state="open", closes_from=self.first, closes_to=self.last, **asked)

    def won(self, **asked: Any) -> str:
        return behind(self.request, state="won", closed_from=self.first, closed_to=self.last, **asked)


def _times(value: Any) -> str:
    return "" if value is None else f"{grouped(value, 1)}×"


def _figures(found: Coverage, links: _Links) -> list[dict[str, Any]]:
    total = found.total
    attained = show(total.attained, "percent")[0]
    return [
        figure("Quota", total.quota, change=f"{attained} attained" if total.quota else "no quota yet"),
        figure("Won", total.won, url=links.won()),
        figure(
            "Open", total.open, change=f"weighted {show(total.weighted, 'quantity')[0]}", url=links.open()
        ),
        {
            "label": "Coverage",
            "value": _times(total.coverage) or "–",
            "help": "Open deals of the period over what of the quota is still missing.",
            "change": _gap_in_words(total),
            "tone": _tone(total),
        },
    ]


def _gap_in_words(line: Line) -> str:
    if line.gap is None:
        return "no quota to cover"
    if line.gap <= 0:
        return "the quota is met"
    return f"{show(line.gap, 'quantity')[0]} {base_currency()} missing"


def _tone(line: Line) -> str:
    if line.gap is None:
        return ""
    if line.gap <= 0:
        return "good"
    return "good" if (line.coverage or 0) >= company.value("coverage_factor") else "warn"


def _chart(found: Coverage) -> dict[str, Any]:
    """Won and open by category, month by month, beside the quota."""
    months = [month for month, _ in found.months]
    lines = [line for _, line in found.months]
    series: list[dict[str, Any]] = [
        {"name": label, "role": role, "values": [round(getattr(line, name)) for line in lines]}
        for name, label, role in PARTS
    ]
    if found.total.quota is not None:
        quotas = [None if line.quota is None else round(line.quota) for line in lines]
        series.append({"name": "Quota", "role": "budget", "goal": True, "values": quotas})
    return {
        "id": "coverage-chart",
        "kind": "stacked",
        "title": _finding(found),
        "subtitle": f"{base_currency()} by the month in which deals closed or are to close",
        "text": f"Won, commit, best case and pipeline of {len(months)} months.",
        "data": {"x": [f"{month:%b %y}" for month in months], "unit": base_currency(), "series": series},
        "table": _months_table(found),
    }


def _finding(found: Coverage) -> str:
    total, money = found.total, base_currency()
    if total.quota is None:
        return f"{show(total.won, 'quantity')[0]} {money} are won, {show(total.open, 'quantity')[0]} are open"
    sure = total.won + total.commit
    side = "above" if sure >= total.quota else "below"
    gap = show(abs(sure - total.quota), "quantity")[0]
    return f"Won and commit are {gap} {money} {side} the quota"


def _heads(first: str) -> list[dict[str, Any]]:
    money = base_currency()
    return [
        {"label": first},
        head("Quota", money),
        head("Won", money),
        head("Missing", money, "Quota less won."),
        *(head(label, money) for _, label, _ in PARTS[1:]),
        head("Weighted", money, "Open deals times their chance of being won."),
        head("Expected", money, "Won and weighted."),
        {"label": "Coverage", "help": "Open deals over what is missing."},
    ]


def _months_table(found: Coverage) -> dict[str, Any]:
    return {
        "caption": "By month",
        "columns": _heads("Month"),
        "rows": [{"cells": _cells({"text": line.name}, line, None, {})} for _, line in found.months],
        "empty": NO_LINES,
    }


def _table(lines: list[Line], by: str, total: Line, links: _Links) -> dict[str, Any]:
    rows = [
        {"cells": _cells({"text": line.name}, line, links, {by: line.key or NONE})}
        for line in [*lines, *([total] if len(lines) > 1 else [])]
    ]
    if len(lines) > 1:
        rows[-1] = {"cells": _cells({"text": "All"}, total, links, {})}
    return {
        "caption": f"Coverage by {by}",
        "columns": _heads(dict(BY)[by]),
        "rows": rows,
        "empty": NO_LINES,
    }


def _cells(
    name: dict[str, Any], line: Line, links: _Links | None, group: dict[str, str]
) -> list[dict[str, Any]]:
    def opened(**asked: str) -> str:
        return links.open(**group, **asked) if links else ""

    tone = _tone(line)
    return [
        name,
        number(line.quota, "quantity"),
        number(line.won, "quantity", links.won(**group) if links else ""),
        number(line.gap, "quantity"),
        *(
            number(getattr(line, category.value), "quantity", opened(category=category.value))
            for category in (ForecastCategory.COMMIT, ForecastCategory.BEST_CASE, ForecastCategory.PIPELINE)
        ),
        number(line.weighted, "quantity", opened()),
        number(line.expected, "quantity"),
        {"text": _coverage_word(line), "badge": tone or "quiet"},
    ]


def _coverage_word(line: Line) -> str:
    if line.gap is None:
        return "No quota"
    return "Met" if line.gap <= 0 else _times(line.coverage)
