"""The dashboards' key figures and the comparison as a table; every number opens its explanation."""

import datetime as dt
from typing import Any

from catalog.engine.months import months_from
from catalog.selectors import base_currency
from core.explain import address
from core.formats import show
from dashboards.selectors.accuracy import Measured
from dashboards.selectors.comparison import Comparison, Line, Sums
from dashboards.views.charts import change

MEASURES = (("revenue", "Revenue"), ("margin", "Margin"), ("units", "Units"))


def plan_figures(seen: Comparison, trend: list[Measured], *, shows_costs: bool) -> list[dict[str, Any]]:
    """Revenue, against budget, margin, accuracy: at most four."""
    year = seen.year
    total = seen.plan.over(year)
    figures = [
        {
            "label": f"Revenue, next {len(year)} months",
            "value": show(total.revenue, "quantity")[0],
            "unit": base_currency(),
            "url": explained(seen.plan, year, "revenue"),
            "help": "Where this number comes from",
            **_against(seen, seen.last_cycle, "revenue", "on the last plan"),
        },
        _of_budget(seen),
        _margin(seen, total) if shows_costs else None,
        accuracy_figure(trend),
    ]
    return [figure for figure in figures if figure]


def _of_budget(seen: Comparison) -> dict[str, Any] | None:
    share = change(seen, seen.budget)
    if share is None:
        return None
    months = seen.together(seen.budget)
    gap = seen.plan.over(months).revenue - seen.budget.over(months).revenue
    return {
        "label": "Against budget",
        "value": signed(share),
        "change": f"{signed_amount(gap)} {base_currency()}",
        "change_base": f"over {len(months)} months",
        "url": explained(seen.budget, months, "revenue"),
    }


def _margin(seen: Comparison, total: Sums) -> dict[str, Any] | None:
    if total.margin is None or not total.revenue:
        return None
    return {
        "label": "Margin",
        "value": show(total.margin / total.revenue, "percent")[0],
        "unit": "of revenue",
        "url": explained(seen.plan, seen.year, "margin"),
        **_against(seen, seen.last_cycle, "margin", "on the last plan"),
    }


def accuracy_figure(trend: list[Measured]) -> dict[str, Any] | None:
    """The newest measured error, with its bias."""
    last = next((one for one in reversed(trend) if one.wape is not None), None)
    if last is None:
        return None
    what = "Plan" if last.is_of_a_plan else "Back-test"
    return {
        "label": f"{what} error (WAPE), {last.month:%b %y}",
        "value": show(last.wape, "percent")[0],
        "change": f"bias {signed(last.bias)}" if last.bias is not None else "",
        "url": "/monitoring/",
        "help": "Sum of absolute errors by what was sold, one month ahead.",
    }


def _against(seen: Comparison, base: Line, measure: str, words: str) -> dict[str, str]:
    share = change(seen, base, measure)
    return {} if share is None else {"change": signed(share), "change_base": words}


def comparison_table(seen: Comparison, *, shows_costs: bool) -> dict[str, Any]:
    """Revenue, margin and units of the plan beside each base over the months that both have."""
    bases = [base for base in (seen.budget, seen.last_cycle, seen.last_year) if seen.together(base)]
    measures = [pair for pair in MEASURES if shows_costs or pair[0] != "margin"]
    return {
        "caption": f"The plan of {seen.year[0]:%b %Y} to {seen.year[-1]:%b %Y} compared",
        "columns": [
            {"label": "Measure"},
            {"label": seen.plan.name, "numeric": True},
            *(column for base in bases for column in _headings(seen, base)),
        ],
        "rows": [
            {
                "cells": [
                    {"text": label, "title": base_currency() if measure != "units" else ""},
                    _amount(seen.plan, seen.year, measure),
                    *(cell for base in bases for cell in _compared(seen, base, measure)),
                ]
            }
            for measure, label in measures
        ],
    }


def _headings(seen: Comparison, base: Line) -> list[dict[str, Any]]:
    months = len(seen.together(base))
    note = "" if months == len(seen.year) else f"{months} months"
    return [
        {"label": base.name, "unit": note, "numeric": True},
        {"label": "Plan is", "unit": "%", "numeric": True, "help": f"Plan by {base.name.lower()}, less one."},
    ]


def _compared(seen: Comparison, base: Line, measure: str) -> list[dict[str, Any]]:
    share = change(seen, base, measure)
    text = signed(share) if share is not None else ""
    return [_amount(base, seen.together(base), measure), {"text": text, "numeric": True}]


def _amount(line: Line, months: list[dt.date], measure: str) -> dict[str, Any]:
    value = getattr(line.over(months), measure)
    if value is None:
        return {"text": "", "numeric": True}
    text = show(value, "quantity")[0]
    return {"text": text, "numeric": True, "url": explained(line, months, measure)}


def explained(line: Line, months: list[dt.date], measure: str) -> str:
    """The address that explains a line's sum over months; empty where it has none."""
    if not line.explained or not months:
        return ""
    kind, *begin = line.explained
    if kind == "budget-total" and measure == "margin":
        return ""
    first, last = months[0], months[-1]
    if kind == "sales-total":
        first, last = (months_from(month, -12)[0] for month in (first, last))
    return address(kind, *begin, None, None, first, last, measure)


def signed(share: float | None) -> str:
    """A share with its sign: +3.1 %, −0.4 %."""
    if share is None:
        return ""
    text = show(share, "percent")[0]
    return f"+{text}" if share > 0 else text


def signed_amount(value: float) -> str:
    text = show(value, "quantity")[0]
    return f"+{text}" if value > 0 else text
