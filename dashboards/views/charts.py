"""The dashboards' charts, as parts/chart.html wants them: the finding on top, the table behind."""

import datetime as dt
from typing import Any

from catalog.models import Family
from catalog.selectors import base_currency
from core.formats import show
from dashboards.selectors.accuracy import Measured
from dashboards.selectors.comparison import Comparison, Line, moved_by_family
from dashboards.selectors.outlook import CORRELATION, Shares

BRIDGE_STEPS = 6
LARGE = 1_000_000
WORDS = {"Budget": "budget", "Last plan": "the last plan", "Last year": "last year"}


def plan_chart(seen: Comparison, shares: Shares) -> dict[str, Any]:
    """The plan's revenue by month with its interval, beside budget, last plan and last year."""
    bases = [(seen.budget, "budget"), (seen.last_cycle, "last"), (seen.last_year, "history")]
    lines = [(seen.plan, "consensus"), *((line, role) for line, role in bases if line.cells)]
    months = [f"{month:%b %y}" for month in seen.months]
    series: list[dict[str, Any]] = [
        {"name": line.name, "role": role, "values": _revenue(line, seen.months)} for line, role in lines
    ]
    band = _band(seen, shares)
    return {
        "id": "plan-chart",
        "kind": "line",
        "title": plan_finding(seen),
        "subtitle": f"Revenue by month, {base_currency()}"
        + (f", with the forecast's 80 % interval (errors correlate by {CORRELATION})" if band else ""),
        "text": f"Revenue by month from {months[0]} to {months[-1]}: {', '.join(s['name'] for s in series)}.",
        "data": {"x": months, "unit": base_currency(), "series": series, "bands": band},
        "table": _months_table(months, series, band),
    }


def plan_finding(seen: Comparison) -> str:
    """The plan against its budget, or else the last plan, or else last year, in one sentence."""
    for base in (seen.budget, seen.last_cycle, seen.last_year):
        share = change(seen, base)
        if share is not None:
            months = len(seen.together(base))
            return f"The plan is {_more(share)} {WORDS[base.name]} over {months} months"
    return f"The plan of the next {len(seen.year)} months"


def change(seen: Comparison, base: Line, measure: str = "revenue") -> float | None:
    """The plan against a base over the months that both have, as a share; None without a base."""
    months = seen.together(base)
    planned, compared = (getattr(line.over(months), measure) for line in (seen.plan, base))
    if not months or not compared or planned is None:
        return None
    return float(planned / compared - 1)


def bridge_chart(seen: Comparison) -> dict[str, Any] | None:
    """What lies between the budget (or the last plan) and the plan, family by family; None without
    either."""
    base = next((line for line in (seen.budget, seen.last_cycle) if seen.together(line)), None)
    if base is None:
        return None
    months = seen.together(base)
    ranked = moved_by_family(seen.plan, base, months)
    shown = [key for key, _ in ranked[:BRIDGE_STEPS]]
    names = dict(Family.objects.filter(pk__in=shown).values_list("pk", "name"))
    steps = [{"name": names[key], "value": round(value)} for key, value in ranked[:BRIDGE_STEPS] if value]
    rest = sum(value for _, value in ranked[BRIDGE_STEPS:])
    if round(rest):
        steps.append({"name": "All others", "value": round(rest)})
    ends = [{"name": base.name, "value": round(base.over(months).revenue), "total": True}]
    ends.append({"name": seen.plan.name, "value": round(seen.plan.over(months).revenue), "total": True})
    return _bridge(base, months, [ends[0], *steps, ends[1]], ranked, names)


