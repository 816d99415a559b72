"""A supply plan in words, figures and charts."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from catalog.models import Resource
from catalog.selectors import base_currency
from core.formats import grouped
from core.listing import Column, Empty
from core.pages import plain_table
from planning.models import ResourceLoad, SupplyRun
from planning.selectors.supply_plan import MonthSum, full_spans

NOTHING = Empty("No months", "The plan has no months yet.")
MOST_WHYS = 4


def month_name(month: dt.date) -> str:
    return f"{month:%b %y}"


def span_name(first: dt.date, last: dt.date) -> str:
    """ "Mar 27" or "Mar 27 to May 27"."""
    return month_name(first) if first == last else f"{month_name(first)} to {month_name(last)}"


def short_money(value: float) -> str:
    """Money as key figures show it: 1.2M, 34k, 560."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{grouped(value / size, 1)}{letter}"
    return grouped(value, 0)


def plan_figures(
    run: SupplyRun, months: Sequence[MonthSum], with_costs: bool, grid: str
) -> list[dict[str, Any]]:
    """At most four figures about the plan as this person sees it."""
    late = max((month.late_revenue for month in months), default=0.0)
    lost = sum(month.lost_revenue for month in months)
    demand, short = sum(m.demand for m in months), sum(m.backlog + m.lost for m in months)
    on_time = max(1 - short / demand, 0.0) if demand else 1.0
    money = base_currency()
    figures = [
        {
            "label": "Delivered on time",
            "value": grouped(100 * on_time, 1),
            "unit": "%",
            "tone": "bad" if on_time < 0.9 else "warn" if on_time < 0.97 else "",
            "help": "Units delivered in the month they are asked for, of all units asked for.",
            "url": grid,
        },
        {
            "label": "Late or never",
            "value": short_money(late + lost),
            "unit": money,
            "title": f"{grouped(late + lost, 2)} {money}",
            "tone": "bad" if late + lost > 0.5 else "",
            "change": f"{short_money(lost)} never" if lost > 0.5 else "",
            "help": "Revenue that is owed in the worst month, and revenue that is lost for good.",
            "url": "#gaps",
        },
        _load_figure(run),
        _end_figure(months, with_costs, money),
    ]
    return [figure for figure in figures if figure]


def _load_figure(run: SupplyRun) -> dict[str, Any]:
    most = run.summary["most_loaded"]
    if most is None:
        return {}
    month = dt.date.fromisoformat(f"{most['month']}-01")
    return {
        "label": "Highest load",
        "value": grouped(100 * most["share"], 0),
        "unit": "%",
        "change": f"{most['resource']}, {month_name(month)}",
        "tone": "warn" if most["share"] > 1.001 else "",
        "help": "Of regular capacity; above 100 % is overtime.",
        "url": "#load",
    }


def _end_figure(months: Sequence[MonthSum], with_costs: bool, money: str) -> dict[str, Any]:
    if not months:
        return {}
    last = months[-1]
    against = f"target {short_money(last.target)} units"
    if with_costs:
        exact = f"{grouped(last.stock_value, 2)} {money}"
        value = {"value": short_money(last.stock_value), "unit": money, "title": exact}
    else:
        value = {"value": short_money(last.stock), "unit": "units", "title": grouped(last.stock, 0)}
    return {"label": "Stock at the end", "change": against, "url": "#stock", "help": "At cost."} | value


def whys(run: SupplyRun, loads: dict[Resource, list[ResourceLoad]], with_costs: bool) -> list[str]:
    """What holds the plan back, the dearest first, in sentences."""
    spans = [
        (price, resource, first, last)
        for resource, rows in loads.items()
        for first, last, price in full_spans(rows)
    ]
    spans.sort(key=lambda span: -span[0])
    money = base_currency()
    return [
        f"{resource.name} is full {span_name(first, last)}: what is beyond waits, is bought or made earlier."
        + (f" One more {resource.unit} would save up to {grouped(price, 2)} {money}." if with_costs else "")
        for price, resource, first, last in spans[:MOST_WHYS]
    ]


def load_chart(loads: dict[Resource, list[ResourceLoad]]) -> dict[str, Any]:
    """A heat-map: what is wanted of each resource, in percent of its regular capacity."""
    resources = list(loads)
    months = [row.month for row in next(iter(loads.values()), [])]
    names = _told_apart(resources)
    shares = [[_share(row) for row in loads[resource]] for resource in resources]
    cells = [[x, y, share] for y, row in enumerate(shares) for x, share in enumerate(row)]
    title = _load_title(loads)
    return {
        "id": "load",
        "kind": "heat",
        "title": title,
        "subtitle": "What demand asks of each resource, in % of its regular capacity",
        "text": title,
        "data": {
            "x": [month_name(month) for month in months],
            "y": names,
            "unit": "%",
            "cells": cells,
            "limit": 100,
        },
        "table": _load_table(resources, months, shares),
    }


