"""Charts of a study, each with its table."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from catalog.engine.months import months_from
from compensation.engine.simulation import Bin, histogram
from compensation.models import Study
from compensation.views.study_words import Person, money, share, signed
from core.formats import grouped, short
from core.pages import Section, chart_section

PARTS = 5
MOST = 10  # winners, and losers


def cost_chart(study: Study, results: dict[str, Any]) -> Section:
    """Cost by month, beside the other plan."""
    sides, unit = results["sides"], results["currency"]
    months = [f"{month:%b %y}" for month in months_from(study.first_month, 12)]
    series = [_series("This plan", "consensus", sides["plan"]["months"])]
    if "base" in sides:
        series.append(_series("Beside it", "last", sides["base"]["months"]))
    return _chart(
        "study-cost",
        "bars",
        _cost_finding(results),
        f"Pay by month, {unit}",
        {"x": months, "unit": unit, "series": series},
        _columns("Month", [(one["name"], unit) for one in series]),
        [[month, *(money(one["values"][n], 2) for one in series)] for n, month in enumerate(months)],
    )


def _cost_finding(results: dict[str, Any]) -> str:
    plan, base = results["sides"]["plan"], results["sides"].get("base")
    unit = results["currency"]
    if base is None:
        return f"The year costs {short(Decimal(plan['total']))} {unit}"
    change = Decimal(plan["total"]) - Decimal(base["total"])
    if not change:
        return "Both plans cost the same"
    more = "more" if change > 0 else "less"
    return f"The plan costs {short(abs(change))} {unit} {more} than the one beside it"


def turns_chart(results: dict[str, Any], people: list[Person]) -> Section | None:
    """The largest gains and losses."""
    changed = [one for one in people if one.change]
    if not changed:
        return None
    shown = changed if len(changed) <= 2 * MOST else [*changed[:MOST], *changed[-MOST:]]
    up = sum((one.change or 0) > 0 for one in changed)
    unit = results["currency"]
    some = f", the {MOST} largest of each" if len(shown) < len(changed) else ""
    return _chart(
        "study-turns",
        "bars",
        f"{up} would earn more, {len(changed) - up} less, {len(people) - len(changed)} the same",
        f"Change of the year's pay, {unit}{some}",
        {
            "x": [one.name for one in shown],
            "unit": unit,
            "sideways": True,
            "series": [_series("Change", "consensus", [one.change for one in shown])],
        },
        _columns("Rep", [("Change", unit)]),
        [[one.name, signed(one.change, 2)] for one in shown],
        tall=len(shown) > 7,
    )


def attained_chart(people: list[Person]) -> Section | None:
    """How many attained how much."""
    known = np.array([one.attained for one in people if one.attained is not None], float)
    if not len(known):
        return None
    bins = histogram(100 * known)
    met = int((known >= 1).sum())
    rows = [[f"{grouped(one.low, 0)} to {grouped(one.high, 0)} %", str(one.count)] for one in bins]
    return _chart(
        "study-attained",
        "histogram",
        f"{met} of {len(known)} met the quota; the median is {share(np.median(known))}",
        "People by what they attained of their quota in these months",
        {"unit": "%", "bins": _bins(bins), "mark": 100},
        _columns("Attained", [("People", "")]),
        rows,
    )


def pay_chart(results: dict[str, Any], people: list[Person]) -> Section | None:
    """How pay is spread."""
    paid = np.array([float(one.after) for one in people])
    if not len(paid):
        return None
    bins, unit, middle = histogram(paid), results["currency"], float(np.median(paid))
    rows = [[f"{grouped(one.low, 0)} to {grouped(one.high, 0)}", str(one.count)] for one in bins]
    return _chart(
        "study-pay",
        "histogram",
        f"Half of the people are paid less than {short(middle)} {unit}",
        "People by variable pay of the year, this plan",
        {"unit": unit, "bins": _bins(bins), "mark": round(middle)},
        _columns(f"Pay, {unit}", [("People", "")]),
        rows,
    )


def levels_chart(results: dict[str, Any]) -> Section:
    """What each level of attainment costs."""
    sides, unit = results["sides"], results["currency"]
    levels = sides["plan"]["levels"]
    series = [_series("This plan", "consensus", [one["cost"] for one in levels])]
    if "base" in sides:
        series.append(_series("Beside it", "last", [one["cost"] for one in sides["base"]["levels"]]))
    at = {round(one["level"], 1): Decimal(one["cost"]) for one in levels}
    low, mid, high = (short(at[level]) for level in (0.8, 1.0, 1.2))
    labels = [share(one["level"], 0) for one in levels]
    return _chart(
        "study-levels",
        "line",
        f"At 80 %, 100 % and 120 % of the quotas: {low}, {mid} and {high} {unit}",
        "Cost if everybody attained so much, per component with a quota",
        {"x": labels, "unit": unit, "series": series},
        _columns("Everybody at", [(one["name"], unit) for one in series]),
        [[label, *(money(one["values"][n], 2) for one in series)] for n, label in enumerate(labels)],
    )


def curve_chart(results: dict[str, Any]) -> Section | None:
    """Pay as a share of the target pay, by component and whole."""
    plan, base = results["sides"]["plan"], results["sides"].get("base")
    curve = plan["curve"]
    if not curve:
        return None
    names = {part["code"]: part["name"] for part in plan["parts"]}
    codes = [code for code in names if any(point["parts"].get(code) for point in curve)]
    series = [_percents("Whole pay", "history", [point["share"] for point in curve])]
    if base and len(base["curve"]) == len(curve):
        series.append(_percents("Beside it, whole", "last", [point["share"] for point in base["curve"]]))
    if len(codes) > 1:
        series += [
            _percents(names[code], f"part-{n + 1}", [point["parts"].get(code, 0) for point in curve])
            for n, code in enumerate(codes[:PARTS])
        ]
    labels = [share(point["level"], 0) for point in curve]
    at_quota = next(point["share"] for point in curve if point["level"] == 1)
    return _chart(
        "study-curve",
        "line",
        f"Who meets the quota is paid {share(at_quota, 0)} of the target pay",
        "Payout curve: pay as a share of the whole target pay, by attainment",
        {"x": labels, "unit": "%", "series": series},
        _columns("Attained", [(one["name"], "%") for one in series]),
        [[label, *(grouped(one["values"][n], 1) for one in series)] for n, label in enumerate(labels)],
    )


def chance_chart(study: Study, results: dict[str, Any]) -> Section | None:
    """How often the year costs how much."""
    chance, unit = results["sides"]["plan"]["chance"], results["currency"]
    if "missing" in chance or not chance["bins"]:
        return None
    low, high = short(Decimal(chance["p10"])), short(Decimal(chance["p90"]))
    budget = results["asked"]["budget"]
    mark = float(budget) if budget else float(chance["mean"])
    bins = [Bin(one["from"], one["to"], one["count"]) for one in chance["bins"]]
    rows = [[f"{grouped(one.low, 0)} to {grouped(one.high, 0)}", str(one.count)] for one in bins]
    return _chart(
        "study-chance",
        "histogram",
        f"Eight years in ten cost between {low} and {high} {unit}",
        f"{grouped(study.draws, 0)} draws of everybody's attainment; the mark is the "
        f"{'budget' if budget else 'mean'}",
        {"unit": unit, "bins": _bins(bins), "mark": round(mark)},
        _columns(f"Cost, {unit}", [("Draws", "")]),
        rows,
    )


def _series(name: str, role: str, values: Sequence[Any]) -> dict[str, Any]:
    return {"name": name, "role": role, "values": [round(float(value), 2) for value in values]}


def _percents(name: str, role: str, shares: Sequence[float]) -> dict[str, Any]:
    return {"name": name, "role": role, "values": [round(100 * one, 1) for one in shares]}


def _bins(bins: list[Bin]) -> list[dict[str, Any]]:
    return [{"from": round(one.low, 6), "to": round(one.high, 6), "count": one.count} for one in bins]


def _columns(first: str, numbers: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"label": first}, *({"label": label, "unit": unit, "numeric": True} for label, unit in numbers)]


def _chart(
    key: str,
    kind: str,
    title: str,
    subtitle: str,
    data: dict[str, Any],
    columns: list[dict[str, Any]],
    rows: list[list[str]],
    *,
    tall: bool = False,
) -> Section:
    """rows: texts, the first of each is the row's name. The same in words is made from them."""
    cells = [
        {"cells": [{"text": row[0]}, *({"text": text, "numeric": True} for text in row[1:])]} for row in rows
    ]
    chart = {
        "id": key,
        "kind": kind,
        "title": title,
        "subtitle": subtitle,
        "text": "; ".join(f"{row[0]}: {', '.join(row[1:])}" for row in rows),
        "data": data,
        "table": {"columns": columns, "rows": cells},
        "tall": tall,
    }
    return chart_section(title, chart)
