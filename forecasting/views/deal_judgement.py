"""How well deals are judged: charts and tables of a deal forecast's back-test and revenue."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from core.formats import show
from core.listing import Column, Empty
from core.pages import Section, chart_section, plain_table, table_section
from forecasting.models import DealMethod
from forecasting.selectors.deals import MonthRevenue

LABELS = dict(DealMethod.choices)
ROLES = {"stage": "last", "age": "budget", "hazard": "statistical", "blend": "consensus"}


def _brier(method: str) -> Callable[[dict[str, Any]], Any]:
    return lambda row: _three(row["methods"][method]["brier"])


def _three(score: float) -> Decimal:
    """A score with three decimals: methods often differ in the third."""
    return Decimal(f"{score:.3f}")


MONTH_COLUMNS = [
    Column("month", "Month", kind="month"),
    Column("mean", "Expected from deals", kind="quantity"),
    Column("lower_80", "80 % from", kind="quantity"),
    Column("upper_80", "80 % to", kind="quantity"),
    Column("lower_95", "95 % from", kind="quantity"),
    Column("upper_95", "95 % to", kind="quantity"),
    Column("statistical", "Statistical forecast", kind="quantity"),
]
METHOD_COLUMNS = [
    Column("name", "Method", lambda row: LABELS[row[0]]),
    Column(
        "brier",
        "Brier score",
        lambda row: _three(row[1]["brier"]),
        "factor",
        help="0 is perfect; less is better.",
    ),
    Column("loss", "Log loss", lambda row: _three(row[1]["log_loss"]), "factor"),
    Column("error", "Calibration error", lambda row: row[1]["calibration_error"], "percent"),
    Column(
        "bias",
        "Money bias",
        lambda row: row[1]["money_bias"],
        "percent",
        help="Above zero: more was expected than the deals brought.",
    ),
    Column("expected", "Expected", lambda row: row[1]["money_expected"], "quantity"),
    Column("realised", "Brought", lambda row: row[1]["money_realised"], "quantity"),
]
DAY_COLUMNS = [
    Column("day", "Open on", lambda row: row["day"]),
    Column("deals", "Open deals", lambda row: row["deals"], "number"),
    Column("won", "Won in time", lambda row: row["won"], "number"),
    *(Column(name, f"Brier, {label.lower()}", _brier(name), "factor") for name, label in DealMethod.choices),
]
NOTHING = Empty(
    "Not tested yet",
    "A back-test needs months of closings behind a day and the whole horizon after it. It comes by itself "
    "as deals are won and lost.",
)


def revenue_chart(months: list[MonthRevenue], currency: str) -> dict[str, Any]:
    """What the deals promise by month, with its interval, beside the statistical forecast of revenue."""
    series = [{"name": "From deals", "role": "consensus", "values": [round(m.mean, 2) for m in months]}]
    if any(month.statistical is not None for month in months):
        values = [None if m.statistical is None else round(m.statistical, 2) for m in months]
        series.append({"name": "Statistical forecast", "role": "statistical", "values": values})
    total = sum(month.mean for month in months)
    bands = [
        {
            "name": f"{level} % interval",
            "role": "consensus",
            "low": [round(getattr(m, f"lower_{level}"), 2) for m in months],
            "high": [round(getattr(m, f"upper_{level}"), 2) for m in months],
        }
        for level in (95, 80)
    ]
    told = [f"{m.month:%b %Y} {show(round(m.mean), 'number')[0]}" for m in months]
    return {
        "id": "deal-revenue",
        "kind": "line",
        "title": f"{show(round(total), 'number')[0]} {currency} expected from the open deals",
        "subtitle": f"{currency} by the month in which deals close, with 80 % and 95 % intervals",
        "text": ", ".join(told),
        "data": {
            "x": [f"{m.month:%b %y}" for m in months],
            "unit": currency,
            "series": series,
            "bands": bands,
        },
        "table": plain_table(months, MONTH_COLUMNS, caption="Expected revenue by month", empty=NOTHING),
    }


def backtest_sections(tested: dict[str, Any]) -> list[Section]:
    """The methods side by side, the calibration curve, and month by month."""
    methods = sorted(tested["methods"].items(), key=lambda pair: pair[1]["brier"])
    sections = [
        table_section("Methods on the past", methods, METHOD_COLUMNS, empty=NOTHING, note=tested["verdict"])
    ]
    if not methods:
        return sections
    note = f"{tested['question']}. Each method knew only what was known on that day."
    days = table_section("Month by month", tested["by_day"], DAY_COLUMNS, empty=NOTHING, note=note)
    return [*sections, chart_section("Calibration", _calibration(methods)), days]


def _calibration(methods: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Told against won by the best method: where it is right, points lie on the diagonal. The table behind
    holds all methods."""
    rows = [(name, one) for name, found in methods for one in found["curve"]]
    best, figures = methods[0]
    error = show(figures["calibration_error"], "percent")[0]
    points = [
        {
            "name": f"{LABELS[name]}: {one['deals']} deals",
            "x": round(100 * one["told"], 1),
            "y": round(100 * one["won"], 1),
            "role": ROLES[name],
        }
        for name, one in rows
        if name == best
    ]
    columns = [
        Column("method", "Method", lambda row: LABELS[row[0]]),
        Column("deals", "Deals", lambda row: row[1]["deals"], "number"),
        Column("told", "Mean chance", lambda row: row[1]["told"], "percent"),
        Column("won", "Share won", lambda row: row[1]["won"], "percent"),
    ]
    return {
        "id": "calibration",
        "kind": "scatter",
        "title": f"{LABELS[best]}: chances are {error} from the share that was won",
        "subtitle": "Deals in groups of like chance: where both are equal, the chance was right",
        "text": f"{LABELS[best]} is the closest to what was won, by {error} on average.",
        "data": {
            "unit_x": "%",
            "unit_y": "%",
            "label_x": "Chance that was told",
            "label_y": "Share that was won",
            "points": points,
        },
        "table": plain_table(rows, columns, caption="Calibration by method", empty=NOTHING),
    }
