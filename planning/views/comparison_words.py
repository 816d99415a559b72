"""The plan beside demand, budget and last plan: figures, tables and charts."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from catalog.selectors import base_currency
from core.formats import grouped, short
from core.listing import Column, Empty
from core.pages import plain_table
from planning.selectors.comparison import Comparison
from planning.selectors.contradictions import Contradiction

NAMES = {"demand": "Demand", "plan": "Plan", "budget": "Budget", "last": "Last plan"}
ROLES = {"demand": "consensus", "plan": "supply", "budget": "budget", "last": "last"}
STEPS = 6
EMPTY = Empty("No families in your scope", "The plan holds nothing that you may see.")


def unit_of(measure: str) -> str:
    return "units" if measure == "units" else base_currency()


def percent(share: float | None, *, sign: bool = True) -> str:
    """+3.2 %, −1.0 %."""
    if share is None or share != share:
        return "–"
    return f"{'+' if sign and share > 0 else ''}{grouped(share * 100, 1)} %"


def change(comparison: Comparison, source: str, measure: str) -> float | None:
    """The plan against a source on the months both cover, as a share of the source."""
    months = comparison.months_of(source)
    here, there = comparison.total("plan", measure, months), comparison.total(source, measure, months)
    return here / there - 1 if here is not None and there else None


def figures_of(comparison: Comparison, found: list[Contradiction]) -> list[dict[str, Any]]:
    """Revenue against budget and last plan, demand supplied, and what is left to decide."""
    revenue, money = comparison.total("plan", "revenue"), base_currency()
    waiting = [row for row in found if not row.is_settled]
    asked, planned = (comparison.total(name, "units") for name in ("demand", "plan"))
    supplied = planned / asked if asked and planned is not None else None
    return [
        {
            "label": "Plan, revenue",
            "value": short(revenue),
            "unit": money,
            "title": f"{grouped(revenue or 0, 2)} {money}",
            "change": percent(change(comparison, "budget", "revenue")),
            "change_base": "on budget",
        },
        {
            "label": "Against the last plan",
            "value": percent(change(comparison, "last", "revenue")),
            "help": "Revenue of the months that both plans cover.",
            "change": f"{comparison.last}" if comparison.last else "no earlier plan",
        },
        {
            "label": "Demand supplied",
            "value": percent(supplied, sign=False),
            "change": "of the units asked for",
        },
        {
            "label": "To be decided",
            "value": len(waiting),
            "tone": "bad" if waiting else "good",
            "change": f"of {len(found)}, {short(sum(row.money for row in waiting))} {money}",
            "url": "#contradictions",
        },
    ]


def family_table(comparison: Comparison, measure: str) -> dict[str, Any]:
    """Families by size: the horizon's demand and plan, and the plan against budget and last plan."""
    table = comparison.by("family", measure).sort_values("plan", ascending=False)
    like = {name: comparison.by("family", measure, comparison.months_of(name)) for name in ("budget", "last")}
    rows = [_family(comparison, key, row, like) for key, row in table.iterrows()]
    unit = unit_of(measure)
    columns = [
        Column("name", "Family", lambda row: row["name"]),
        Column("demand", "Demand", lambda row: row["demand"], "quantity", unit=unit),
        Column("plan", "Plan", lambda row: row["plan"], "quantity", unit=unit),
        Column("gap", "Plan less demand", lambda row: row["gap"], "quantity", unit=unit),
        Column("budget", "Budget", lambda row: row["budget"], "quantity", unit=unit),
        Column(
            "on_budget",
            "On budget",
            lambda row: row["on_budget"],
            "percent",
            help="The plan against the budget, in the months that the budget covers.",
        ),
        Column("last", "Last plan", lambda row: row["last"], "quantity", unit=unit),
        Column(
            "on_last",
            "On last plan",
            lambda row: row["on_last"],
            "percent",
            help="The plan against the last plan, in the months that both cover.",
        ),
    ]
    return plain_table(rows, columns, caption="Families", empty=EMPTY)


