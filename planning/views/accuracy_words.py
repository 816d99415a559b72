"""Accuracy in figures, tables and charts."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from catalog.selectors import base_currency
from core.formats import short, show
from core.listing import Column, Empty
from core.pages import plain_table
from forecasting.engine.measures import Measures
from planning.forms.accuracy import MEASURES
from planning.selectors.accuracy_cells import MAKERS
from planning.selectors.accuracy_table import LEVELS, Row
from planning.views.comparison_words import percent

SIGNAL = 4.0
SHARES = {"wape", "bias"}
NOTHING = Empty(
    "Nothing to compare yet",
    "Accuracy compares released plans with what was sold afterwards. As soon as a planned month is over "
    "and its sales are imported, it is measured here; a longer lag needs older plans.",
    "Released plans",
    "/releases/",
)
ROLES = {
    "naive": "last",
    "statistical": "statistical",
    "consensus": "consensus",
    "released": "supply",
}
HELP = {
    "wape": "Sum of absolute errors over what was sold.",
    "bias": "Sum of errors over what was sold. Above zero: too much was planned.",
    "mase": "Mean absolute error in steps of the same month last year. Below 1 beats it.",
    "rmsse": "As MASE but squared, in steps from month to month: large misses count more.",
    "smape": "Mean of 200 % × error over plan plus sales, by cell; from 0 to 200 %.",
    "signal": "Sum of the monthly errors over their mean size. Beyond ±4 the plan leans to one side.",
    "money": "All errors, too much and too little, at the plan's prices.",
}


def measure_columns(of: str = "measures") -> list[Column]:
    """The measures, in the order in which they are read."""
    money = base_currency()
    return [
        Column("money", "Errors", f"{of}.money", "quantity", unit=money, help=HELP["money"]),
        Column("wape", "WAPE", f"{of}.wape", "percent", help=HELP["wape"]),
        Column("bias", "Bias", f"{of}.bias", "percent", help=HELP["bias"]),
        Column("mase", "MASE", f"{of}.mase", "number", help=HELP["mase"]),
        Column("rmsse", "RMSSE", f"{of}.rmsse", "number", help=HELP["rmsse"]),
        Column("smape", "sMAPE", lambda row: _hundredth(row.measures.smape), "percent", help=HELP["smape"]),
        Column(
            "signal",
            "Tracking signal",
            lambda row: signal_word(row.measures.signal),
            "badge",
            tone=lambda row: signal_tone(row.measures.signal),
            help=HELP["signal"],
        ),
        Column("sold", "Sold", f"{of}.sold", "quantity", unit="units"),
        Column("cells", "Cells", f"{of}.cells", "number", help="Demand units times months."),
    ]


def row_columns(level: str, cells_of: Callable[[Row], str]) -> list[Column]:
    """A row's name and its measures; the number of cells leads to them."""
    *measures, cells = measure_columns()
    return [Column("label", LEVELS[level]), *measures, replace(cells, link=cells_of)]


def maker_table(totals: dict[str, Measures]) -> dict[str, Any]:
    """All makers on the same cells."""
    rows = [Row(MAKERS[maker], {}, True, found) for maker, found in totals.items()]
    return plain_table(
        rows, [Column("label", "Said by"), *measure_columns()], caption="All on the same cells", empty=NOTHING
    )


def cell_columns(maker: str) -> list[Column]:
    money = base_currency()
    return [
        Column("product", "Product"),
        Column("code", "Code", kind="code"),
        Column("market", "Market"),
        Column("month", "Month", kind="month"),
        Column("forecast", MAKERS[maker], kind="quantity", unit="units"),
        Column("actual", "Sold", kind="quantity", unit="units"),
        Column("error", "Error", kind="quantity", unit="units", help="Above zero: too much was planned."),
        Column("of_sold", "Of sold", kind="percent"),
        Column("money", "Error", kind="quantity", unit=money, help="At the plan's price."),
    ]


def figures_of(totals: dict[str, Measures], maker: str) -> list[dict[str, Any]]:
    """The chosen maker in four figures, beside what a year ago would have said."""
    if not totals:
        return []
    found, naive = totals[maker], totals["naive"]
    return [
        {
            "label": f"WAPE, {MAKERS[maker].lower()}",
            "value": percent(found.wape, sign=False),
            "change": f"{percent(naive.wape, sign=False)} the same month last year",
            "help": HELP["wape"],
        },
        {"label": "Bias", "value": percent(found.bias), "help": HELP["bias"]},
        {
            "label": "MASE",
            "value": show(found.mase, "number")[0],
            "tone": "warn" if (found.mase or 0) > 1 else "",
            "help": HELP["mase"],
        },
        {
            "label": "Money of the errors",
            "value": short(found.money),
            "unit": base_currency(),
            "help": HELP["money"],
            "title": show(found.money, "quantity")[0],
        },
    ]


def measure_chart(months: dict[str, list[tuple[dt.date, Measures]]], measure: str) -> dict[str, Any]:
    """One measure of every maker, month by month."""
    dates = [month for month, _ in months["consensus"]]
    unit = "%" if measure in SHARES | {"smape"} else (base_currency() if measure == "money" else "")
    series = [
        {
            "name": MAKERS[maker],
            "role": ROLES[maker],
            "values": [_drawn(getattr(found, measure), measure) for _, found in rows],
        }
        for maker, rows in months.items()
    ]
    columns = [Column("month", "Month", lambda row: row[0], "month")]
    columns += [
        Column(maker, MAKERS[maker], _at(place), "number", unit=unit)
        for place, maker in enumerate(months, start=1)
    ]
    values: Any = (one["values"] for one in series)
    rows = list(zip(dates, *values, strict=True))
    return {
        "id": "measure-chart",
        "kind": "line",
        "title": f"{MEASURES[measure]} by month",
        "subtitle": HELP[measure],
        "text": _said(series, dates, unit),
        "data": {"x": [f"{month:%b %y}" for month in dates], "unit": unit, "series": series},
        "table": plain_table(rows, columns, caption=f"{MEASURES[measure]} by month", empty=NOTHING),
    }


def signal_tone(signal: float | None) -> str:
    if signal is None:
        return "quiet"
    return "warn" if abs(signal) > SIGNAL else "good"


def signal_word(signal: float | None) -> str:
    if signal is None:
        return "–"
    number = f"{signal:+.1f}".replace("-", "\u2212")
    return f"{number}, too {'high' if signal > 0 else 'low'}" if abs(signal) > SIGNAL else number


def _at(place: int) -> Any:
    return lambda row: row[place]


def _hundredth(value: float | None) -> float | None:
    return None if value is None else value / 100


def _drawn(value: float | None, measure: str) -> float | None:
    return None if value is None else round(value * (100 if measure in SHARES else 1), 2)


def _said(series: list[dict[str, Any]], dates: list[dt.date], unit: str) -> str:
    """The newest month in words."""
    parts = [f"{one['name']} {one['values'][-1]} {unit}".strip() for one in series]
    return f"{dates[-1]:%b %Y}: {'; '.join(parts)}."