def _bridge(
    base: Line, months: list[dt.date], steps: list[dict[str, Any]], ranked: list[Any], names: dict[int, str]
) -> dict[str, Any]:
    first = f"{names[ranked[0][0]]} move most" if ranked and ranked[0][1] else "nothing moved"
    span, unit, steps = f"{months[0]:%b %y} to {months[-1]:%b %y}", *_in_thousands(steps)
    return {
        "id": "bridge-chart",
        "kind": "waterfall",
        "title": f"From {base.name.lower()} to plan: {first}",
        "subtitle": f"Revenue, {unit}, {span}",
        "text": f"Differences by family between {base.name.lower()} and plan, {span}.",
        "data": {"unit": unit, "steps": steps},
        "table": {
            "caption": f"From {base.name.lower()} to plan",
            "columns": [{"label": "Step"}, {"label": "Revenue", "unit": unit, "numeric": True}],
            "rows": [{"cells": [{"text": s["name"]}, _number(s["value"])]} for s in steps],
        },
    }


def _in_thousands(steps: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Large numbers in thousands, so that the labels stay apart."""
    if max(abs(step["value"]) for step in steps) < LARGE:
        return base_currency(), steps
    unit = f"thousand {base_currency()}"
    return unit, [{**step, "value": round(step["value"] / 1000)} for step in steps]


def accuracy_chart(trend: list[Measured]) -> dict[str, Any] | None:
    """WAPE and bias of the plans, cycle by cycle; None before two were measured."""
    measured = [one for one in trend if one.wape is not None and one.is_of_a_plan]
    if len(measured) < 2:
        return None
    months = [f"{one.month:%b %y}" for one in measured]
    series = [
        {"name": "WAPE", "role": "consensus", "values": [_percent(one.wape) for one in measured]},
        {"name": "Bias", "role": "last", "values": [_percent(one.bias) for one in measured]},
    ]
    return {
        "id": "accuracy-chart",
        "kind": "line",
        "title": _accuracy_finding(measured),
        "subtitle": "Plan against sales one month ahead, % of what was sold",
        "text": f"WAPE and bias of the plans from {months[0]} to {months[-1]}.",
        "data": {"x": months, "unit": "%", "series": series},
        "table": _months_table(months, series, []),
    }


def _accuracy_finding(measured: list[Measured]) -> str:
    first, last = float(measured[0].wape or 0), float(measured[-1].wape or 0)
    word = "fell" if last < first else "rose" if last > first else "stayed"
    text = f"The plans' error {word} from {_share(first)} to {_share(last)}"
    return text if word != "stayed" else f"The plans' error stayed at {_share(last)}"


def _revenue(line: Line, months: list[dt.date]) -> list[float | None]:
    return [round(line.months[month].revenue) if month in line.months else None for month in months]


def _band(seen: Comparison, shares: Shares) -> list[dict[str, Any]]:
    """The plan's revenue times the interval's shares; nothing without a forecast."""
    if not shares:
        return []
    low: list[float | None] = []
    high: list[float | None] = []
    for month in seen.months:
        sums, share = seen.plan.months.get(month), shares.get(month)
        low.append(round(sums.revenue * share[0]) if sums and share else None)
        high.append(round(sums.revenue * share[1]) if sums and share else None)
    return [{"name": "80 % interval", "role": "statistical", "low": low, "high": high}]


def _months_table(
    months: list[str], series: list[dict[str, Any]], bands: list[dict[str, Any]]
) -> dict[str, Any]:
    names = [(one["name"], one["values"]) for one in series]
    names += [(f"{band['name']}, {end}", band[end]) for band in bands for end in ("low", "high")]
    return {
        "caption": "By month",
        "columns": [{"label": "Month"}, *({"label": name, "numeric": True} for name, _ in names)],
        "rows": [
            {"cells": [{"text": month}, *(_number(values[place]) for _, values in names)]}
            for place, month in enumerate(months)
        ],
    }


def _number(value: float | None) -> dict[str, Any]:
    kind = "quantity" if value is None or float(value).is_integer() else "number"
    return {"text": show(value, kind)[0], "numeric": True}


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _share(share: float) -> str:
    return show(share, "percent")[0]


def _more(share: float) -> str:
    if abs(share) < 0.0005:
        return "level with"
    return f"{_share(abs(share))} {'above' if share > 0 else 'below'}"