def _family(comparison: Comparison, key: int, row: pd.Series, like: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": comparison.families[key].name}
    found |= {name: _known(row[name]) for name in NAMES}
    if found["plan"] is not None and found["demand"] is not None:
        found["gap"] = _rounded(found["plan"] - found["demand"])
    for name, table in like.items():
        found[f"on_{name}"] = _share(table.loc[key], name) if key in table.index else None
    return {"gap": None, **found}


def _share(row: pd.Series, source: str) -> float | None:
    """The plan against a source, as a share of the source; None where that says nothing."""
    base = _known(row[source])
    return float(row["plan"]) / base - 1 if base else None


def _rounded(value: float) -> float:
    """Whole units or money, without the minus of a sum that is off by a millionth."""
    return round(value) + 0.0


def _known(value: float) -> float | None:
    return None if value != value else float(value)


def months_chart(comparison: Comparison, measure: str) -> dict[str, Any]:
    """The four by month, as lines."""
    table = comparison.by("month", measure).reindex(comparison.months)
    labels = [f"{month:%b %y}" for month in comparison.months]
    series = [
        {"name": NAMES[name], "role": ROLES[name], "values": [_known(value) for value in table[name]]}
        for name in NAMES
        if table[name].notna().any()
    ]
    unit = unit_of(measure)
    return {
        "id": "months",
        "kind": "line",
        "title": f"{'Units' if measure == 'units' else measure.title()} by month",
        "subtitle": unit,
        "text": _in_words(comparison, measure),
        "data": {"x": labels, "unit": unit, "series": series},
        "table": plain_table(
            list(zip(comparison.months, table.itertuples(index=False), strict=True)),
            [
                Column("month", "Month", lambda row: row[0], "month"),
                *[
                    Column(name, label, _at(at), "quantity", unit=unit)
                    for at, (name, label) in enumerate(NAMES.items())
                ],
            ],
            caption="By month",
            empty=EMPTY,
        ),
    }


def _at(place: int) -> Callable[[Any], float | None]:
    """The number in one place of a row of the table by month."""
    return lambda row: _known(row[1][place])


def _in_words(comparison: Comparison, measure: str) -> str:
    parts = [
        f"{percent(share)} on {word}"
        for word, share in (
            ("budget", change(comparison, "budget", measure)),
            ("the last plan", change(comparison, "last", measure)),
        )
        if share is not None
    ]
    total = grouped(comparison.total("plan", measure) or 0, 0)
    return f"The plan comes to {total} {unit_of(measure)}{': ' if parts else '.'}{', '.join(parts)}"


def bridge_chart(comparison: Comparison, measure: str) -> dict[str, Any] | None:
    """From the budget to the plan: what each family's demand adds, and what is not supplied."""
    months = comparison.budgeted
    table = comparison.by("family", measure, months).dropna(subset=["budget"], how="all")
    if table.empty:
        return None
    everything = comparison.by("family", measure, months).fillna(0.0)
    moves = (everything["demand"] - everything["budget"]).sort_values(key=abs, ascending=False)
    steps = [{"name": "Budget", "value": _rounded(everything["budget"].sum()), "total": True}]
    steps += [
        {"name": comparison.families[key].name, "value": _rounded(value)}
        for key, value in moves.iloc[:STEPS].items()
    ]
    if len(moves) > STEPS:
        steps.append({"name": "Other families", "value": _rounded(moves.iloc[STEPS:].sum())})
    short_of = _rounded((everything["plan"] - everything["demand"]).sum())
    steps += [
        {"name": "Supply", "value": short_of},
        {"name": "Plan", "value": _rounded(everything["plan"].sum()), "total": True},
    ]
    unit = unit_of(measure)
    return {
        "id": "bridge",
        "kind": "waterfall",
        "title": "From budget to plan",
        "subtitle": f"{unit}, {months[0]:%b %y} to {months[-1]:%b %y}, the months that the budget covers",
        "text": ", ".join(f"{step['name']} {grouped(step['value'], 0)}" for step in steps) + ".",
        "data": {"unit": unit, "steps": steps},
        "table": plain_table(
            steps,
            [
                Column("name", "Step", lambda row: row["name"]),
                Column("value", "Change", lambda row: row["value"], "quantity", unit=unit),
            ],
            caption="From budget to plan",
            empty=EMPTY,
        ),
    }
