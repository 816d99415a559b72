"""How good a run is, in figures, a chart and a table by family."""

from typing import Any

import pandas as pd

from core.formats import show
from core.listing import Column, Empty
from core.pages import Section, chart_section, plain_table, table_section
from forecasting.selectors import accuracy
from forecasting.views.words import short_method

METHOD_COLUMNS = [
    Column("name", "Method", lambda row: row[0]),
    Column("n", "Demand units", lambda row: row[1], "number"),
]
FAMILY_COLUMNS = [
    Column("name", "Family", lambda row: row[1]),
    Column("series", "Demand units", lambda row: row[2].series, "number"),
    Column("revenue", "Revenue, 12 months", lambda row: row[2].revenue, "quantity"),
    Column("wape", "WAPE", lambda row: row[2].wape, "percent"),
    Column("bias", "Bias", lambda row: row[2].bias, "percent"),
    Column("mase", "MASE", lambda row: row[2].mase, "number"),
    Column("better", "Better than last year’s value", lambda row: row[2].better, "percent"),
]


def figures_of_run(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Four figures at most; each says in its help what it is."""
    all_of_it = accuracy.figures_of(frame)
    figures = [
        {
            "label": "Demand units",
            "value": show(all_of_it.series, "number")[0],
            "help": f"{all_of_it.tested} of them have enough history to be tested.",
        }
    ]
    if all_of_it.wape is None:
        return figures
    return [
        *figures,
        {
            "label": "WAPE in back-tests",
            "value": show(all_of_it.wape, "percent")[0],
            "help": "How far forecasts were off, of what was sold; weighed by revenue.",
        },
        {
            "label": "Bias in back-tests",
            "value": show(all_of_it.bias, "percent")[0],
            "help": "Above zero: more was forecast than sold; weighed by revenue.",
        },
        {
            "label": "Better than last year’s value",
            "value": show(all_of_it.better, "percent")[0],
            "help": "The share of tested demand units with a MASE below 1.",
            "tone": "good" if (all_of_it.better or 0) > 0.5 else "warn",
        },
    ]


def sections_of_run(frame: pd.DataFrame) -> list[Section]:
    families = accuracy.by_family(frame)
    nothing = Empty("Nothing to judge", "No demand unit of yours is in this run.")
    note = "Errors in back-tests, weighed by the revenue of the last twelve months."
    return [
        chart_section("Methods", _methods_chart(frame)),
        table_section("Accuracy by family", families, FAMILY_COLUMNS, empty=nothing, note=note),
    ]


def _methods_chart(frame: pd.DataFrame) -> dict[str, Any]:
    methods = accuracy.by_method(frame.assign(method=frame["method"].map(short_method)))
    nothing = Empty("No methods", "No demand unit of yours is in this run.")
    return {
        "id": "methods-chart",
        "kind": "bars",
        "title": _finding(methods, len(frame)),
        "text": "; ".join(f"{name}: {count}" for name, count in methods),
        "data": {
            "x": [name for name, _ in methods],
            "unit": "demand units",
            "sideways": True,
            "series": [
                {"name": "Demand units", "role": "statistical", "values": [count for _, count in methods]}
            ],
        },
        "table": plain_table(methods, METHOD_COLUMNS, caption="Methods used", empty=nothing),
    }


def _finding(methods: list[tuple[str, int]], units: int) -> str:
    if not methods:
        return "Methods used"
    name, count = methods[0]
    return f"{name}: {count:,} of {units:,} demand units"