def _told_apart(resources: list[Resource]) -> list[str]:
    """Names of resources; those that share a name carry their code."""
    shared = Counter(resource.name for resource in resources)
    return [
        f"{resource.name} ({resource.code})" if shared[resource.name] > 1 else resource.name
        for resource in resources
    ]


def _share(row: ResourceLoad) -> float:
    return round(100 * row.wanted / row.regular) if row.regular else (999.0 if row.wanted > 0 else 0.0)


def _load_title(loads: dict[Resource, list[ResourceLoad]]) -> str:
    over = {
        resource.name: sum(row.wanted > row.regular + row.overtime_limit + 1e-6 for row in rows)
        for resource, rows in loads.items()
    }
    worst = max(over, key=lambda name: over[name], default="")
    if not worst or not over[worst]:
        return "Every resource can meet demand when it is asked for"
    months = f"{over[worst]} {'month' if over[worst] == 1 else 'months'}"
    return f"{worst} is wanted for more than it has in {months}"


def _at(place: int) -> Callable[[Any], Any]:
    """The value of a table's row, (name, values), at a place."""
    return lambda row: row[1][place]


def _load_table(
    resources: list[Resource], months: list[dt.date], shares: list[list[float]]
) -> dict[str, Any]:
    columns = [Column("name", "Resource", lambda row: row[0])]
    columns += [
        Column(f"m{place}", month_name(month), _at(place), "quantity", unit="%")
        for place, month in enumerate(months)
    ]
    rows = list(zip(_told_apart(resources), shares, strict=True))
    return plain_table(rows, columns, caption="Load of resources", empty=NOTHING)


def stock_chart(months: Sequence[MonthSum], key: str = "stock") -> dict[str, Any]:
    """Projected stock against its target, and what is owed, by month in units."""
    series = [
        ("Stock", "supply", [month.stock for month in months]),
        ("Target", "budget", [month.target for month in months]),
        ("Owed", "last", [month.backlog for month in months]),
        ("Demand", "consensus", [month.demand for month in months]),
    ]
    return line_chart(key, _stock_title(months), "Units at the end of each month", months, series)


def _stock_title(months: Sequence[MonthSum]) -> str:
    owed = [month for month in months if month.backlog > 0.5]
    if owed:
        worst = max(owed, key=lambda month: month.backlog)
        return f"Orders wait in {len(owed)} of {len(months)} months, most in {month_name(worst.month)}"
    below = sum(month.stock < month.target - 0.5 for month in months)
    return (
        f"Stock is below its target in {below} of {len(months)} months" if below else "Stock meets its target"
    )


def line_chart(
    key: str,
    title: str,
    subtitle: str,
    months: Sequence[Any],
    series: list[tuple[str, str, list[float]]],
    unit: str = "units",
) -> dict[str, Any]:
    """A chart of lines over the months with the table behind it."""
    names = [month_name(month.month) for month in months]
    rows = [(names[at], [values[at] for _, _, values in series]) for at in range(len(names))]
    columns = [Column("month", "Month", lambda row: row[0])]
    columns += [
        Column(f"s{place}", name, _at(place), "quantity", unit=unit)
        for place, (name, _, _) in enumerate(series)
    ]
    return {
        "id": key,
        "kind": "line",
        "title": title,
        "subtitle": subtitle,
        "text": title,
        "data": {
            "x": names,
            "unit": unit,
            "series": [
                {"name": name, "role": role, "values": [round(value, 2) for value in values]}
                for name, role, values in series
            ],
        },
        "table": plain_table(rows, columns, caption=title, empty=NOTHING),
    }


COST_WORDS = {
    "make": "Making, with regular time",
    "overtime": "Overtime, on top of regular time",
    "buy": "Buying and outsourcing",
    "holding": "Keeping stock",
    "late": "Delivering late",
}


def cost_table(run: SupplyRun) -> dict[str, Any]:
    """What the plan costs, by what it pays for."""
    costs = run.summary["costs"]
    rows = [(COST_WORDS[kind], costs[kind], costs[kind] / (run.summary["cost"] or 1)) for kind in COST_WORDS]
    rows.append(("All of it", run.summary["cost"], 1.0 if run.summary["cost"] else 0.0))
    columns = [
        Column("what", "Paid for", lambda row: row[0]),
        Column("cost", "Cost", lambda row: row[1], "money", unit=base_currency()),
        Column("share", "Share", lambda row: row[2], "percent"),
    ]
    return plain_table(rows, columns, caption="Over all months of the plan", empty=NOTHING)
